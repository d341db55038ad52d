/**
 * Replays that run, as the server sees them: the lag of one that follows, a schedule that outlives a second database that is away,
 * and rows that only the second database has. The second database is an object of the test, as anybody may write one.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ReplayShape } from '@sillok/api';
import { defineReplay, runReplays, type Replay, type Sink } from '@sillok/admin';
import { sillok, type Logger } from '@sillok/node';
import { Audit } from '@sillok/node/audit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCli } from '../lib/programs.js';
import { startTestServer, until, type TestServer } from '../lib/server.js';

let folder = '';
let logger: Logger;
let server: TestServer;
let audit: Audit;
let rows: Map<string, Readonly<Record<string, unknown>>>;
let isAway = false;

const sink: Sink = {
  name: 'a map',
  async read(ids) {
    if (isAway) throw new Error('the map is away');
    return new Map(ids.flatMap((id) => (rows.has(id) ? [[id, rows.get(id) ?? {}]] : [])));
  },
  async write(writes) {
    for (const { id, document } of writes) {
      if (document === undefined) rows.delete(id);
      else rows.set(id, document);
    }
  },
  async *ids() {
    yield [...rows.keys()];
  },
};

beforeAll(async () => {
  server = await startTestServer();
  folder = mkdtempSync(join(tmpdir(), 'sillok-watching-'));
  const { url, key } = server;
  const quiet = { stdout: 'none', captureFatal: false } as const;
  logger = sillok({ service: 'orders', url, key, spoolDirectory: folder, ...quiet });
  audit = new Audit({ logger });
});
afterAll(async () => {
  await logger.close();
  await server.dispose();
  rmSync(folder, { recursive: true, force: true });
});

/** Three entities that both have. */
async function replayOf(name: string, more: Partial<Replay> = {}): Promise<Replay> {
  rows = new Map();
  isAway = false;
  for (const id of ['1', '2', '3']) {
    rows.set(id, { n: Number(id) });
    await audit.record({ action: 'save', entity: { type: name, id }, after: { n: Number(id) } });
  }
  await server.search({ after: await logger.flush(), wait_ms: '50000', limit: '1' });
  const document = ({ n }: Readonly<Record<string, unknown>>) => ({ n });
  return defineReplay({ name, description: 'd', entity: name, fields: ['n'], document, sink, ...more });
}

async function run(replay: Replay, words: readonly string[], signal = new AbortController().signal) {
  let text = '';
  const out = { write: (piece: string) => (text += piece) };
  const env = { SILLOK_URL: server.url, SILLOK_KEY: server.key, SILLOK_REPLAY_DIR: join(folder, 'replay') };
  const code = await runReplays([replay], words, { out, env, signal });
  return { code, text };
}

async function seen(name: string): Promise<ReplayShape | undefined> {
  const { replays } = await server.get<{ replays: ReplayShape[] }>('/api/replays');
  return replays.find((each) => each.name === name);
}

test('the lag of one that follows is on /metrics and in the list, and it says when it is stopped', async () => {
  const replay = await replayOf('followed', { owner: 'kim' });
  const stop = new AbortController();
  const following = run(replay, ['follow', 'followed'], stop.signal);
  await until('the server hears of it', 20_000, async () => (await seen('followed'))?.state === 'running');
  await audit.record({ action: 'save', entity: { type: 'followed', id: '4' }, after: { n: 4 } });
  await until('it is brought over', 20_000, async () => rows.has('4'));
  await until('its lag is known', 20_000, async () => ((await seen('followed'))?.lag_ms ?? 0) > 0);
  expect(await seen('followed')).toMatchObject({
    mode: 'follow',
    service: 'orders',
    sink: 'a map',
    owner: 'kim',
  });
  const metrics = await (
    await fetch(`${server.url}/metrics`, { headers: { authorization: `Bearer ${server.key}` } })
  ).text();
  expect(metrics).toMatch(
    /^sillok_replay_lag_milliseconds\{project="default",replay="followed",mode="follow"\} \d+$/m,
  );
  isAway = true;
  await audit.record({ action: 'save', entity: { type: 'followed', id: '5' }, after: { n: 5 } });
  await until(
    'it says that it cannot go on',
    20_000,
    async () => (await seen('followed'))?.state === 'failing',
  );
  isAway = false;
  await until('it went on by itself', 20_000, async () => rows.has('5'));
  const listed = (await runCli(server, ['replay', 'status', '--json'])).output;
  expect(JSON.parse(listed)).toMatchObject({ replays: [{ name: 'followed', state: 'running', left: 0 }] });
  const shown = (await runCli(server, ['replay', 'status'])).output;
  expect(shown).toMatch(/^followed +follow +running +[\d.]+ s +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}a map$/m);
  stop.abort();
  expect((await following).code).toBe(130);
  await until(
    'it said that it was stopped',
    20_000,
    async () => (await seen('followed'))?.state === 'stopped',
  );
});

