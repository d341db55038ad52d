/**
 * The line of a record that was changed after it had been read: by rules, which add fields, or by redaction, whose mark may be
 * longer than what it covers. Nearly always it is within the limits still, and that costs two cheap questions.
 */
import { encodeRecord } from './encode.js';
import { ATTRIBUTES_MAX, CHARACTER_BYTES_MAX, LINE_BYTES_MAX } from './limits.js';
import { parseRecord } from './parse.js';
import type { FlatRecord } from './types.js';

/** The canonical line, cut down to the limits of a record when it has outgrown them. */
export function encodeLimited(record: FlatRecord): string {
  const line = encodeRecord(record);
  const isSmall = line.length * CHARACTER_BYTES_MAX <= LINE_BYTES_MAX;
  if (isSmall && Object.keys(record.attributes ?? {}).length <= ATTRIBUTES_MAX) return line;
  // The parser holds all limits; a line of ours is only shortened by it.
  const parsed = parseRecord(line, { encoding: 'flat' });
  return parsed.ok ? parsed.line : line;
}
