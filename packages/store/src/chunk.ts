/** What the writer hands over: a stretch of the queue, with the batches in it. */
import type { Resource } from '@sillok/record';

export interface ChunkHeader {
  /** Index of the header LINE in the source, from 0. The records of the batch follow it. */
  readonly rowStart: number;
  readonly project: string;
  readonly class: string;
  readonly producer: string;
  readonly boot: string;
  readonly resource: Resource;
  readonly observed_time: string;
}

export interface Chunk {
  /** Unique for ever per queue chunk; becomes the column `batch`. */
  readonly id: bigint;
  /** Whole lines: batch headers, records, integrity lines. A file needs `filesShared`. */
  readonly source: { readonly file: string } | { readonly lines: Uint8Array };
  readonly headers: readonly ChunkHeader[];
  readonly records: number;
  /** Earliest and latest `time` of the records, RFC 3339 with nine digits. */
  readonly timeFrom: string;
  readonly timeTo: string;
  /** True when an earlier attempt may have stored part of it. */
  readonly retry: boolean;
  /** Small blocks, one thread: slower, for a chunk over which the engine ran out of memory. */
  readonly gentle?: boolean;
}

export interface InsertOutcome {
  /** Rows that this attempt stored. */
  readonly inserted: number;
  /** Rows of the batch that are in the table now: always `chunk.records`. */
  readonly present: number;
}
