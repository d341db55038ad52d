/**
 * Removes secrets before the first byte is written: by key at any depth (`password`, `authorization`), by
 * path, and by pattern inside texts. A clean record must cost almost nothing, so the answer for a path is
 * remembered, and a text meets the patterns only when a cheap question says that it may hold one.
 */
import { AUDIT_DIFF, auditImagesOf } from './audit-entry.js';
import { isShallow } from './json-text.js';
import { KNOWN_ATTRIBUTES } from './known.js';
import { CARD_NUMBER_MIN, KEY_CACHE_LENGTH_MAX, KEY_CACHE_MAX } from './limits.js';
import { splitPath } from './path.js';
import { EMAIL, isCardNumber, isSuspicious, PATTERNS } from './redact-patterns.js';
import type { Pattern } from './redact-patterns.js';
import type { FlatAttributes, FlatRecord, FlatValue, Json } from './types.js';

/** What stands where a covered value was. */
export const REDACTED = '(redacted)';

export interface RedactorOptions {
  /** Further keys that hide their value wherever they stand; case, `-` and `_` do not count. */
  readonly keys?: readonly string[];
  /** Whether texts are searched for secrets and personal numbers. Default: yes. */
  readonly patterns?: boolean;
  /** Whether e-mail addresses are among them. Default: no, since they are often the only name of a user. */
  readonly email?: boolean;
  /** Dotted paths whose value, and everything below it, is hidden; `*` stands for one key. */
  readonly paths?: readonly string[];
}

export interface Redactor {
  /** Changes the record in place. Adds nothing to a clean one. */
  redact(record: FlatRecord): FlatRecord;
  redactAttributes(attributes: FlatAttributes): void;
  redactText(text: string): string;
  /** Arrays and what is in them. Answers the same value when it is clean. */
  redactTree(value: Json, path?: string): Json;
  /** Whether the value at that path is hidden as a whole. */
  covers(path: string): boolean;
}

/** Exact names, normalised. */
const KEYS: readonly string[] = [
  'pwd',
  'token',
  'idtoken',
  'sessiontoken',
  'apitoken',
  'authtoken',
  'cookie',
  'setcookie',
  'credentials',
  'cardnumber',
  'cvc',
  'cvv',
  'ssn',
  'rrn',
  'residentnumber',
  'residentregistrationnumber',
  'juminno',
  '주민등록번호',
  '주민번호',
  '비밀번호',
  '카드번호',
];

/** Ends of names: `userPassword`, `db_password`, `x-api-key`. */
const ENDINGS =
  /(?:password|passwd|passphrase|secret|secretkey|privatekey|apikey|accesskey|accesstoken|refreshtoken|authorization)$/;

/** Whether a number would be a card if it were written as text. */
export function isRedactable(value: number): boolean {
  return value >= CARD_NUMBER_MIN && Number.isSafeInteger(value) && isCardNumber(String(value));
}

function normaliseKey(key: string): string {
  return key.toLowerCase().replace(/[-_\s]/g, '');
}

export function createRedactor(options: RedactorOptions = {}): Redactor {
  const covers = createCover(options);
  const redactText =
    options.patterns === false ? (text: string): string => text : createTextRedactor(options);
  const hasPatterns = options.patterns !== false;

  function redactValue(value: FlatValue, path: string): FlatValue {
    if (covers(path)) return isBlank(value) ? value : REDACTED;
    if (typeof value === 'string') return redactText(value);
    if (typeof value === 'number') return hasPatterns && isRedactable(value) ? '(redacted:card)' : value;
    if (typeof value !== 'object' || value === null) return value;
    // An array stays an array, and `{}` stays empty.
    return redactTree(value, path) as FlatValue;
  }

  function redactTree(value: Json, path = ''): Json {
    if (typeof value !== 'object' || value === null) return redactValue(value, path);
    if (!isShallow(value)) return REDACTED;
    return walkTree(value, path, (leaf, leafPath) => redactValue(leaf, leafPath));
  }

  /** An audit record says what it was before and after a second time, field by field: what is hidden there is hidden here. */
  function redactDiff(value: FlatValue): FlatValue {
    const clean = redactValue(value, AUDIT_DIFF);
    if (!Array.isArray(clean)) return clean;
    const hidden = clean.map((each: Json) => (isHiddenChange(each, covers) ? withoutSides(each) : each));
    return hidden.some((each, index) => each !== clean[index]) ? hidden : clean;
  }

  function redactAttributes(attributes: FlatAttributes): void {
    for (const path in attributes) {
      const value = attributes[path];
      if (value === undefined) continue;
      const clean = path === AUDIT_DIFF ? redactDiff(value) : redactValue(value, path);
      if (clean !== value) attributes[path] = clean;
    }
  }

  function redact(record: FlatRecord): FlatRecord {
    record.message = redactText(record.message);
    for (const { name } of KNOWN_ATTRIBUTES) {
      const value = record[name];
      // A known attribute is a string or a number.
      if (value !== undefined) record[name] = redactValue(value as FlatValue, name);
    }
    if (record.attributes !== undefined) redactAttributes(record.attributes);
    return record;
  }

  return { redact, redactAttributes, redactText, redactTree, covers };
}

