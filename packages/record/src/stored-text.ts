/**
 * The text rule: how a typed value becomes one string and comes back as what it was.
 *
 * The engine keeps attributes as text. Numbers, booleans, null, arrays and `{}` are kept as their JSON; a
 * string is kept as it is, so that it can be searched and read plainly. Only a string that would itself read
 * as JSON (`7`, `true`, `{…`) is kept as JSON text with its quotes. So the string "7" stays apart from the
 * number 7.
 */
import type { FlatValue, Json } from './types.js';

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** Whether a stored text is JSON and not a plain string. */
export function readsAsJson(text: string): boolean {
  const first = text.charCodeAt(0);
  if (first >= 0x30 && first <= 0x39) return NUMBER.test(text);
  switch (first) {
    case 0x22: // "
    case 0x5b: // [
    case 0x7b: // {
      return true;
    case 0x2d: // -
      return NUMBER.test(text);
    case 0x74: // t
      return text === 'true';
    case 0x66: // f
      return text === 'false';
    case 0x6e: // n
      return text === 'null';
    default:
      return false;
  }
}

/** Typed value → the text that the engine's map holds. */
export function toStoredText(value: FlatValue): string {
  if (typeof value === 'string') return readsAsJson(value) ? JSON.stringify(value) : value;
  return JSON.stringify(value) ?? 'null';
}

/** The text that the engine's map holds → typed value. Text that no writer of ours makes stays a string. */
export function fromStoredText(text: string): FlatValue {
  if (!readsAsJson(text)) return text;
  try {
    const value: Json = JSON.parse(text);
    return isLeaf(value) ? value : text;
  } catch {
    return text;
  }
}

function isLeaf(value: Json): value is FlatValue {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return true;
  return Object.keys(value).length === 0;
}
