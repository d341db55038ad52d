/**
 * What spans and comments cost on a real PostgreSQL: one connection, one statement after the other, interleaved rounds,
 * medians per statement. The named statement is what is given up if a service turns prepared statements off to get comments.
 *
 *   SILLOK_BENCH_POSTGRES=postgres://user@127.0.0.1:5432/postgres node bench/sql-comment.mjs [--short]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { sillok, withTrace } from '@sillok/node';
import { instrumentPg } from '@sillok/node/sql';

const url = process.env.SILLOK_BENCH_POSTGRES;
if (url === undefined) {
  console.log('skipped: SILLOK_BENCH_POSTGRES names no server');
  process.exit(0);
}
const COUNT = process.argv.includes('--short') ? 200 : 2000;
const ROUNDS = process.argv.includes('--short') ? 3 : 9;
const folder = mkdtempSync(join(tmpdir(), 'sillok-bench-sql-'));
const log = sillok({ service: 'bench', spoolDirectory: folder, stdout: 'none' });
const client = new pg.Client(url);
await client.connect();
await client.query(
  'CREATE TEMP TABLE bench AS SELECT generate_series(1, 10000) AS id, md5(random()::text) AS text',
);
await client.query('CREATE INDEX ON bench (id)');
await client.query('ANALYZE bench');

const text = 'SELECT b.id, c.text FROM bench b JOIN bench c ON c.id = b.id + 1 WHERE b.id = $1';
const unnamed = (id) => client.query(text, [id]);
const named = (id) => client.query({ name: 'by-id', text, values: [id] });
const cases = [
  { name: 'parameters, bare', send: unnamed },
  { name: 'parameters, spans', send: unnamed, options: {} },
  { name: 'parameters, spans and comments', send: unnamed, options: { comments: true } },
  { name: 'parameters, comments alone', send: unnamed, options: { spans: false, comments: true } },
  { name: 'parameters, spans and comments on 1 %', send: unnamed, options: { comments: { sample: 0.01 } } },
  { name: 'named, bare', send: named },
  { name: 'named, spans (never a comment)', send: named, options: { comments: true } },
].map((each) => ({ ...each, times: [] }));

for (let round = 0; round < ROUNDS; round += 1) {
  for (const { send, options, times } of cases) {
    const release = options === undefined ? () => {} : instrumentPg(pg, { log, ...options });
    const start = process.hrtime.bigint();
    for (let index = 0; index < COUNT; index += 1) await withTrace({}, () => send((index % 9000) + 1));
    times.push(Number(process.hrtime.bigint() - start) / COUNT / 1000);
    release();
  }
}
const median = (times) => times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)];
const bare = median(cases[0].times);
for (const { name, times } of cases) {
  const us = median(times);
  console.log(`${name.padEnd(40)} ${us.toFixed(1).padStart(8)} µs  ${(us / bare).toFixed(2)}×`);
}
await client.end();
await log.close();
rmSync(folder, { recursive: true, force: true });
