/**
 * A bare word is also looked for as a whole value. Which columns can hold it shows in its shape: only an id-like word
 * is compared with ids, only a path with paths. So an ordinary word reads few columns, and one index for each.
 */
import { ID_CHARS_MIN } from './limits.js';

export interface Shape {
  /** `/api/pay`: `url.path` and `http.route`. */
  readonly path: boolean;
  /** `10.0.0.1`, `2001:db8::1`: `client.address`. */
  readonly address: boolean;
  /** At least `ID_CHARS_MIN` characters with a digit among them: trace, span, session and user ids. */
  readonly id: boolean;
}

export function shapeOf(text: string): Shape {
  return {
    path: text.startsWith('/'),
    address: /^[0-9a-f]*(?:[.:]+[0-9a-f]+)+:*$/i.test(text),
    id: text.length >= ID_CHARS_MIN && /[0-9]/.test(text),
  };
}

export const PATH_COLUMNS: readonly string[] = ['url.path', 'http.route'];
export const ADDRESS_COLUMN = 'client.address';
