/** One notice for one storm, whatever happens to the server in between. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import type { FlatRecord } from '@sillok/record';

import { createLog } from '../log.js';
import { ServerUnderTest, until } from '../server.fixture.js';
import { STORM_OCCURRENCES_MIN, STORM_QUIET_MS, STORMS_OPEN_MAX } from './limits.js';
import { Storms, type PageOwner } from './storms.js';

const server = new ServerUnderTest();
beforeAll(() => server.start());
afterAll(() => server.dispose());

let files = 0;
function open(path = join(server.directory, `storms-${(files += 1)}.json`)) {
  const clock = { ms: Date.now() };
  const { admission } = server.running.deps;
  const storms = new Storms({
    admission,
    log: createLog('silent'),
    path,
    nowMs: () => clock.ms,
    settleMs: 1,
  });
  return { storms, clock, path };
}

function owner(app: string, boot = 'b1'): PageOwner {
  return { project: 'default', app, release: '1.0.0', boot };
}

function repeat(count: number, session: string, signature = 's1'): FlatRecord {
  const attributes = {
    'repeat.signature': signature,
    'repeat.count': count,
    'code.stacktrace': 'Error\n    at Cart (https://shop.example/assets/app.js:12:34)',
  };
  const head = { seq: 1, time: '2026-11-21T10:00:00.000000000Z', kind: 'event', level: 'error' } as const;
  return { ...head, message: 'cart total is NaN', session_hash: session, attributes };
}

async function notices(app: string): Promise<unknown[][]> {
  const sql = `SELECT message, attributes['browser.storm.sessions'] FROM records
    WHERE "event.name" = 'browser.storm' AND producer = 'sillok/${app}' ORDER BY seq`;
  return server.select(sql);
}

async function noticed(app: string, count: number): Promise<unknown[][]> {
  let found: unknown[][] = [];
  await until(async () => (found = await notices(app)).length >= count);
  return found;
}

test('sessions of many pages are one storm with one notice, and the next storm has its own', async () => {
  const { storms, clock } = open();
  for (let index = 0; index < 3; index += 1)
    storms.see(repeat(STORM_OCCURRENCES_MIN, `session-${index}`), owner('many', `b${index}`));
  expect(await noticed('many', 1)).toEqual([
    ['storm in many 1.0.0: Cart (assets/app.js:12), 3 sessions: cart total is NaN', '3'],
  ]);
  storms.see(repeat(STORM_OCCURRENCES_MIN * 10, 'session-4'), owner('many'));
  clock.ms += STORM_QUIET_MS + 1;
  storms.see(repeat(STORM_OCCURRENCES_MIN, 'session-5'), owner('many'));
  expect(await noticed('many', 2)).toHaveLength(2);
  storms.stop();
});

test('what comes now and then is no storm, however long it goes on', async () => {
  const { storms, clock } = open();
  for (let minute = 0; minute < 100; minute += 1) {
    clock.ms += 61_000;
    storms.see(repeat(STORM_OCCURRENCES_MIN / 2, 'slow'), owner('slow'));
  }
  storms.see(repeat(STORM_OCCURRENCES_MIN, 'fast', 's2'), owner('fast'));
  await noticed('fast', 1);
  expect(await notices('slow')).toEqual([]);
  storms.stop();
});

test('a server that stops in the middle of a storm neither forgets the notice nor repeats it', async () => {
  const first = open();
  first.storms.see(repeat(STORM_OCCURRENCES_MIN, 'a'), owner('restart'));
  // Stopped before the notice was written.
  first.storms.stop();
  const second = open(first.path);
  expect(await noticed('restart', 1)).toHaveLength(1);
  await until(() => readFileSync(first.path, 'utf8').includes('"told":true'));
  second.storms.stop();
  const third = open(first.path);
  third.storms.see(repeat(STORM_OCCURRENCES_MIN * 5, 'b'), owner('restart'));
  third.storms.see(repeat(STORM_OCCURRENCES_MIN, 'c', 'other'), owner('restart-other'));
  await noticed('restart-other', 1);
  expect(await notices('restart')).toHaveLength(1);
  third.storms.stop();
});

test('signatures that are made up do not make notices without end', async () => {
  const { storms } = open();
  for (let index = 0; index < STORMS_OPEN_MAX * 3; index += 1)
    storms.see(repeat(STORM_OCCURRENCES_MIN, 'x', `made-up-${index}`), owner('liar'));
  await noticed('liar', STORMS_OPEN_MAX);
  expect(await notices('liar')).toHaveLength(STORMS_OPEN_MAX);
  storms.stop();
});
