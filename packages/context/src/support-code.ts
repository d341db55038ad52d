/**
 * The support code: eight characters that a customer can read out from an error page, `7K3M-9QX4`, and that lead to the
 * trace. The first seven are the last 35 bits of the trace's id in Crockford's base32 (the last, because some systems put
 * a time or zeros in front); the eighth checks them. It is found without having been stored, and anybody who knows the
 * trace's id can show it: a browser, an edge, an error page.
 *
 * The check is a sum over GF(32) with a weight per place, so any one wrong character and any two that changed places are
 * noticed. I and L are read as 1, O as 0, in any case, with or without dash.
 */

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const CODE_CHARACTERS = 7;
const BITS = 5;
const LOW_HEX_DIGITS = 9;
/** x^5 + x^2 + 1 makes x a generator of all 31 weights. */
const FIELD = 0b100101;

/** `7K3M-9QX4` of a trace id of 32 hex digits. */
export function supportCodeOf(traceId: string): string {
  // 36 bits fit a number exactly; the highest of them is not part of the code.
  let bits = Number.parseInt(traceId.slice(-LOW_HEX_DIGITS), 16) % 2 ** (CODE_CHARACTERS * BITS);
  const values: number[] = [];
  for (let place = 0; place < CODE_CHARACTERS; place += 1) {
    values.unshift(bits % 32);
    bits = Math.floor(bits / 32);
  }
  const text = [...values, checkOf(values)].map((value) => ALPHABET.charAt(value)).join('');
  return `${text.slice(0, 4)}-${text.slice(4)}`;
}

/** The code as it is written, from what somebody typed. Undefined when it is none, or holds a typing error. */
export function readSupportCode(typed: string): string | undefined {
  const text = typed
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[\s\p{Pd}]/gu, '');
  const clean = text.replaceAll('O', '0').replace(/[IL]/g, '1');
  if (clean.length !== CODE_CHARACTERS + 1) return undefined;
  const values = [...clean].map((character) => ALPHABET.indexOf(character));
  if (values.includes(-1)) return undefined;
  if (checkOf(values.slice(0, CODE_CHARACTERS)) !== values[CODE_CHARACTERS]) return undefined;
  return `${clean.slice(0, 4)}-${clean.slice(4)}`;
}

function checkOf(values: readonly number[]): number {
  let check = 0;
  for (const value of values) check = timesX(check ^ value);
  return check;
}

function timesX(value: number): number {
  const doubled = value << 1;
  return doubled > 31 ? doubled ^ FIELD : doubled;
}
