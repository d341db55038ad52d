import { openNote, tryCheckpoint, tryVerifier } from '@sillok/proof';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { HookSink, MailSink } from '../alert/sinks.fixture.js';
import { presetConfig } from '../config.js';
import { dataPaths } from '../filenames.js';
import { createLog } from '../log.js';
import { AuditFolder, auditLine } from './audit.fixture.js';
import { startTelling, type Telling } from './told-checkpoints.js';

const hook = new HookSink();
const mail = new MailSink();
let folder: AuditFolder;
let now = Date.parse('2026-11-21T08:00:00Z');
let telling: Telling | undefined;
let targets = '';
let smtpUrl = '';

beforeEach(async () => {
  now = Date.parse('2026-11-21T08:00:00Z');
  folder = new AuditFolder();
  targets = `${await hook.start()}/audit,auditor@example.kr`;
  smtpUrl = await mail.start();
});
afterEach(async () => {
  telling?.stop();
  hook.stop();
  mail.stop();
  hook.received.length = 0;
  mail.mails.length = 0;
  await folder.dispose();
});

function start(): Telling {
  telling = startTelling({
    config: presetConfig({
      ...{ smtpUrl, checkpointTo: targets, allowPrivateTargets: true },
      ...{ checkpointSchedule: '0 9 * * *', checkpointTimezone: 'UTC' },
    }),
    directory: dataPaths(folder.root).proof,
    auditLog: folder.log,
    checkpoints: folder.checkpoints,
    log: createLog('silent'),
    nowMs: () => now,
  });
  if (telling === undefined) throw new Error('nobody is told');
  return telling;
}

const entry = (seq: number) => ({ project: 'default', producer: 'p1', line: auditLine(seq) });

test('a checkpoint that holds comes at its time and once, also when nothing was recorded since', async () => {
  await folder.add([entry(1), entry(2)]);
  const { look } = start();
  await look();
  expect(hook.received).toEqual([]);
  now = Date.parse('2026-11-21T09:00:30Z');
  await look();
  await look();
  expect([hook.texts('/audit').length, mail.mails.length]).toEqual([1, 1]);
  const text = hook.texts('/audit')[0] ?? '';
  expect(text).toContain('checkpoint of the audit log, 2 entries');
  const note = /^(sillok-[^]*?\n\n\u2014 [^\n]*\n)/m.exec(text)?.[1] ?? '';
  const verifier = tryVerifier(folder.checkpoints.verifier);
  const opened = openNote(note, verifier === undefined ? [] : [verifier]);
  expect(opened.ok && tryCheckpoint(opened.text)?.size).toBe(2);
  now += 24 * 3_600_000;
  await look();
  expect([hook.texts('/audit').length, mail.mails.length]).toEqual([2, 2]);
});

test('one that a target did not take is sent again to that target only, and what came due meanwhile once', async () => {
  await folder.add([entry(1)]);
  hook.answer = () => 503;
  const { look } = start();
  now = Date.parse('2026-11-21T09:00:30Z');
  await look();
  await look();
  expect([hook.received.length, mail.mails.length]).toEqual([0, 1]);
  hook.answer = () => 200;
  await look();
  expect([hook.received.length, mail.mails.length]).toEqual([1, 1]);
  // Three days without the server: one message, at its start.
  telling?.stop();
  now += 3 * 24 * 3_600_000;
  await start().look();
  expect([hook.received.length, mail.mails.length]).toEqual([2, 2]);
});

test('nobody is told when no target is set', () => {
  targets = ' , ';
  expect(start).toThrow('nobody is told');
});
