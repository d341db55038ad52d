/**
 * Patterns with `*` (any characters, also none) and `?` (exactly one character), as lists of parts: literal text
 * or one of two marks. Matching goes back to the last `*` only, so it takes at most pattern × text steps.
 */

/** `*` */
export const ANY = 0;
/** `?` */
export const ONE = 1;

export type GlobPart = string | typeof ANY | typeof ONE;
export type Glob = readonly GlobPart[];

export function isLiteral(glob: Glob): boolean {
  return glob.every((part) => typeof part === 'string');
}

/** The text of a pattern without wildcards. */
export function globLiteral(glob: Glob): string {
  return glob.join('');
}

/** Whether the pattern is `*` alone, which every text matches. */
export function isAnything(glob: Glob): boolean {
  return glob.length > 0 && glob.every((part) => part === ANY);
}

/**
 * Reads a word as it was typed: `*` and `?` are wildcards, a backslash takes the meaning from what follows it.
 * Before an ordinary character a backslash is itself, so that `C:\temp` needs no doubling.
 */
export function parseGlob(raw: string): Glob {
  const parts: GlobPart[] = [];
  let literal = '';
  const flush = (): void => {
    if (literal !== '') parts.push(literal);
    literal = '';
  };
  for (let index = 0; index < raw.length; index += 1) {
    const character = raw.charAt(index);
    if (character === '\\' && index + 1 < raw.length) {
      index += 1;
      literal += unescaped(raw.charAt(index));
    } else if (character === '*' || character === '?') {
      flush();
      if (character === '?') parts.push(ONE);
      else if (parts.at(-1) !== ANY) parts.push(ANY);
    } else literal += character;
  }
  flush();
  return parts;
}

/** A word in which wildcards have no meaning, without its backslashes. */
export function unescapeLiteral(raw: string): string {
  return raw.replace(/\\([^])/g, (_found, character: string) => unescaped(character));
}

function unescaped(character: string): string {
  return /[\p{L}\p{N}\p{Surrogate}]/u.test(character) ? `\\${character}` : character;
}

/** A matcher for whole texts. */
export function globMatcher(glob: Glob): (text: string) => boolean {
  const [first, second, third] = glob;
  if (glob.length === 1 && typeof first === 'string') return (text) => text === first;
  if (glob.length === 2 && typeof first === 'string' && second === ANY)
    return (text) => text.startsWith(first);
  if (glob.length === 2 && first === ANY && typeof second === 'string')
    return (text) => text.endsWith(second);
  if (glob.length === 3 && first === ANY && typeof second === 'string' && third === ANY) {
    return (text) => text.includes(second);
  }
  return (text) => matchesGlob(glob, text);
}

function matchesGlob(glob: Glob, text: string): boolean {
  let part = 0;
  let at = 0;
  // Where to go on after the last `*` when what follows it does not fit.
  let retryPart = -1;
  let retryAt = 0;
  for (;;) {
    const current = glob[part];
    if (current === ANY) {
      retryPart = part + 1;
      retryAt = at;
      part += 1;
      continue;
    }
    const end = current === undefined ? (at === text.length ? at : -1) : partEnd(current, text, at);
    if (end !== -1) {
      if (current === undefined) return true;
      part += 1;
      at = end;
      continue;
    }
    if (retryPart === -1 || retryAt >= text.length) return false;
    retryAt += characterLength(text, retryAt);
    part = retryPart;
    at = retryAt;
  }
}

/** Where a literal or `?` that matches at `at` ends, or -1. */
function partEnd(part: string | typeof ONE, text: string, at: number): number {
  if (part === ONE) return at < text.length ? at + characterLength(text, at) : -1;
  return text.startsWith(part, at) ? at + part.length : -1;
}

function characterLength(text: string, at: number): number {
  return (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
}

/** The pattern for SQL's LIKE. */
export function globToLike(glob: Glob): string {
  return glob
    .map((part) => (part === ANY ? '%' : part === ONE ? '_' : part.replace(/[\\%_]/g, String.raw`\$&`)))
    .join('');
}
