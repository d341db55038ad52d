/** Chunks for tests: batches of canonical lines, as the server's queue writes them. */
import { encodeRecord, type FlatRecord } from '@sillok/record';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Chunk, ChunkHeader } from './chunk.js';

export interface TestBatch {
  readonly header?: Partial<Omit<ChunkHeader, 'rowStart'>>;
  readonly records: readonly FlatRecord[];
  /** Lines that stand for the records, to write what the encoder would not. */
  readonly raw?: readonly string[];
}

export const DEFAULT_HEADER: Omit<ChunkHeader, 'rowStart'> = {
  project: 'default',
  class: 'log',
  producer: 'orders-1',
  boot: 'boot-1',
  resource: { 'service.name': 'orders', 'host.name': 'h1' },
  observed_time: '2026-11-21T10:00:01.000000005Z',
};

export function testRecord(seq: number, fields: Partial<FlatRecord> = {}): FlatRecord {
  const time = `2026-11-21T10:00:00.${String(seq).padStart(9, '0')}Z`;
  return { seq, time, kind: 'log', level: 'info', message: `message ${seq}`, ...fields };
}

export interface TestChunk {
  readonly id: bigint;
  readonly batches: readonly TestBatch[];
  readonly retry?: boolean;
  /** Folder for the file; lines in memory without it. */
  readonly inbox?: string;
}

export function testChunk({ id, batches, retry = false, inbox }: TestChunk): Chunk {
  const lines: string[] = [];
  const headers: ChunkHeader[] = [];
  const times: string[] = [];
  for (const { header, records, raw } of batches) {
    const full = { ...DEFAULT_HEADER, ...header };
    headers.push({ ...full, rowStart: lines.length });
    lines.push(JSON.stringify({ sillok: 1, ...full, encoding: 'flat', count: records.length, bytes: 1 }));
    lines.push(...(raw ?? records.map(encodeRecord)));
    lines.push(JSON.stringify({ sillok_sum: '00000000', bytes: 10, records: records.length }));
    times.push(...records.map(({ time }) => time));
  }
  times.sort();
  const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
  const source = inbox === undefined ? { lines: bytes } : { file: fileFor(inbox, id, bytes) };
  return {
    id,
    source,
    headers,
    records: times.length,
    timeFrom: times[0] ?? '',
    timeTo: times.at(-1) ?? '',
    retry,
  };
}

function fileFor(inbox: string, id: bigint, bytes: Buffer): string {
  const file = join(inbox, `${id}.ndjson`);
  writeFileSync(file, bytes);
  return file;
}