type Change = { readonly [key: string]: Json };

function isHiddenChange(value: Json, covers: (path: string) => boolean): value is Change {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const { path } = value as Change; // an object that is no list
  return typeof path === 'string' && auditImagesOf(path).some(covers);
}

/** That the field changed stays, what it was does not. */
function withoutSides(change: Change): Json {
  const sides = Object.entries(change).map(([key, value]) => {
    const isShown = !['before', 'after'].includes(key) || value === null || value === '';
    return [key, isShown || typeof value === 'boolean' ? value : REDACTED];
  });
  return Object.fromEntries(sides) as Json; // of values that were JSON before
}

/** Values that hide nothing: their absence is worth knowing. */
function isBlank(value: FlatValue): boolean {
  return value === null || value === '' || typeof value === 'boolean';
}

/** Maps the leaves of arrays and objects; the same value when none changes. Depth was checked. */
function walkTree(value: Json, path: string, map: (leaf: FlatValue, path: string) => FlatValue): Json {
  if (typeof value !== 'object' || value === null) return map(value, path);
  if (Array.isArray(value)) {
    const mapped = value.map((item: Json) => walkTree(item, path, map));
    return mapped.every((item, index) => item === value[index]) ? value : mapped;
  }
  const entries = Object.entries(value);
  const mapped = entries.map(
    ([key, item]) => [key, walkTree(item, `${path}.${key.replaceAll('.', '\\.')}`, map)] as const,
  );
  return mapped.every(([, item], index) => item === entries[index]?.[1]) ? value : Object.fromEntries(mapped);
}

/** Answers by path, and remembers: services use few distinct paths. */
function createCover(options: RedactorOptions): (path: string) => boolean {
  const keys = new Set([...KEYS, ...(options.keys ?? [])].map(normaliseKey));
  const patterns = (options.paths ?? []).map(splitPath);
  const answers = new Map<string, boolean>();

  function decide(path: string): boolean {
    const segments = splitPath(path);
    const names = segments.map(normaliseKey);
    if (names.some((name) => keys.has(name) || ENDINGS.test(name))) return true;
    return patterns.some((pattern) => isAtOrBelow(segments, pattern));
  }

  return (path) => {
    const known = answers.get(path);
    if (known !== undefined) return known;
    const answer = decide(path);
    if (answers.size >= KEY_CACHE_MAX) answers.clear();
    if (path.length <= KEY_CACHE_LENGTH_MAX) answers.set(path, answer);
    return answer;
  };
}

function isAtOrBelow(segments: readonly string[], pattern: readonly string[]): boolean {
  return (
    pattern.length <= segments.length &&
    pattern.every((name, index) => name === '*' || name === segments[index])
  );
}

function createTextRedactor(options: RedactorOptions): (text: string) => string {
  const patterns = options.email ? [...PATTERNS, EMAIL] : PATTERNS;
  const { email = false } = options;
  return (text) =>
    isSuspicious(text) || (email && text.includes('@')) ? patterns.reduce(applyPattern, text) : text;
}

function applyPattern(text: string, pattern: Pattern): string {
  return text.replace(pattern.expression, (match: string, ...groups: unknown[]) =>
    pattern.replace(
      match,
      groups.filter((group) => typeof group === 'string'),
    ),
  );
}
