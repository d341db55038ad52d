/**
 * Twenty greedy readers at once under ingest: each gets its answer or a clear error, every record is taken and found, and
 * engine and server stay within their memory without being replaced.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ENGINE_MEMORY_BYTES } from '../../apps/engine/src/pool-sizes.js';
import { postUntilTaken, recordLine, timeAt, type Producer } from '../lib/native.js';
import { enginePids, peakBytes } from '../lib/processes.js';
import { startTestServer, until, type TestServer } from '../lib/server.js';

const MIB = 1024 * 1024;
/** Beside what the engine counts: touched pages of its library, Node's own heap, pages that wait to be given back. */
const ENGINE_CODE_BYTES = 450 * MIB;
/** Ten answers of the largest size that is given, and what a server has by itself. */
const SERVER_BYTES_MAX = 1_000 * MIB;
const BATCH_RECORDS = 2_000;
const ROUNDS = 3;

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
}, 120_000);
afterAll(() => server.dispose());

const HEAVY = [
  'SELECT length(groupArray(repeat(toString(number), 20))) FROM numbers(20000000)',
  'SELECT uniqExact(cityHash64(number, rand())) FROM numbers(50000000)',
  'SELECT number, repeat(toString(number), 50) AS t FROM numbers(5000000) ORDER BY t DESC LIMIT 10000',
  'SELECT a.message, count() FROM records AS a CROSS JOIN records AS b GROUP BY a.message ORDER BY 2 DESC LIMIT 10',
  'SELECT * FROM records ORDER BY message, time LIMIT 10000',
  'SELECT groupArray(attributes) FROM records',
];
const WIDE = [
  { q: 'message:*e*c*', limit: '10000' },
  { q: 'pad:*a* -message:*nothing*', limit: '10000' },
  { q: '| stats count() as c, count_distinct(n) as d by message, pad | sort -c', limit: '10000' },
  { q: '*e*', limit: '10000', order: 'asc' },
];
/** What may be said to a reader who wants too much. */
const CLEAR = ['sql_too_expensive', 'query_timeout', 'too_many_queries'];

interface Outcome {
  readonly asked: string;
  readonly status: number;
  readonly code: string;
}

async function outcomeOf(asked: string, response: Response): Promise<Outcome> {
  // Either an answer or the error body of the public contract.
  const body = (await response.json()) as { error?: { code: string; message: string; help: string } };
  if (body.error !== undefined) expect(body.error.help, asked).not.toBe('');
  return { asked, status: response.status, code: body.error?.code ?? '' };
}

async function greedy(index: number): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const query = HEAVY[(index + round) % HEAVY.length] ?? '';
    const wide = new URLSearchParams({ ...WIDE[(index + round) % WIDE.length], from: '-1h' });
    const json = { 'content-type': 'application/json' };
    const path = `/api/search?${wide}`;
    const headers = { authorization: `Bearer ${server.key}` };
    const asking =
      index % 2 === 0
        ? server.post('/api/sql', JSON.stringify({ query }), json)
        : fetch(server.url + path, { headers });
    outcomes.push(await outcomeOf(index % 2 === 0 ? query : path, await asking));
  }
  return outcomes;
}

test('20 heavy statements and wide searches at once under ingest stay within the memory that they have', async () => {
  const producer: Producer = { producer: 'steady', boot: 'b1', service: 'steady' };
  const base = Date.now();
  let taken = 0;
  const send = async (): Promise<void> => {
    const lines = Array.from({ length: BATCH_RECORDS }, (_unused, index) => {
      const seq = taken + index + 1;
      return recordLine(seq, timeAt(base, seq * 1000), {
        attributes: { n: seq, pad: `pad ${seq % 977} `.repeat(20) },
      });
    });
    const verdict = await postUntilTaken(server, producer, lines);
    expect(verdict.rejected).toEqual([]);
    taken = verdict.accepted_through;
  };
  for (let batch = 0; batch < 20; batch += 1) await send();
  await until(
    'records can be read',
    60_000,
    async () => (await server.search({ q: 'x' })).freshness.lag_ms === 0,
  );
  const parent = server.child?.pid ?? 0;
  const engines = enginePids(parent);

  let isReading = true;
  const ingest = (async () => {
    while (isReading) await send();
  })();
  const before = taken;
  const outcomes = (await Promise.all(Array.from({ length: 20 }, (_unused, index) => greedy(index)))).flat();
  isReading = false;
  await ingest;
  expect(taken).toBeGreaterThan(before);

  const unclear = outcomes.filter(({ status, code }) => status !== 200 && !CLEAR.includes(code));
  expect(unclear).toEqual([]);
  const refused = outcomes.filter(({ code }) => code === 'sql_too_expensive');
  expect(refused.length).toBeGreaterThan(0);
  expect(outcomes.filter(({ status }) => status === 200).length).toBeGreaterThan(0);

  await until(
    'everything is visible',
    120_000,
    async () => (await server.search({ q: 'x' })).freshness.lag_ms === 0,
  );
  const query = "SELECT count(), uniqExact(seq) FROM records WHERE producer = 'steady'";
  const counted = await server.post('/api/sql', JSON.stringify({ query }), {
    'content-type': 'application/json',
  });
  // The public contract's answer to this call.
  expect(((await counted.json()) as { rows: unknown[] }).rows).toEqual([[taken, taken]]);
  expect(enginePids(parent), 'the engine was not replaced').toEqual(engines);
  const [engine = 0] = engines;
  expect(peakBytes(engine)).toBeLessThan(ENGINE_MEMORY_BYTES + ENGINE_CODE_BYTES);
  expect(peakBytes(parent)).toBeLessThan(SERVER_BYTES_MAX);
}, 300_000);
