/** Two people for one script: what the first asks for runs when the second approves it, once, and only on the plan that was seen. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sillok } from '@sillok/node';
import { Audit } from '@sillok/node/audit';
import { createTestLog } from '@sillok/node/test';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import type { AdminActor } from '../entity/signature.js';
import { decideRun } from './approval.js';
import { runScripts } from './cli.js';
import { defineScript } from './define.js';
import { applyScript } from './runner.js';
import { RunState } from './run-state.js';
import { createScriptDesk, type ScriptDesk } from './script-desk.js';

const LEE: AdminActor = { id: 'user:lee', name: 'Lee', role: 'admin' };
const HAN: AdminActor = { id: 'user:han', name: 'Han', role: 'admin' };
const { log, records } = createTestLog();
let root = '';
let desk: ScriptDesk;
let stored: Record<string, number> = {};

const double = defineScript({
  name: 'double',
  description: 'Doubles everything.',
  isDestructive: true,
  fourEyes: true,
  args: z.object({}),
  items: () => Object.keys(stored),
  key: (id) => id,
  async each(id, { write }) {
    const before = stored[id] ?? 0;
    const after = before * 2;
    const change = { action: 'thing.double', entity: { type: 'thing', id }, before, after };
    await write(change, async () => void (stored[id] = after));
  },
});

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sillok-approval-'));
  stored = { a: 1, b: 2 };
  desk = createScriptDesk({ scripts: [double], audit: new Audit({ logger: log }), logger: log, root });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

async function ended(run: string) {
  for (;;) {
    const shown = await desk.run(LEE, run);
    if (!['checking', 'running'].includes(shown.state)) return shown;
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}

/** A dry run, and the request to apply it. */
async function asked(): Promise<string> {
  const dry = await ended((await desk.start(LEE, 'double', { mode: 'plan' })).run);
  const plan = dry.plan ?? '';
  const request = await desk.start(LEE, 'double', { mode: 'apply', plan, reason: 'prices' });
  expect(request).toMatchObject({
    state: 'requested',
    orders: ['reject'],
    reason: 'prices',
    changes_count: 2,
  });
  return request.run;
}

test('what one asks for runs when another one approves it, and once', async () => {
  const run = await asked();
  expect(stored).toEqual({ a: 1, b: 2 });
  await expect(desk.order(LEE, run, { order: 'approve' })).rejects.toMatchObject({
    code: 'approval_refused',
  });
  await expect(desk.order(HAN, run, { order: 'resume' })).rejects.toMatchObject({ code: 'action_refused' });
  expect((await desk.run(HAN, run)).orders).toEqual(['approve', 'reject']);
  const both = [LEE, HAN, HAN].map((actor) => desk.order(actor, run, { order: 'approve' }));
  const ends = (await Promise.allSettled(both)).map(({ status }) => status);
  expect(ends.toSorted()).toEqual(['fulfilled', 'rejected', 'rejected']);
  expect(await ended(run)).toMatchObject({
    state: 'done',
    started_by: 'Lee (user:lee)',
    approved_by: 'Han (user:han)',
  });
  expect(stored).toEqual({ a: 2, b: 4 });
  const steps = records().flatMap(({ attributes }) => {
    const { action, actor, arguments: given } = Object(Object(attributes)['audit']);
    return Object(given)['run'] === run ? [[action, Object(actor)['id']]] : [];
  });
  expect(steps).toEqual([
    ['script.apply.requested', 'user:lee'],
    ['script.apply', 'user:han'],
  ]);
});

test('an approved plan that has moved on changes nothing, and says so also after a restart', async () => {
  const run = await asked();
  stored['b'] = 7;
  await desk.order(HAN, run, { order: 'approve' });
  expect(await ended(run)).toMatchObject({ state: 'refused', problem: expect.stringContaining('moved on') });
  expect(stored).toEqual({ a: 1, b: 7 });
  desk = createScriptDesk({ scripts: [double], audit: new Audit({ logger: log }), logger: log, root });
  expect(await desk.run(LEE, run)).toMatchObject({
    state: 'refused',
    orders: [],
    problem: expect.stringContaining('approved by Han and did not begin'),
  });
});

test('who asked may take it back, and then nobody approves it', async () => {
  const run = await asked();
  expect(await desk.order(LEE, run, { order: 'reject' })).toMatchObject({ state: 'rejected', orders: [] });
  await expect(desk.order(HAN, run, { order: 'approve' })).rejects.toMatchObject({
    code: 'approval_refused',
  });
  expect(stored).toEqual({ a: 1, b: 2 });
});

test('a plan that nobody saw cannot be asked for, and the runner takes none that nobody approved', async () => {
  const unseen = desk.start(LEE, 'double', { mode: 'apply', plan: 'feedfeedfeedfeed' });
  await expect(unseen).rejects.toMatchObject({ status: 409, message: expect.stringContaining('no dry run') });
  const { signal } = new AbortController();
  const options = { root, logger: log, screen: { write: () => true }, signal, environment: 'test' };
  const more = { concurrency: 1, perSecond: undefined, stopAfter: 9 };
  const alone = applyScript(double, { args: {}, plan: 'x' }, { ...options, ...more });
  await expect(alone).rejects.toMatchObject({ code: 'approval_refused' });
});

test('on the command line --apply asks, and one login is one person', async () => {
  // What it says of itself goes to the log of the process.
  const spoolDirectory = mkdtempSync(join(tmpdir(), 'sillok-approval-log-'));
  const own = sillok({ service: 'shop', spoolDirectory, stdout: 'none', captureFatal: false });
  let text = '';
  const io = {
    out: { write: (piece: string) => (text += piece) },
    env: { SILLOK_SCRIPTS_DIR: root, NODE_ENV: 'test' },
    signal: new AbortController().signal,
  };
  const cli = async (...words: readonly string[]): Promise<string> => {
    text = '';
    await runScripts([double], words, io);
    return text;
  };
  const plan = /plan {2}([0-9a-f]{16})/.exec(await cli('run', 'double'))?.[1] ?? '';
  const request = await cli('run', 'double', '--apply', '--plan', plan);
  expect(request).toMatch(/thing\.double thing\/a[\s\S]*waits for a second person/);
  expect(stored).toEqual({ a: 1, b: 2 });
  const run = /script approve (\S+)/.exec(request)?.[1] ?? '';
  expect(await cli('approve', run)).toContain('Who asked for it cannot approve it.');
  for (const command of ['resume', 'retry'])
    expect(await cli(command, run)).toContain('needs a second person');
  expect(stored).toEqual({ a: 1, b: 2 });
  expect(await cli('status')).toMatch(/double {2}applied {2}requested/);
  // Asked for on the command line, approved in the console.
  await desk.order(HAN, run, { order: 'approve' });
  expect((await ended(run)).state).toBe('done');
  expect(await cli('status', run)).toContain('approved by Han (user:han)');
  expect(stored).toEqual({ a: 2, b: 4 });
  expect(await cli('reject', run)).toContain('waits for nobody');
  expect(() => decideRun(root, RunState.open(root, run).info, { decision: 'approved', by: LEE })).toThrow(
    'it is done',
  );
  await own.close();
  rmSync(spoolDirectory, { recursive: true });
});
