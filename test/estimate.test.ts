/**
 * An estimate says, before a query runs, what it will read: within a factor of two of the bytes really read, for at
 * least 95 % of 200 queries of a seed that was not used to build it. `SILLOK_ESTIMATE_RECORDS=1000000` is the long form.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient, type Client, type EstimateShape } from '@sillok/api';
import { presetConfig, startServer, type RunningServer } from '@sillok/server';
import { afterAll, beforeAll, expect, test } from 'vitest';
// @ts-expect-error: a plain module of the benchmarks, without types
import { createTraffic } from '../bench/realistic-lines.mjs';
import { makeQueries, type AskedQuery } from './lib/estimate-queries.js';
import { until } from './lib/server.js';

const total = Number(process.env['SILLOK_ESTIMATE_RECORDS'] ?? 180_000);
const seed = Number(process.env['SILLOK_ESTIMATE_SEED'] ?? 20_261_121);
const count = 200;
const batchRecords = 5_000;
const fromMs = Date.UTC(2026, 10, 20);
const toMs = Date.UTC(2026, 10, 21);

/** Less than this is nothing to anybody: a few granules. */
const SMALL_BYTES = 65_536;

let server: RunningServer;
let client: Client;
const directory = mkdtempSync(join(tmpdir(), 'sillok-estimate-'));

beforeAll(async () => {
  server = await startServer(
    presetConfig({ port: 0, dataDirectory: directory, logLevel: 'error', ballastBytes: 0 }),
  );
  client = createClient({ url: server.url, key: server.devKey });
  await until('the server is ready', 90_000, async () => (await client.ready()).ready);
  await fill();
}, 600_000);

afterAll(async () => {
  await server.close();
  rmSync(directory, { recursive: true, force: true });
});

async function fill(): Promise<void> {
  const traffic = createTraffic({ seed: 3, startMs: fromMs, perSecond: total / 86_400 });
  const waiting = new Map<string, string[]>();
  const seqs = new Map<string, number>();
  const flush = async (service: string, lines: readonly string[]): Promise<void> => {
    const header = {
      sillok: 1,
      producer: service,
      boot: 'b',
      resource: { 'service.name': service },
      encoding: 'flat',
    };
    const body = `${JSON.stringify(header)}\n${lines.join('\n')}\n`;
    await until('the batch is taken', 60_000, () => client.postRecords(body).then(() => true, isBusy));
  };
  for (let index = 0; index < total; index += 1) {
    const { service, record } = traffic.next();
    record.seq = (seqs.get(service) ?? 0) + 1;
    seqs.set(service, record.seq);
    const lines = waiting.get(service) ?? [];
    waiting.set(service, lines);
    lines.push(JSON.stringify(record));
    if (lines.length < batchRecords) continue;
    waiting.delete(service);
    await flush(service, lines);
  }
  for (const [service, lines] of waiting) await flush(service, lines);
  await until(
    'everything is visible',
    300_000,
    async () => (await client.search({ limit: 1 })).freshness.lag_ms === 0,
  );
}

function isBusy(error: { status?: number }): false {
  if (error.status !== 429) throw error;
  return false;
}

function estimateOf({ kind, text, parameters }: AskedQuery): Promise<EstimateShape> {
  return kind === 'sql' ? client.estimateSql({ query: text }) : client.estimate({ q: text, ...parameters });
}

async function bytesOf({ kind, text, parameters }: AskedQuery): Promise<number> {
  const answer =
    kind === 'sql' ? await client.sql({ query: text }) : await client.ask({ q: text, ...parameters });
  return answer.cost.bytes_read;
}

test('19 of 20 estimates are within a factor of two of what is read', async () => {
  const traceIds = (await client.search({ q: 'level:warn', limit: 50 })).records.flatMap(
    (each) => each.trace_id ?? [],
  );
  const wrong: string[] = [];
  // The same query again would read less: the engine remembers where nothing was.
  const queries = new Map(
    makeQueries({ seed, count: count * 2, fromMs, toMs, traceIds }).map((each) => [each.text, each]),
  );
  const asked = [...queries.values()].slice(0, count);
  for (const query of asked) {
    const { bytes, exact } = await estimateOf(query);
    const really = await bytesOf(query);
    const isClose = bytes <= really * 2 && really <= bytes * 2;
    if (isClose || Math.max(bytes, really) < SMALL_BYTES) continue;
    wrong.push(
      `${(bytes / really).toFixed(2)} ${exact ? 'exact' : 'scaled'} ${query.text} ${JSON.stringify(query.parameters)}`,
    );
  }
  expect(asked.length).toBeGreaterThan(150);
  expect(wrong.length, wrong.join('\n')).toBeLessThanOrEqual(asked.length * 0.05);
}, 600_000);
