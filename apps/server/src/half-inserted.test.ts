/**
 * A batch of which an interrupted insert has stored a part: the engine is killed between the two statements that a batch over
 * 120 days needs, and whoever reads meanwhile sees nothing of it; afterwards each record is there once.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEngine, type EngineHandle } from '@sillok/engine';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { presetConfig } from './config.js';
import { line, ServerUnderTest, until } from './server.fixture.js';

const DAYS = 120;
const folder = mkdtempSync(join(tmpdir(), 'sillok-half-'));

/** In front of the engine, which the server takes for one that somebody else runs. Refuses inserts while it is shut. */
class Gate {
  engine: EngineHandle | undefined;
  isShut = false;
  inserts = 0;
  /** Called before the insert of this number is passed on. */
  beforeInsert: (count: number) => Promise<void> = async () => undefined;
  readonly #server = createServer((asked, answer) => void this.#pass(asked, answer));

  async start(): Promise<string> {
    this.engine = await startEngine({ dataDirectory: join(folder, 'engine') });
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    // It listens on TCP, so it has an address with a port.
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await this.engine?.stop();
  }

  async killEngine(): Promise<void> {
    const gone = this.engine;
    this.engine = undefined;
    await gone?.stop();
    this.engine = await startEngine({ dataDirectory: join(folder, 'engine') });
  }

  async #pass(asked: IncomingMessage, answer: ServerResponse): Promise<void> {
    if (asked.headers['x-sillok-pool'] === 'insert') {
      this.inserts += 1;
      await this.beforeInsert(this.inserts);
      if (this.isShut) return void asked.destroy();
    }
    const { engine } = this;
    if (engine === undefined) return void asked.destroy();
    const { method, url, headers } = asked;
    const options = { method, headers: { ...headers, 'x-clickhouse-key': engine.secret } };
    const passed = request(new URL(url ?? '/', engine.url), options, (said) => {
      answer.writeHead(said.statusCode ?? 502, said.headers);
      said.pipe(answer);
    });
    passed.on('error', () => asked.destroy());
    asked.pipe(passed);
  }
}

const gate = new Gate();
let server: ServerUnderTest;

beforeAll(async () => {
  const { retention } = presetConfig();
  // The records are of many days; here none of them is too old.
  const forever = Object.fromEntries(Object.keys(retention).map((kind) => [kind, { days: 0, diskBytes: 0 }]));
  server = new ServerUnderTest({
    clickhouseUrl: await gate.start(),
    clickhouseUser: 'default',
    clickhousePassword: 'the gate knows it',
    clickhouseDatabase: 'half',
    // The kinds are those of the preset.
    retention: forever as typeof retention,
  });
});
afterAll(async () => {
  await server.dispose();
  await gate.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function get<T>(path: string): Promise<T> {
  const { url, devKey } = server.running;
  const response = await fetch(url + path, { headers: { authorization: `Bearer ${devKey}` } });
  expect(response.status, path).toBe(200);
  // The caller names the shape that the public contract promises for this path.
  return (await response.json()) as T;
}

/** How many records each way of reading shows. */
async function shown(): Promise<Record<string, number>> {
  const range = 'from=2026-01-01T00:00:00Z&to=2027-01-01T00:00:00Z';
  const page = await get<{ records: unknown[] }>(`/api/search?${range}&limit=1000`);
  const stats = await get<{ rows: [number][] }>(
    `/api/search?${range}&q=${encodeURIComponent('| stats count()')}`,
  );
  const bars = await get<{ buckets: { count: number }[] }>(`/api/histogram?${range}&buckets=10`);
  const fields = await get<{ sampled: number }>(`/api/fields?${range}`);
  const json = { 'content-type': 'application/json' };
  const sql = await server.post('/api/sql', JSON.stringify({ query: 'SELECT count() FROM records' }), json);
  // The public contract's answer to this call.
  const { rows } = (await sql.json()) as { rows: [number][] };
  return {
    page: page.records.length,
    stats: stats.rows[0]?.[0] ?? 0,
    histogram: bars.buckets.reduce((sum, { count }) => sum + count, 0),
    fields: fields.sampled,
    sql: rows[0]?.[0] ?? 0,
  };
}

function everywhere(count: number): Record<string, number> {
  return { page: count, stats: count, histogram: count, fields: count, sql: count };
}

test('half a batch, stored by an insert that the engine did not survive, is shown to nobody until it is whole', async () => {
  await server.start();
  await server.visible();
  gate.beforeInsert = async (count) => {
    if (count !== 2) return;
    gate.isShut = true;
    await gate.killEngine();
  };
  const lines = Array.from({ length: DAYS }, (_unused, index) => {
    const day = new Date(Date.UTC(2026, 0, 1 + index)).toISOString().slice(0, 10);
    return line(index + 1, { time: `${day}T10:00:00.000000000Z` });
  });
  expect(await server.verdict({ producer: 'p', boot: 'b' }, lines)).toMatchObject({ accepted_through: DAYS });
  const { deps } = server.running;
  await until(() => deps.state.halfInserted().length === 1 && server.isReady());
  const counted = await deps
    .store()
    .select({ sql: `SELECT count() FROM ${deps.store().table}`, pool: 'system' });
  expect(Number(counted.rows[0]?.[0])).toBe(90);
  expect(await shown()).toEqual(everywhere(0));
  expect(deps.state.freshness().lag_ms).toBeGreaterThan(0);

  gate.isShut = false;
  await server.visible();
  expect(deps.state.halfInserted()).toEqual([]);
  expect(await shown()).toEqual(everywhere(DAYS));
  const distinct = 'SELECT uniqExact(seq) FROM records';
  expect(await server.select(distinct)).toEqual([[DAYS]]);
}, 180_000);
