/**
 * What each index and table setting costs at insert: CPU per row, wall time and bytes per row, on the same chunks. Each
 * variant in an engine of its own, in turns, so that caches and leftovers of one do not weigh on the next.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { startEngine } from '@sillok/engine';
import { createStore } from '@sillok/store';

import { createChunks } from '../realistic-lines.mjs';

const INDEX = /,\n {2}INDEX (\S+)[^\n]*?(?=,?\n)/g;
const withSettings = (extra) => (ddl) => `${ddl}, ${extra}`;
const without = (test) => (ddl) => ddl.replace(INDEX, (whole, name) => (test(name) ? '' : whole));
const granularity = (rows) => (ddl) => ddl.replace(/index_granularity = \d+/, `index_granularity = ${rows}`);

const VARIANTS = [
  ['as it is', (ddl) => ddl],
  ['no index', without(() => true)],
  ['no message words', without((name) => name === 'index_message_words')],
  ['no message bigrams', without((name) => name === 'index_message_bigrams')],
  ['no attribute values', without((name) => name.startsWith('index_attribute'))],
  ['no ids', without((name) => /ids|trace|session|user/.test(name))],
  ['granules of 1024', granularity(1024)],
  ['granules of 8192', granularity(8192)],
  [
    'compressed blocks of 64 KiB to 1 MiB',
    withSettings('min_compress_block_size = 65536, max_compress_block_size = 1048576'),
  ],
  ['compact parts to 256 MiB', withSettings('min_bytes_for_wide_part = 268435456')],
  [
    'map in buckets',
    withSettings(
      `map_serialization_version = 'with_buckets', map_buckets_min_avg_size = 1, max_buckets_in_map = 8`,
    ),
  ],
  ['ZSTD(3)', (ddl) => ddl.replaceAll('ZSTD(1)', 'ZSTD(3)')],
  ['LZ4', (ddl) => ddl.replaceAll('ZSTD(1)', 'LZ4')],
];

export async function costOfVariants({ folder, print, records }) {
  const chunks = [...createChunks({ records })].map((chunk, index) => {
    const file = join(folder, `variant-${index}.ndjson`);
    writeFileSync(file, chunk.text);
    return { ...chunk, text: undefined, id: BigInt(index + 1), source: { file }, retry: false };
  });
  print('\nvariant                                   rows/s   CPU µs/row   bytes/row');
  for (const [name, change] of VARIANTS) {
    // A variant that does not fit in the engine's memory is an answer too.
    const failed = (error) => `${name.padEnd(38)}  ${String(error.message).slice(0, 90)}`;
    print(await measure({ name, change, chunks, folder }).catch(failed));
  }
  for (const { source } of chunks) rmSync(source.file);
}

async function measure({ name, change, chunks, folder }) {
  const data = join(folder, 'variant');
  rmSync(data, { recursive: true, force: true });
  const engine = await startEngine({ dataDirectory: data });
  const store = createStore({ url: engine.url, password: engine.secret, filesShared: true });
  const client = createClient({
    url: engine.url,
    password: engine.secret,
    request_timeout: 600_000,
    log: { level: ClickHouseLogLevel.OFF },
  });
  try {
    const [database, table] = store.ddl();
    for (const query of [database, change(table)]) await client.command({ query });
    const cpu = () =>
      readFileSync(`/proc/${engine.pid}/stat`, 'utf8')
        .split(' ')
        .slice(13, 15)
        .reduce((sum, ticks) => sum + Number(ticks) / 100, 0);
    const [started, before] = [performance.now(), cpu()];
    for (const chunk of chunks) await store.insertChunk(chunk);
    const seconds = (performance.now() - started) / 1000;
    const perRow = ((cpu() - before) / rowsIn(chunks)) * 1e6;
    await client.command({ query: `OPTIMIZE TABLE ${store.table} FINAL` });
    const usage = await store.diskUsage();
    const cells = [
      Math.round(rowsIn(chunks) / seconds),
      perRow.toFixed(2),
      (usage.bytes / usage.rows).toFixed(1),
    ];
    return `${name.padEnd(38)} ${cells.map((cell) => String(cell).padStart(11)).join(' ')}`;
  } finally {
    await store.close();
    await client.close();
    await engine.stop();
    rmSync(data, { recursive: true, force: true });
  }
}

function rowsIn(chunks) {
  return chunks.reduce((sum, { records }) => sum + records, 0);
}
