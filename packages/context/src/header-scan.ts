/**
 * Whether a request has any of some headers, seen from the list of names and values as they came: most requests have none, and
 * to learn that by asking for each costs more than all the rest of reading the context.
 */

/** Of a list of names and values in turn, names in any case. */
export type HeaderScan = (rawHeaders: readonly string[]) => boolean;

const LOWER = 0x20;

/** `names` in lower case. */
export function createHeaderScan(names: readonly string[]): HeaderScan {
  const byLength: string[][] = [];
  for (const name of names) (byLength[name.length] ??= []).push(name);
  return (rawHeaders) => {
    for (let index = 0; index < rawHeaders.length; index += 2) {
      const name = rawHeaders[index] ?? '';
      const wanted = byLength[name.length];
      if (wanted !== undefined && isAmong(wanted, name)) return true;
    }
    return false;
  };
}

/** First and last character rule out nearly all others of the same length. */
function isAmong(wanted: readonly string[], name: string): boolean {
  const end = name.length - 1;
  const first = name.charCodeAt(0) | LOWER;
  const last = name.charCodeAt(end) | LOWER;
  for (const each of wanted) {
    if (first === (each.charCodeAt(0) | LOWER) && last === (each.charCodeAt(end) | LOWER)) {
      if (name.toLowerCase() === each) return true;
    }
  }
  return false;
}
