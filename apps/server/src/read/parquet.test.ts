import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { expect, test } from 'vitest';
import { parquetOf } from './parquet.js';

const NAMES = ['time', 'seq', 'duration_ms', 'message', 'order'];
const TIME = '2026-11-21T10:00:00.000000001Z';

async function fileOf(pages: readonly (readonly (readonly unknown[])[])[]): Promise<ArrayBuffer> {
  async function* given(): AsyncGenerator<readonly (readonly unknown[])[]> {
    yield* pages;
  }
  const parts: Uint8Array[] = [];
  for await (const part of parquetOf(NAMES, given())) parts.push(part);
  const file = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    file.set(part, at);
    at += part.byteLength;
  }
  return file.buffer;
}

test('records of several pages come back with every digit, and what is absent stays absent', async () => {
  const file = await fileOf([
    [[TIME, 1, 12.5, '카카오 로그인 실패', { id: 7 }]],
    [],
    [
      [TIME, 2, null, '=cmd|calc', undefined],
      [TIME, Number.MAX_SAFE_INTEGER, 0, '', ['a']],
    ],
  ]);
  const rows = await parquetReadObjects({
    file,
    parsers: {
      // As it stands in the file: a Date has only milliseconds.
      timestampFromNanoseconds: (value: bigint) => value,
    },
  });
  const nanoseconds = 1_795_255_200_000_000_001n;
  expect(rows).toEqual([
    { time: nanoseconds, seq: 1n, duration_ms: 12.5, message: '카카오 로그인 실패', order: '{"id":7}' },
    { time: nanoseconds, seq: 2n, duration_ms: null, message: '=cmd|calc', order: null },
    { time: nanoseconds, seq: 9_007_199_254_740_991n, duration_ms: 0, message: '', order: '["a"]' },
  ]);
});

test('a search without records is a file with its columns', async () => {
  const meta = parquetMetadata(await fileOf([]));
  expect(meta.num_rows).toBe(0n);
  expect(meta.schema.slice(1).map((column) => column.name)).toEqual(NAMES);
});
