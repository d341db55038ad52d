/** A copy of a value with some paths hidden. That they differ stays visible: equal values are hidden alike, others are not. */
import { createHash } from 'node:crypto';

const TAG_LENGTH = 8;

export function hidePaths(value: unknown, paths: readonly string[]): unknown {
  return paths.reduce((hidden, path) => hidePath(hidden, path.split('.')), value);
}

function hidePath(value: unknown, [key, ...rest]: readonly string[]): unknown {
  if (key === undefined) return value === undefined || value === null ? value : `[hidden ${tagOf(value)}]`;
  if (Array.isArray(value)) return value.map((each: unknown) => hidePath(each, [key, ...rest]));
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return value;
  return { ...value, [key]: hidePath(Reflect.get(value, key), rest) };
}

/** Tells two values apart and nothing more: the process's own random bytes are in it, so that it cannot be looked up. */
function tagOf(value: unknown): string {
  return createHash('sha256')
    .update(salt)
    .update(JSON.stringify(value) ?? '')
    .digest('hex')
    .slice(0, TAG_LENGTH);
}

const salt = createHash('sha256')
  .update(crypto.getRandomValues(new Uint8Array(32)))
  .digest();
