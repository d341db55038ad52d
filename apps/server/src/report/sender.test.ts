/** Reports at their time, late after a stop, and again when a target was away: with a real server and a clock of our own. */
import type { Report } from '@sillok/api';
import { reportBody } from '@sillok/api';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { HookSink, MailSink } from '../alert/sinks.fixture.js';
import { createTargets } from '../alert/targets.js';
import { presetConfig } from '../config.js';
import { openDatabases } from '../database/room.js';
import { createLog } from '../log.js';
import { registerReadRoutes } from '../read/index.js';
import type { Reading } from '../read/reading.js';
import { createApp } from '../http/app.js';
import { ServerUnderTest } from '../server.fixture.js';
import { createShelf } from '../settings/objects.js';
import { openSettings } from '../settings/settings.js';
import { nextAfter } from './schedule.js';
import { ReportSender } from './sender.js';

const hook = new HookSink();
const mail = new MailSink();
let smtpUrl = '';
const server = new ServerUnderTest();
const directory = mkdtempSync(join(tmpdir(), 'sillok-report-'));
const log = createLog('silent');
let reading: Reading;
let hookUrl = '';

beforeAll(async () => {
  hookUrl = await hook.start();
  smtpUrl = await mail.start();
  const { deps } = await server.start();
  reading = registerReadRoutes(createApp({ log, isStopping: () => false }), deps);
  await server.visible();
});
afterAll(async () => {
  await server.dispose();
  hook.stop();
  mail.stop();
  rmSync(directory, { recursive: true, force: true });
});

const MINUTE_MS = 60_000;

function setUp(name: string, nowMs: () => number) {
  const settings = openSettings({ directory: join(directory, name), log });
  const shelf = createShelf<Report>(settings, 'report', reportBody);
  const targets = createTargets(presetConfig({ allowPrivateTargets: true, smtpUrl }), settings);
  const told = { message: 'test', actor: 'test' };
  const target = targets.shelf.put(
    { project: 'default', id: 't1' },
    {
      kind: 'slack_webhook',
      name,
      url: `${hookUrl}/${name}`,
      language: 'en',
      enabled: true,
      severity_min: 'warning',
    },
    told,
  );
  const report = reportBody.parse({
    name,
    cards: [{ title: 'calls', measure: 'calls' }],
    schedule: '*/10 * * * *',
    targets: [target.id],
  });
  shelf.put({ project: 'default', id: 'r1' }, report, told);
  const path = join(directory, `${name}.json`);
  const { admission } = server.running.deps;
  const databases = openDatabases({ databases: new Map(), admission, log, nameOf: String });
  const baseUrl = (): string => 'https://s.example';
  const options = { shelf, targets, reading, log, path, baseUrl, nowMs, databases };
  return { settings, targets, options, at: { project: 'default', id: 'r1' } };
}

test('it is sent once at its time, and not before; a restart does not send it again', async () => {
  let now = Date.now();
  const { options, at, settings, targets } = setUp('once', () => now);
  const sender = new ReportSender(options);
  await sender.run();
  expect(hook.texts('/once')).toEqual([]);
  const schedule = { schedule: '*/10 * * * *', timezone: 'UTC' };
  now = (nextAfter(schedule, now) ?? 0) + 5_000;
  await sender.run();
  await sender.run();
  expect(hook.texts('/once')).toHaveLength(1);
  expect(hook.texts('/once')[0]).not.toContain('late');
  expect(sender.lastOf(at)).toMatchObject({ state: 'sent' });
  await sender.stop();
  const next = new ReportSender(options);
  await next.run();
  expect(hook.texts('/once')).toHaveLength(1);
  now = (nextAfter(schedule, now + 50 * MINUTE_MS) ?? 0) + 5 * MINUTE_MS;
  await next.run();
  // Six times were missed: the latest is sent, and says that it is late.
  expect(hook.texts('/once')).toHaveLength(2);
  expect(hook.texts('/once')[1]).toContain('late');
  await next.stop();
  targets.close();
  await settings.close();
});

test('by mail, at its time, narrowed to the value that it was given', async () => {
  const producer = { producer: 'numbers', boot: 'b', encoding: 'flat' } as const;
  const calls = Array.from({ length: 9 }, (_, index) => ({
    seq: index + 1,
    time: new Date(Date.now() - MINUTE_MS).toISOString(),
    kind: 'access',
    message: 'a call',
    'http.route': index < 7 ? '/orders' : '/carts',
  }));
  const sent = await server.send(
    producer,
    calls.map((call) => JSON.stringify(call)),
  );
  expect(sent.status).toBe(200);
  await server.visible();
  let now = Date.now();
  const { options, at, settings, targets } = setUp('mailed', () => now);
  const told = { message: 'test', actor: 'test' };
  const to = ['boss@shop.example'];
  const inbox = { kind: 'mail', name: 'boss', to, language: 'en' } as const;
  targets.shelf.put(
    { project: 'default', id: 't2' },
    { ...inbox, enabled: true, severity_min: 'warning' },
    told,
  );
  const kept = options.shelf.get('default', 'r1')?.value;
  const narrowed = reportBody.parse({
    ...kept,
    targets: ['t2'],
    variables: [{ name: 'v1', field: 'http.route' }],
    values: { v1: '/orders' },
  });
  options.shelf.put(at, narrowed, told);
  const sender = new ReportSender(options);
  const due = nextAfter({ schedule: '*/10 * * * *', timezone: 'UTC' }, now) ?? 0;
  await sender.run();
  expect(mail.mails).toEqual([]);
  now = due + 5_000;
  await sender.run();
  expect(mail.mails).toHaveLength(1);
  expect(mail.mails[0]?.to).toEqual(to);
  expect(mail.mails[0]?.text).toMatch(/calls\W+7\b/);
  expect(sender.lastOf(at)).toMatchObject({ state: 'sent' });
  await sender.stop();
  targets.close();
  await settings.close();
});

test('a target that is away gets it later, and the one that had it does not get it twice', async () => {
  let now = Date.now();
  const { options, at, settings, targets } = setUp('away', () => now);
  const second = { kind: 'slack_webhook', name: 'b', url: `${hookUrl}/second`, language: 'en' } as const;
  const told = { message: 'test', actor: 'test' };
  targets.shelf.put(
    { project: 'default', id: 't2' },
    { ...second, enabled: true, severity_min: 'warning' },
    told,
  );
  const kept = options.shelf.get('default', 'r1');
  if (kept === undefined) throw new Error('it was put');
  options.shelf.put(at, { ...kept.value, targets: ['t1', 't2'] }, told);
  const sender = new ReportSender(options);
  hook.answer = (path) => (path === '/away' ? 503 : 200);
  now = (nextAfter({ schedule: '*/10 * * * *', timezone: 'UTC' }, now) ?? 0) + 5_000;
  await sender.run();
  expect(sender.lastOf(at)).toMatchObject({ state: 'failing', done: ['t2'], attempts: 1 });
  hook.answer = () => 200;
  await sender.run();
  expect(hook.texts('/away')).toEqual([]);
  now += MINUTE_MS;
  await sender.run();
  expect(hook.texts('/away')).toHaveLength(1);
  expect(hook.texts('/second')).toHaveLength(1);
  expect(sender.lastOf(at)).toMatchObject({ state: 'sent' });
  await sender.stop();
  targets.close();
  await settings.close();
});
