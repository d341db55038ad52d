/** Replays that the server hears of, in a whole server whose clock the test sets: told when one is behind or silent, and until when. */
import type { FlatRecord } from '@sillok/record';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { ClockedServer, minute, second } from '../alert/clocked.fixture.js';

const clocked = new ClockedServer();
let seq = 0;

beforeAll(() => clocked.start());
afterAll(() => clocked.dispose());

/** As `sillok replay` says it of itself. */
async function says(name: string, event: string, more: object = {}): Promise<void> {
  seq += 1;
  const attributes = {
    'replay.name': name,
    'replay.mode': 'follow',
    'replay.entity': 'order',
    'replay.sink': 'index orders',
    'replay.beat_ms': 30_000,
    ...more,
  };
  const record: Partial<FlatRecord> = { message: event, 'event.name': `replay.${event}`, attributes };
  await clocked.arrives({ service: 'replayer', seqs: [seq], record });
}

async function shown(name: string): Promise<Record<string, unknown> | undefined> {
  const { body } = await clocked.ask('GET', '/api/replays');
  // The answer of GET /api/replays.
  return (body['replays'] as Record<string, unknown>[]).find((each) => each['name'] === name);
}

async function metric(line: string): Promise<string | undefined> {
  const response = await fetch(`${clocked.server.running.url}/metrics`, {
    headers: { authorization: `Bearer ${clocked.server.running.devKey}` },
  });
  return (await response.text()).split('\n').find((each) => each.startsWith(line));
}

test('its lag is a metric and in the list, and it is told when it stays behind for a minute', async () => {
  await says('copy', 'progress', { 'replay.lag_ms': 1_500 });
  expect(await shown('copy')).toMatchObject({ state: 'running', lag_ms: 1_500, sink: 'index orders' });
  const labels = '{project="default",replay="copy",mode="follow"}';
  expect(await metric('sillok_replay_lag_milliseconds{')).toBe(
    `sillok_replay_lag_milliseconds${labels} 1500`,
  );
  for (let round = 0; round < 3; round += 1) {
    await says('copy', 'progress', { 'replay.lag_ms': 240_000 });
    await clocked.look();
    expect(await clocked.told('copy (follow')).toEqual([]);
    clocked.nowMs += 29 * second;
  }
  expect(await shown('copy')).toMatchObject({ state: 'behind' });
  expect(await metric('sillok_replay_silent_seconds{')).toBe(`sillok_replay_silent_seconds${labels} 29`);
  await says('copy', 'progress', { 'replay.lag_ms': 270_000 });
  await clocked.look();
  const [text = ''] = await clocked.told('copy (follow');
  expect(text.split('\n').slice(0, 2)).toEqual([
    '🟠 *New · second database is left behind · A second database is left behind*',
    '`copy (follow → index orders): it is 5 min behind`',
  ]);
  expect(text).toContain(encodeURIComponent('replay.name:copy'));
  await says('copy', 'progress', { 'replay.lag_ms': 0 });
  clocked.nowMs += 2 * minute;
  expect((await clocked.told('copy (follow')).at(-1)).toMatch(/^✅ \*Resolved/);
});

test('one that falls silent is told, and one that was stopped is not', async () => {
  await says('silent', 'progress', { 'replay.lag_ms': 0 });
  await says('ended', 'progress', { 'replay.lag_ms': 0 });
  await says('ended', 'stopped');
  await says('once', 'checked', {
    'replay.mode': 'check',
    'replay.beat_ms': undefined,
    'replay.compared': 7,
  });
  clocked.nowMs += 2 * minute - second;
  await clocked.look();
  expect(await clocked.told('silent (follow')).toEqual([]);
  clocked.nowMs += 2 * second;
  await clocked.look();
  const [text = ''] = await clocked.told('silent (follow');
  expect(text).toMatch(/nothing heard for 2 min, last 2026/);
  clocked.nowMs += 24 * 60 * minute;
  await clocked.look();
  expect(await clocked.told('ended (follow')).toEqual([]);
  expect(await clocked.told('once (check')).toEqual([]);
  expect(await shown('silent')).toMatchObject({ state: 'silent' });
  expect(await shown('ended')).toMatchObject({ state: 'stopped' });
  // Nobody needs it any more: it is taken off the list, and the alert ends.
  expect((await clocked.ask('DELETE', '/api/replays/follow/silent')).status).toBe(200);
  expect((await clocked.ask('DELETE', '/api/replays/follow/silent')).status).toBe(404);
  clocked.nowMs += 3 * minute;
  await clocked.look();
  expect((await clocked.told('silent (follow')).at(-1)).toMatch(/^✅ \*Resolved/);
});

