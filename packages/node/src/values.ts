/** Single values of the fast encoder: which texts need no escape, which values fit a place, how numbers are written. */
import { quote, readsAsJson } from '@sillok/record';
import { PLACES } from './paths.js';

/** Up to here a loop over the characters beats a pattern. */
const LOOP_LENGTH = 48;
const NOT_PLAIN = /[\u0000-\u001f"\\\ud800-\uffff]/;
const SPACE = 0x20;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SURROGATE_FIRST = 0xd800;
const SMALL_NUMBERS: readonly string[] = Array.from({ length: 1024 }, (_, value) => String(value));
const UINT16_LARGEST = 65_535;

/** Most numbers are small and whole; for others the runtime keeps a cache, which ids and times wash out. */
export function numberJson(value: number): string {
  return SMALL_NUMBERS[value] ?? String(value);
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

export function fitsText(place: number, text: string): boolean {
  const type = PLACES[place]?.type;
  return text !== '' && (type === 'keyword' || type === 'text');
}

export function fitsNumber(place: number, value: number): boolean {
  const type = PLACES[place]?.type;
  if (type === 'float64') return true;
  return type === 'uint16' && Number.isInteger(value) && value >= 1 && value <= UINT16_LARGEST;
}

/** A text under `attributes`: one that reads as JSON is written as JSON, so that "7" stays apart from 7. */
export function encodeText(text: string): string {
  return readsAsJson(text) ? JSON.stringify(quote(text)) : quote(text);
}

export function hasAny(object: object, keys: readonly string[]): boolean {
  return keys.some((key) => Object.hasOwn(object, key));
}
