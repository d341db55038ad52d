/** The fields of a log line in JSON, taken one by one under any of their names; what nobody took stays under its own. */
import { isIdName, isOwnIdName, readIds } from './ids.js';
import { COVERED, isSecretName } from './secrets.js';
import type { Fields } from './values.js';
import { given, tryNumber } from './values.js';

export interface Bag {
  has(...names: readonly string[]): boolean;
  /** The first of these that is there as a text or a number; `-` and the empty text are nothing. */
  text(...names: readonly string[]): string | undefined;
  number(...names: readonly string[]): number | undefined;
  /** All ids, under whatever name. */
  ids(): Fields;
  /** Taken without a look: what other fields say already, and what must not be kept. */
  drop(...names: readonly string[]): void;
  /** What is left, without secrets. */
  rest(): Fields;
}

export function createBag(object: Fields): Bag {
  const left = new Map<string, unknown>(Object.entries(object));

  function text(...names: readonly string[]): string | undefined {
    let first: string | undefined;
    for (const name of names) {
      const value = left.get(name);
      if (typeof value !== 'string' && typeof value !== 'number') continue;
      left.delete(name);
      first ??= given(String(value).trim());
    }
    return first;
  }

  return {
    has: (...names) => names.some((name) => left.has(name)),
    text,
    number: (...names) => tryNumber(text(...names)),
    ids() {
      const named: [string, string][] = [];
      for (const [name, value] of left) {
        if (!isIdName(name) || typeof value !== 'string') continue;
        left.delete(name);
        named.push([name, value]);
      }
      return readIds(named);
    },
    drop(...names) {
      for (const name of names) left.delete(name);
    },
    rest() {
      const kept = [...left].filter(([, value]) => value !== '' && value !== '-' && value !== null);
      const named = kept.map(([name, value]) => [isOwnIdName(name) ? `edge.${name}` : name, value] as const);
      return Object.fromEntries(named.map(([name, value]) => [name, isSecretName(name) ? COVERED : value]));
    },
  };
}