test('a check on a schedule outlives a second database that is away for a moment', async () => {
  const replay = await replayOf('checked');
  isAway = true;
  const stop = new AbortController();
  const checking = run(replay, ['check', 'checked', '--every', '0.005'], stop.signal);
  await until('it failed', 20_000, async () => (await seen('checked'))?.state === 'failing');
  isAway = false;
  await until('it looked again', 20_000, async () => (await seen('checked'))?.found?.compared === 3);
  rows.set('2', { n: 'two' });
  await until('it differs', 20_000, async () => (await seen('checked'))?.found?.stale === 1);
  const [drift] = await server.waitFor({ q: 'event.name:replay.drift replay.name:checked' }, 1);
  expect(drift?.level).toBe('error');
  stop.abort();
  const { code, text } = await checking;
  expect(code).toBe(130);
  expect(text).toMatch(/it could not be found out: the map is away\n[^]*they agree\n[^]*1 stale\n/);
});

test('a check for cron fails with what was wrong', async () => {
  const replay = await replayOf('cron');
  isAway = true;
  await expect(run(replay, ['check', 'cron', '--once'])).rejects.toThrow('the map is away');
});

test('rows that only the second database has are listed and left alone', async () => {
  const replay = await replayOf('extra');
  rows.set('9\u001b[2J', { n: 9 });
  const listed = await run(replay, ['drift', 'extra']);
  expect([listed.code, listed.text]).toEqual([
    0,
    expect.stringContaining('1 only in a map, of which the audit trail has no record: 9·[2J\n'),
  ]);
  const { text } = await run(replay, ['drift', 'extra', '--json']);
  expect(JSON.parse(text)).toMatchObject({ drifts: [], onlyThere: { count: 1, ids: ['9\u001b[2J'] } });
  // Asked about some only, nothing can be said of the others.
  expect(JSON.parse((await run(replay, ['drift', 'extra', '--id', '1', '--json'])).text)).not.toHaveProperty(
    'onlyThere',
  );
  await run(replay, ['run', 'extra', '--apply']);
  expect(rows.size).toBe(4);
});

test('where the trail knows everything they are a disagreement, and one that was made meanwhile is none', async () => {
  const replay = await replayOf('whole', { complete: true });
  expect((await run(replay, ['drift', 'whole'])).code).toBe(0);
  rows.set('9', { n: 9 });
  const found = await run(replay, ['check', 'whole', '--once']);
  expect([found.code, found.text]).toEqual([5, expect.stringContaining('they agree, 1 only there')]);
  await until('it is told', 20_000, async () => (await seen('whole'))?.found?.only_there === 1);
  rows.delete('9');
  const late: Replay = {
    ...replay,
    sink: {
      ...sink,
      async *ids() {
        await audit.record({ action: 'save', entity: { type: 'whole', id: '10' }, after: { n: 10 } });
        rows.set('10', { n: 10 });
        await server.search({ after: await logger.flush(), wait_ms: '50000', limit: '1' });
        yield [...rows.keys()];
      },
    },
  };
  expect((await run(late, ['drift', 'whole'])).code).toBe(0);
});
