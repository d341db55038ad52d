/** Whether two leaves of flattened objects are the same JSON. Keys of objects inside arrays may come in any order. */
import type { Json } from './types.js';

export function isSameValue(left: Json, right: Json): boolean {
  if (left === right) return true;
  // The text of a string is that of no other value.
  if (typeof left === 'string' || typeof right === 'string') return false;
  return JSON.stringify(left, sortedKeys) === JSON.stringify(right, sortedKeys);
}

function sortedKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
