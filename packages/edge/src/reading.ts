/** What came of one line: the fields of a record, or the reason why a line that looks like an edge's is kept as text. */
import type { Fields } from './values.js';

export type EdgeReading = { readonly fields: Fields } | { readonly unparsed: string };

export interface EdgeOptions {
  /** Times without a zone (HAProxy's) are UTC; otherwise of this machine. */
  readonly utc: boolean;
  /** The beginning of the file: CloudFront names its fields there. */
  readonly head?: string;
}
