/**
 * Lines for an engine that cannot see our files: each record line gets the number of its batch as first key
 * (`{"sillok_header":3,"seq":…`), header and integrity lines are left out. Bytes are copied once; nothing is parsed.
 *
 * The number travels with the line, because an engine that reads a body in parallel does not promise row numbers.
 */
import type { ChunkHeader } from './chunk.js';
import { STATEMENT_BYTES_MAX } from './limits.js';

export const TAG_COLUMN = 'sillok_header';

const NEWLINE = 0x0a;
/** Every record line begins so: canonical lines have `seq` first. */
const RECORD_START = Buffer.from('{"seq":');

/** Indexes of headers, `to` not included. */
export interface HeaderRange {
  readonly from: number;
  readonly to: number;
}

/** The record lines of the headers in `range`; the first of them has number 0. */
export function tagLines(lines: Uint8Array, headers: readonly ChunkHeader[], range: HeaderRange): Buffer {
  const bytes = Buffer.from(lines.buffer, lines.byteOffset, lines.byteLength);
  const parts: Buffer[] = [];
  let header = -1;
  let tag = Buffer.alloc(0);
  let row = 0;
  for (let start = 0; start < bytes.length; row++) {
    const newline = bytes.indexOf(NEWLINE, start);
    const end = newline < 0 ? bytes.length : newline + 1;
    while ((headers[header + 1]?.rowStart ?? Infinity) <= row) {
      header++;
      tag = Buffer.from(`{"${TAG_COLUMN}":${header - range.from},`);
    }
    const isWanted = header >= range.from && header < range.to;
    if (isWanted && isRecord(bytes, start)) parts.push(tag, bytes.subarray(start + 1, end));
    start = end;
  }
  return Buffer.concat(parts);
}

function isRecord(bytes: Buffer, start: number): boolean {
  return bytes.compare(RECORD_START, 0, RECORD_START.length, start, start + RECORD_START.length) === 0;
}

/** What one header adds to the statement: its start, its number, its time. */
const BYTES_PER_HEADER = 64;

/** Stretches of headers whose statements fit in a URL. Usually one. */
export function headerRanges(headers: readonly ChunkHeader[]): HeaderRange[] {
  const ranges: HeaderRange[] = [];
  let from = 0;
  let bytes = 0;
  headers.forEach((header, index) => {
    const own = BYTES_PER_HEADER + JSON.stringify([header.boot, header.producer, header.resource]).length;
    if (bytes + own > STATEMENT_BYTES_MAX && index > from) {
      ranges.push({ from, to: index });
      from = index;
      bytes = 0;
    }
    bytes += own;
  });
  ranges.push({ from, to: headers.length });
  return ranges;
}
