/**
 * Kills of the engine and of the server under load: every acknowledged record is found exactly once and in order.
 * CI runs 5 kills of each; `SILLOK_KILLS=50` is the long form.
 */
import { existsSync, rmSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { postUntilTaken, recordLine, timeAt, type Producer } from '../lib/native.js';
import { enginePids } from '../lib/processes.js';
import { startTestServer, until, type TestServer } from '../lib/server.js';

const kills = Number(process.env['SILLOK_KILLS'] ?? 5);
const batchRecords = 200;
let server: TestServer;

beforeEach(async () => {
  server = await startTestServer();
});
afterEach(() => server.dispose());

/** False when it ended by itself between the look and the kill. */
function killed(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch {
    return false;
  }
}

class Load {
  readonly producer: Producer;
  acknowledged = 0;
  #running = true;
  readonly #done: Promise<void>;

  constructor(index: number, base: number) {
    this.producer = { producer: `crash-${index}`, boot: `b${index}`, service: 'crash' };
    this.#done = this.#run(base);
  }

  async #run(base: number): Promise<void> {
    while (this.#running) {
      const lines = Array.from({ length: batchRecords }, (_, i) => {
        const seq = this.acknowledged + i + 1;
        return recordLine(seq, timeAt(base, seq * 1000));
      });
      const verdict = await postUntilTaken(server, this.producer, lines);
      expect(verdict.rejected).toEqual([]);
      this.acknowledged = verdict.accepted_through;
      // A steady load: at full speed the long form would end with millions of records to compare.
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async stop(): Promise<number> {
    this.#running = false;
    await this.#done;
    return this.acknowledged;
  }
}

async function expectExactlyOnce(loads: readonly Load[]): Promise<void> {
  const range = { from: '-1h', q: 'service.name:crash', order: 'asc' };
  await until('everything is visible', 180_000, async () => {
    const answer = await server.search({ ...range, limit: '1' }).catch(() => undefined);
    return answer?.freshness.lag_ms === 0;
  });
  const found = await server.searchAll(range);
  for (const load of loads) {
    const seqs = found
      .filter((record) => record.producer === load.producer.producer)
      .map((record) => record.seq);
    const expected = Array.from({ length: load.acknowledged }, (_, i) => i + 1);
    expect(seqs).toEqual(expected);
  }
  expect((await server.search({ ...range, limit: '1' })).gaps).toEqual([]);
}

test('the engine killed under load: nothing lost, nothing doubled, ingest goes on', async () => {
  const loads = [0, 1].map((index) => new Load(index, Date.now()));
  for (let kill = 0; kill < kills; kill += 1) {
    const before = loads[0]!.acknowledged;
    const parent = server.child?.pid ?? 0;
    // One that has begun to work: killed at birth again and again, it would only show how the watchdog waits longer each time.
    await until(
      'an engine works',
      120_000,
      async () => (await server.search({ limit: '1' }).catch(() => undefined)) !== undefined,
    );
    await until('an engine was killed', 60_000, async () => enginePids(parent).some(killed));
    await until(
      'ingest goes on without it',
      60_000,
      async () => loads[0]!.acknowledged > before + batchRecords * 3,
    );
  }
  for (const load of loads) await load.stop();
  await expectExactlyOnce(loads);
}, 900_000);

test('the server killed under load, between commit and answer too: the retry doubles nothing', async () => {
  const loads = [0, 1].map((index) => new Load(index, Date.now()));
  for (let kill = 0; kill < kills; kill += 1) {
    const before = loads[0]!.acknowledged;
    await until('load flows', 60_000, async () => loads[0]!.acknowledged > before + batchRecords * 2);
    await server.stop('SIGKILL');
    await server.start();
  }
  for (const load of loads) await load.stop();
  await expectExactlyOnce(loads);
}, 900_000);

test('a graceful stop ends with 0 and everything acknowledged is there after the next start', async () => {
  const load = new Load(0, Date.now());
  await until('load flows', 60_000, async () => load.acknowledged > batchRecords * 5);
  const stopping = server.stop('SIGTERM');
  expect(await stopping).toBe(0);
  await server.start();
  await load.stop();
  await expectExactlyOnce([load]);
}, 300_000);

test('the engine’s folder deleted while the server runs: everything is found again without a restart', async () => {
  const load = new Load(0, Date.now());
  await until('load flows', 60_000, async () => load.acknowledged > batchRecords * 5);
  await until(
    'some of it is in the store',
    60_000,
    async () => (await server.search({ q: 'service.name:crash', limit: '1' })).records.length > 0,
  );
  rmSync(`${server.dataDirectory}/engine`, { recursive: true });
  const before = load.acknowledged;
  await until('ingest goes on', 60_000, async () => load.acknowledged > before + batchRecords * 3);
  await load.stop();
  await expectExactlyOnce([load]);
}, 300_000);

test('the engine’s folder deleted: the next start brings every count back from the queue', async () => {
  const load = new Load(0, Date.now());
  await until('load flows', 60_000, async () => load.acknowledged > batchRecords * 5);
  await load.stop();
  await expectExactlyOnce([load]);
  await server.stop();
  const folder = `${server.dataDirectory}/engine`;
  expect(existsSync(folder)).toBe(true);
  rmSync(folder, { recursive: true });
  await server.start();
  await expectExactlyOnce([load]);
}, 300_000);
