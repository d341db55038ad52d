/**
 * Which answers can be sent block by block.
 *
 * chdb's stream formats each block as an answer of its own. Concatenation is right for row formats; those with header
 * lines repeat the header, which is cut off after the first block; a JSON document cannot be joined, so it is built
 * whole, within `RESULT_BYTES_MAX`.
 */

/** Format → header lines that each block repeats. */
const STREAMED = new Map<string, number>([
  ['jsoneachrow', 0],
  ['jsonlines', 0],
  ['ndjson', 0],
  ['jsoncompacteachrow', 0],
  ['jsoncompacteachrowwithnames', 1],
  ['jsoncompacteachrowwithnamesandtypes', 2],
  ['jsonstringseachrow', 0],
  ['tsv', 0],
  ['tabseparated', 0],
  ['tsvraw', 0],
  ['tabseparatedraw', 0],
  ['tsvwithnames', 1],
  ['tabseparatedwithnames', 1],
  ['tsvwithnamesandtypes', 2],
  ['tabseparatedwithnamesandtypes', 2],
  ['csv', 0],
  ['rowbinary', 0],
  ['native', 0],
]);

const CONTENT_TYPES = new Map<string, string>([
  ['json', 'application/json; charset=UTF-8'],
  ['jsoncompact', 'application/json; charset=UTF-8'],
  ['jsonstrings', 'application/json; charset=UTF-8'],
  ['jsoneachrow', 'application/x-ndjson; charset=UTF-8'],
  ['csv', 'text/csv; charset=UTF-8; header=absent'],
  ['csvwithnames', 'text/csv; charset=UTF-8; header=present'],
  ['native', 'application/octet-stream'],
  ['rowbinary', 'application/octet-stream'],
]);

const FORMAT_AT_END = /\bFORMAT\s+([A-Za-z0-9]+)\s*;?\s*$/i;
const READS = /^[\s(]*(?:SELECT|WITH)\b/i;

/** The format of the answer: the one that the statement ends with, else the request's default. */
export function answerFormat(sql: string, fallback: string): string {
  return FORMAT_AT_END.exec(sql.slice(-200))?.[1] ?? fallback;
}

/** Header lines per block when the statement's answer can be streamed, undefined when it cannot. */
export function streamedHeaderLines(sql: string, format: string): number | undefined {
  return READS.test(sql) ? STREAMED.get(format.toLowerCase()) : undefined;
}

export function contentType(format: string): string {
  return CONTENT_TYPES.get(format.toLowerCase()) ?? 'text/tab-separated-values; charset=UTF-8';
}

/** The block without its first `lines` lines. */
export function withoutHeader(block: Buffer, lines: number): Buffer {
  let start = 0;
  for (let line = 0; line < lines; line++) {
    const end = block.indexOf(0x0a, start);
    if (end < 0) return Buffer.alloc(0);
    start = end + 1;
  }
  return block.subarray(start);
}
