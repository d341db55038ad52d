/**
 * Dotted paths. A dot inside a key is written `\.` and a backslash `\\`, so every path has one reading. A
 * lone surrogate in a key, which no UTF-8 file can hold, is written `\uD800`: distinct keys stay distinct.
 */

const SPECIAL = /[.\\]|\p{Surrogate}/u;
const SPECIAL_ALL = /[.\\]|\p{Surrogate}/gu;
const ESCAPED_ALL = /\\(?:u([0-9a-f]{4})|([^]))/g;

/** One key → one segment of a path. */
export function escapeKey(key: string): string {
  if (!SPECIAL.test(key)) return key;
  return key.replace(SPECIAL_ALL, (found) =>
    found === '.' || found === '\\' ? `\\${found}` : `\\u${found.charCodeAt(0).toString(16)}`,
  );
}

/** A path from elsewhere, as a file can hold it. */
export function escapeSurrogates(path: string): string {
  return path.replace(/\p{Surrogate}/gu, (found) => `\\u${found.charCodeAt(0).toString(16)}`);
}

function unescapeSegment(segment: string): string {
  return segment.replace(ESCAPED_ALL, (_found, code: string | undefined, plain: string | undefined) =>
    code === undefined ? (plain ?? '') : String.fromCharCode(parseInt(code, 16)),
  );
}

/** A path → the keys that lead to its leaf. */
export function splitPath(path: string): string[] {
  if (!path.includes('\\')) return path.split('.');
  const keys: string[] = [];
  let start = 0;
  for (let index = 0; index < path.length; index += 1) {
    const code = path.charCodeAt(index);
    if (code === 0x5c) index += 1;
    else if (code === 0x2e) {
      keys.push(unescapeSegment(path.slice(start, index)));
      start = index + 1;
    }
  }
  keys.push(unescapeSegment(path.slice(start)));
  return keys;
}
