/**
 * Secrets and personal numbers inside texts. Each pattern is precise (checksums, dates, boundaries), because
 * a redactor that eats order numbers gets switched off. `isSuspicious` is the cheap question before them all.
 */

import { SUSPICIOUS_LENGTH_MIN, TOKEN_LENGTH_MIN } from './limits.js';

export interface Pattern {
  readonly kind: string;
  readonly expression: RegExp;
  /** The text to write for a match, or the match itself when it is none after all. */
  readonly replace: (match: string, groups: readonly string[]) => string;
}

function whole(kind: string): Pattern['replace'] {
  return () => `(redacted:${kind})`;
}

/** Keeps what stands before the secret, so that a reader sees what was there. */
function afterFirst(kind: string): Pattern['replace'] {
  return (_match, groups) => `${groups[0] ?? ''}(redacted:${kind})`;
}

/** The check digit of card numbers (ISO/IEC 7812-1). */
export function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let index = 0; index < digits.length; index += 1) {
    const digit = Number(digits.charAt(digits.length - 1 - index));
    const doubled = index % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

/**
 * Prefix and length of the issuers: Visa, Mastercard, Amex, Discover, JCB, Diners, UnionPay, Korean domestic.
 */
const ISSUERS =
  /^(?:4(?:\d{12}|\d{15}|\d{18})|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}|6(?:011|5\d\d|4[4-9]\d)\d{12}|35(?:2[89]|[3-8]\d)\d{12}|3(?:0[0-5]|[68]\d)\d{11}|62\d{14,17}|9[0-9]\d{14})$/;

export function isCardNumber(digits: string): boolean {
  return ISSUERS.test(digits) && passesLuhn(digits);
}

/**
 * Finds the card among groups of digits: what stands before or after it (`2 4111 …`) may look like part of
 * it.
 */
function cardReplace(match: string): string {
  const groups = match.split(/(?<=[ -])/);
  for (let from = 0; from < groups.length; from += 1) {
    for (let to = groups.length; to > from; to -= 1) {
      const candidate = groups.slice(from, to).join('').trimEnd();
      if (!isCardNumber(candidate.replace(/\D/g, ''))) continue;
      const rest = match.slice(groups.slice(0, from).join('').length + candidate.length);
      return `${groups.slice(0, from).join('')}(redacted:card)${rest}`;
    }
  }
  return match;
}

const RESIDENT_WEIGHTS = [2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5];

/** The check digit that Korean resident numbers had until October 2020; foreigners' numbers add 2. */
function passesResidentCheck(digits: string): boolean {
  const sum = RESIDENT_WEIGHTS.reduce(
    (total, weight, index) => total + weight * Number(digits.charAt(index)),
    0,
  );
  const isForeigner = Number(digits.charAt(6)) >= 5;
  return (11 - (sum % 11) + (isForeigner ? 2 : 0)) % 10 === Number(digits.charAt(12));
}

