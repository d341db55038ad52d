import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Audit } from '@sillok/node/audit';
import { createTestLog } from '@sillok/node/test';
import { nodeProcesses } from '@sillok/spool';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { orderFile, runDirectory } from '../filenames.js';
import { defineScript } from './define.js';
import { giveOrder, isAlive, stateOf } from './orders.js';
import { RunState, type RunInfo } from './run-state.js';
import { planScript } from './runner.js';
import { createScriptDesk } from './script-desk.js';

const RUN = '01a21003-ad7f-7958-9426-6fcd5a998c3c';
const { log, records } = createTestLog();
let root = '';

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sillok-orders-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const endless = defineScript({
  name: 'endless',
  description: 'Has always one more item.',
  args: z.object({}),
  *items() {
    for (let n = 0; ; n += 1) yield n;
  },
  key: String,
  each: () => new Promise<void>((resolve) => setImmediate(resolve)),
});

function started(signal = new AbortController().signal) {
  let begun: () => void = () => undefined;
  const isBegun = new Promise<void>((resolve) => (begun = resolve));
  const options = { root, logger: log, screen: { write: () => true }, signal, environment: 'test' };
  const more = { concurrency: 1, perSecond: undefined, stopAfter: 9, run: RUN, onBegun: begun };
  return { isBegun, result: planScript(endless, {}, { ...options, ...more }) };
}

const infoOf = (change: Partial<RunInfo>): RunInfo => ({
  run: RUN,
  script: 'endless',
  args: {},
  mode: 'plan',
  environment: 'test',
  started_at: '2026-11-25T00:00:00.000Z',
  started_by: 'kim',
  state: 'running',
  counts: {},
  ...change,
});

test('a run of the command line is stopped from the console, and its record says by whom', async () => {
  const { isBegun, result } = started();
  await isBegun;
  const desk = createScriptDesk({
    scripts: [endless],
    audit: new Audit({ logger: log }),
    logger: log,
    root,
  });
  await desk.order({ id: 'user:lee', name: 'Lee', role: 'admin' }, RUN, { order: 'stop' });
  expect((await result).end).toBe('stopped');
  expect(records().map(({ message }) => message)).toContain('endless: stopped by Lee (user:lee)');
  // Stopped twice is stopped.
  expect(
    await desk.order({ id: 'user:lee', name: 'Lee', role: 'admin' }, RUN, { order: 'stop' }),
  ).toMatchObject({
    state: 'stopped',
  });
});

test('Ctrl-C ends a run that is paused', async () => {
  const stop = new AbortController();
  const { isBegun, result } = started(stop.signal);
  await isBegun;
  giveOrder(root, RunState.open(root, RUN).info, { order: 'pause', by: 'kim@here' });
  while (RunState.open(root, RUN).info.state !== 'paused')
    await new Promise<void>((resolve) => setImmediate(resolve));
  stop.abort();
  expect((await result).info.state).toBe('stopped');
});

test('an order of an earlier part of a run, and a file that is none, order nothing', async () => {
  const stop = new AbortController();
  const { isBegun, result } = started(stop.signal);
  await isBegun;
  writeFileSync(orderFile(runDirectory(root, RUN)), '{"order":"format the disk"}');
  const { counts } = RunState.open(root, RUN).info;
  while ((RunState.open(root, RUN).info.counts['done'] ?? 0) <= (counts['done'] ?? 0))
    await new Promise<void>((resolve) => setImmediate(resolve));
  expect(RunState.open(root, RUN).info.state).toBe('running');
  stop.abort();
  await result;
});

test('a run whose process is gone is not alive, takes no order, and is told as killed', () => {
  const here = nodeProcesses.self;
  const mine = { host: 'here', pid: here.pid, start: here.start, machine: here.host };
  // No process of this machine has that id: the kernel gives none so high.
  const gone = infoOf({ process: { ...mine, pid: 2 ** 30 } });
  RunState.create(root, gone);
  expect([isAlive(root, gone), stateOf(root, gone)]).toEqual([false, 'killed']);
  expect(() => giveOrder(root, gone, { order: 'stop', by: 'kim' })).toThrow('it was killed');
  expect(isAlive(root, infoOf({ process: mine }))).toBe(true);
  // Its pid is another process by now.
  expect(isAlive(root, infoOf({ process: { ...mine, start: '1' } }))).toBe(false);
  // Of another machine that shares the folder, also one of the same name, only its last word is known.
  expect(isAlive(root, infoOf({ process: { ...mine, pid: 2 ** 30, machine: 'another' } }))).toBe(true);
  expect(isAlive(root, infoOf({ state: 'done', process: mine }))).toBe(false);
});
