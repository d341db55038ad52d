/** Single values of the fast encoder: which texts need no escape, which values fit a place, how numbers are written. */
import { fitsKnown } from '@sillok/record';
import { PLACES } from './paths.js';

/** Up to here a loop over the characters beats a pattern. */
const LOOP_LENGTH = 48;
const NOT_PLAIN = /[\u0000-\u001f"\\\ud800-\uffff]/;
const SPACE = 0x20;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SURROGATE_FIRST = 0xd800;
const THOUSAND = 1000;
const BILLION = 1e9;
const THREE_DIGITS = Array.from({ length: THOUSAND }, (_, value) => String(value).padStart(3, '0'));
const SMALL_NUMBERS = Array.from({ length: THOUSAND }, (_, value) => String(value));
/** `.5` for 500 thousandths. */
const DECIMALS = THREE_DIGITS.map((digits) => `.${digits.replace(/0+$/, '')}`);

/**
 * A finite number as JavaScript itself writes it. Whole numbers below a thousand million, and those with up to three
 * decimals, are put together from pieces, which takes a fifth of the time: the runtime keeps a cache of numbers as text,
 * and ids and times wash it out. A decimal of at most fifteen digits that reads as the number is its shortest form.
 */
export function numberJson(value: number): string {
  if (!(value >= 0 && value < BILLION)) return String(value);
  const whole = Math.trunc(value);
  if (whole === value) return wholeJson(whole);
  const thousandths = Math.round(value * THOUSAND);
  if (thousandths / THOUSAND !== value) return String(value);
  return wholeJson(whole) + (DECIMALS[thousandths - whole * THOUSAND] ?? '');
}

function wholeJson(value: number): string {
  if (value < THOUSAND) return SMALL_NUMBERS[value] ?? '';
  const thousands = Math.trunc(value / THOUSAND);
  const rest = THREE_DIGITS[value - thousands * THOUSAND] ?? '';
  if (thousands < THOUSAND) return (SMALL_NUMBERS[thousands] ?? '') + rest;
  const millions = Math.trunc(thousands / THOUSAND);
  return (SMALL_NUMBERS[millions] ?? '') + (THREE_DIGITS[thousands - millions * THOUSAND] ?? '') + rest;
}

/** A text that stands in JSON as it is. */
export function isPlain(text: string): boolean {
  const length = text.length;
  if (length > LOOP_LENGTH) return !NOT_PLAIN.test(text);
  for (let index = 0; index < length; index += 1) {
    const code = text.charCodeAt(index);
    if (code < SPACE || code === QUOTE || code === BACKSLASH || code >= SURROGATE_FIRST) return false;
  }
  return true;
}

/** Whether a place takes the value: the record's own rule. */
export function fits(place: number, value: string | number): boolean {
  const type = PLACES[place]?.type;
  return type !== undefined && fitsKnown(value, type);
}

export function hasAny(object: object, keys: readonly string[]): boolean {
  return keys.some((key) => Object.hasOwn(object, key));
}