function isResidentDate(digits: string): boolean {
  const century = '1256'.includes(digits.charAt(6)) ? '19' : '20';
  const date = `${century}${digits.slice(0, 2)}-${digits.slice(2, 4)}-${digits.slice(4, 6)}`;
  const ms = Date.parse(`${date}T00:00:00Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(date);
}

/**
 * With its hyphen a number is taken by its date alone, since newer ones have no check digit; without, by
 * both.
 */
function residentReplace(match: string): string {
  const digits = match.replace(/\D/g, '');
  const isNumber = isResidentDate(digits) && (match.length > 13 || passesResidentCheck(digits));
  return isNumber ? '(redacted:resident_number)' : match;
}

/** Not inside a longer word or number. */
const START = '(?<![0-9A-Za-z_]|\\d[.-])';
const END = '(?![0-9A-Za-z_]|[.-]\\d)';

const SECRET_NAME =
  '(?:pass(?:word|wd|phrase)|pwd|secret(?:[_-]?key)?|(?:access|auth|refresh|api|id|client)[_-]?(?:token|key|secret)|private[_-]?key|비밀번호)';

export const PATTERNS: readonly Pattern[] = [
  {
    kind: 'private_key',
    expression: /-----BEGIN [A-Z ]*PRIVATE KEY-----[^]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
    replace: whole('private_key'),
  },
  {
    kind: 'token',
    expression: /\b((?:[Bb]earer|BEARER|[Bb]asic|BASIC) +)(?=[\w+/.~-]*\d)[\w+/.~-]{8,}=*/g,
    replace: afterFirst('token'),
  },
  { kind: 'jwt', expression: /\beyJ[\w-]{8,}\.[\w-]{4,}(?:\.[\w-]*)?/g, replace: whole('jwt') },
  {
    kind: 'secret',
    expression: new RegExp(
      [
        '\\b(?:A[KS]IA[0-9A-Z]{16}',
        'AIza[\\w-]{35}',
        'gh[pousr]_[0-9A-Za-z]{30,}',
        'github_pat_\\w{22,}',
        'glpat-[\\w-]{20,}',
        'xox[abeprs]-[0-9A-Za-z-]{10,}',
        '[sr]k_(?:live|test)_[0-9A-Za-z]{16,}',
        'sk-[\\w-]{20,}',
        'npm_[0-9A-Za-z]{36}',
        'ya29\\.[\\w-]{20,}',
        'SG\\.[\\w-]{16,}\\.[\\w-]{16,})',
      ].join('|'),
      'g',
    ),
    replace: whole('secret'),
  },
  {
    kind: 'secret',
    expression: /(hooks\.slack\.com\/services\/)[\w/]{20,}/g,
    replace: afterFirst('secret'),
  },
  { kind: 'password', expression: /(:\/\/[^\s/:@]*:)[^\s/@]+(?=@)/g, replace: afterFirst('password') },
  {
    kind: 'secret',
    expression: new RegExp(`(${SECRET_NAME}["']?[=:] ?["']?)(?!\\(redacted)[^\\s&"',;}{)]+`, 'gi'),
    replace: afterFirst('secret'),
  },
  {
    kind: 'resident_number',
    expression: new RegExp(
      `${START}\\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\\d|3[01])[- ]?[1-8]\\d{6}${END}`,
      'g',
    ),
    replace: residentReplace,
  },
  {
    kind: 'card',
    expression: new RegExp(`${START}[2-69](?:[ -]?\\d){12,18}${END}`, 'g'),
    replace: cardReplace,
  },
  {
    kind: 'phone',
    expression: new RegExp(
      `(?:${START}|(?<=\\+))(?:82[- .]?(?:\\(0\\)|0)?(?:1[016-9]|2|[3-6]\\d|70)|01[016-9]|0(?:2|[3-6]\\d|70)(?=[- .]))[- .]?\\d{3,4}[- .]?\\d{4}${END}`,
      'g',
    ),
    replace: whole('phone'),
  },
];

export const EMAIL: Pattern = {
  kind: 'email',
  expression: /[\w.+-]{1,64}@(?:[0-9A-Za-z-]{1,63}\.){1,8}[A-Za-z]{2,24}/g,
  replace: whole('email'),
};

/** Nine digits with at most a separator here and there: cards, resident numbers, phone numbers. */
const DIGITS = '(?<![0-9A-Za-z])\\d{2,}[ .-]?\\d{3,4}[ .-]?\\d{4}';

/** How tokens begin. */
const TOKENS =
  'eyJ|A[KS]IA|AIza|gh[pousr]_|github_pat|glpat-|xox[abeprs]-|[sr]k[-_]|npm_|ya29\\.|SG\\.|-----B|slack\\.com\\/s|[Bb]earer |BEARER |[Bb]asic |BASIC ';

const SHORT = new RegExp(DIGITS);
const LONG = new RegExp(`${DIGITS}|${TOKENS}`);
// The last letters of every name of a secret, as ignoring case would cost more than all the rest; and
// passwords in URLs.
const PAIR = /(?:rd|RD|wd|WD|se|SE|et|ET|ey|EY|en|EN|호)["']?[=:]|:\/\/[^\s/]*@/;

/**
 * What every pattern implies. A text that is not suspicious is clean. Three questions in place of one
 * expression: it would try a dozen beginnings at each character, also in the short texts where no token fits.
 */
export function isSuspicious(text: string): boolean {
  if (text.length < SUSPICIOUS_LENGTH_MIN) return false;
  if ((text.length < TOKEN_LENGTH_MIN ? SHORT : LONG).test(text)) return true;
  return (text.includes('=') || text.includes(':')) && PAIR.test(text);
}