test('a check on a schedule that stops looking is missed within the hour', async () => {
  const sign = { 'replay.mode': 'check', 'replay.beat_ms': 30 * minute, 'replay.compared': 700 };
  await says('nightly', 'drift', {
    ...sign,
    'replay.stale': 300,
    'replay.not_deleted': 20,
    'replay.only_there': 2,
  });
  expect(await shown('nightly')).toMatchObject({
    mode: 'check',
    found: { compared: 700, stale: 300, not_deleted: 20, missing: 0, only_there: 2 },
  });
  expect(await metric('sillok_replay_differences{project="default",replay="nightly"')).toMatch(/ 320$/);
  clocked.nowMs += 39 * minute;
  await clocked.look();
  expect(await clocked.told('nightly (check')).toEqual([]);
  clocked.nowMs += 2 * minute;
  await clocked.look();
  expect((await clocked.told('nightly (check'))[0]).toContain('nothing heard for 41 min');
});

test('one that cannot do its work is told after a minute, with its own error', async () => {
  await says('stuck', 'failed', { 'replay.lag_ms': 5_000 });
  clocked.nowMs += 61 * second;
  await says('stuck', 'failed', { 'replay.lag_ms': 66_000 });
  await clocked.look();
  expect((await clocked.told('stuck (follow'))[0]).toMatch(/it cannot do its work since 2026/);
  expect(await shown('stuck')).toMatchObject({ state: 'failing', lag_ms: 66_000 });
});

test('what a second database does not take is counted until it takes it', async () => {
  await says('picky', 'progress', { 'replay.lag_ms': 0, 'replay.left': 2 });
  await says('picky', 'drift', { 'replay.ids': ['7'] });
  expect(await shown('picky')).toMatchObject({ left: 2, found: null });
  const line = 'sillok_replay_differences{project="default",replay="picky"';
  expect(await metric(line)).toMatch(/ 2$/);
  await says('picky', 'progress', { 'replay.lag_ms': 0, 'replay.left': 0 });
  expect(await metric(line)).toMatch(/ 0$/);
});

test('another project neither sees nor forgets it, and what is no replay is passed over', async () => {
  await says('', 'progress');
  await says('x'.repeat(300), 'progress');
  await says('odd', 'progress', { 'replay.mode': 'dance' });
  await says('<b>bold</b>\u202e', 'progress', { 'replay.lag_ms': 'NaN', 'replay.beat_ms': -1 });
  expect(await shown('odd')).toBeUndefined();
  expect(await shown('<b>bold</b>\u202e')).toMatchObject({ lag_ms: null, state: 'running' });
  const { body } = await clocked.ask('POST', '/api/keys', { name: 'o', scopes: ['write'], project: 'other' });
  const stranger = { authorization: `Bearer ${String(body['key'])}` };
  const { url } = clocked.server.running;
  expect(await (await fetch(`${url}/api/replays`, { headers: stranger })).json()).toEqual({ replays: [] });
  const gone = await fetch(`${url}/api/replays/follow/copy`, { method: 'DELETE', headers: stranger });
  expect(gone.status).toBe(404);
});

test('the numbers of a project are for its keys, and for nobody who has none', async () => {
  await says('hidden', 'progress', { 'replay.lag_ms': 7 });
  const { url, devKey } = clocked.server.running;
  const read = async (headers: Record<string, string> = {}) => {
    const response = await fetch(`${url}/metrics`, { headers });
    return { status: response.status, text: await response.text() };
  };
  const other = await clocked.ask('POST', '/api/keys', { name: 'o', scopes: ['read'], project: 'other' });
  const open = await read();
  expect(open.text).toContain('# TYPE sillok_replay_lag_milliseconds gauge');
  expect(open.text).not.toContain('hidden');
  expect((await read({ authorization: `Bearer ${String(other.body['key'])}` })).text).not.toContain('hidden');
  expect((await read({ authorization: `Bearer ${devKey}` })).text).toContain('replay="hidden"');
  expect((await read({ authorization: 'Bearer nobody' })).status).toBe(401);
  await says('hidden', 'stopped');
});
