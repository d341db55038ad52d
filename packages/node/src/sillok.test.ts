/** The whole SDK on a real disk, and with a server that takes its batches. */
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { bootDirectory, listSegments } from '@sillok/spool';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import type { Logger } from './logger.js';
import { getLogger, sillok } from './sillok.js';

let root = '';
const opened: Logger[] = [];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sillok-sdk-'));
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((log) => log.close()));
  rmSync(root, { recursive: true, force: true });
});

function open(options: Parameters<typeof sillok>[0] = {}): Logger {
  const log = sillok({ service: 'shop', spoolDirectory: root, stdout: 'none', heartbeatMs: 0, ...options });
  opened.push(log);
  return log;
}

/** Of the segment, with all that was logged so far. */
function textOf(log: Logger): string {
  log.runtime.syncNow();
  const { producer, boot } = log.runtime.recorder;
  const [segment] = listSegments({ directory: bootDirectory(root, { producer, boot }) });
  return readFileSync(segment?.path ?? '', 'utf8');
}

test('the file begins with who writes, and holds each line', () => {
  const log = open({ version: '1.4.0', resource: { 'deployment.environment.name': 'test' } });
  log.info({ order: { id: 7 } }, 'paid');
  const [header = '', line = ''] = textOf(log).split('\n');
  expect(JSON.parse(header)).toMatchObject({
    sillok: 1,
    encoding: 'flat',
    resource: { 'service.name': 'shop', 'service.version': '1.4.0', 'deployment.environment.name': 'test' },
  });
  expect(JSON.parse(line)).toMatchObject({ seq: 1, message: 'paid', attributes: { 'order.id': 7 } });
});

test('loggers of one service and folder share one record; after a close a new boot begins', async () => {
  const first = open();
  const second = open({ bindings: { module: 'b' } });
  first.info('one');
  second.info('two');
  expect(second.runtime).toBe(first.runtime);
  expect(getLogger().runtime).toBe(first.runtime);
  await first.close();
  const third = open();
  third.info('three');
  expect(third.runtime.recorder.boot).not.toBe(first.runtime.recorder.boot);
  // The installation keeps its name.
  expect(third.runtime.recorder.producer).toBe(first.runtime.recorder.producer);
});

test('where there is no disk to write to, the host goes on and the records go to standard error', () => {
  writeFileSync(join(root, 'file'), '');
  const log = open({ service: 'nowhere', spoolDirectory: join(root, 'file', 'below') });
  expect(() => log.info('still here')).not.toThrow();
});

test('a spool that is removed while it is in use is there again, loses nothing, and that is said', async () => {
  const told = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  onTestFinished(() => told.mockRestore());
  const log = open({ service: 'removed' });
  log.info('before');
  await log.flush();
  rmSync(root, { recursive: true });
  log.info('after');
  await log.flush();
  const [first, ...lines] = textOf(log).split('\n');
  expect(first).toContain('"sillok":1');
  expect(lines.flatMap((line) => /"message":"(before|after)"/.exec(line)?.[1] ?? [])).toEqual([
    'before',
    'after',
  ]);
  expect(told.mock.calls.flat().join('')).toContain('was removed while it was in use');
});

test('a spool that has failed for good promises nothing, and its records go to standard error', async () => {
  const told = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  onTestFinished(() => told.mockRestore());
  const log = open({ service: 'failed' });
  log.info('before');
  await log.flush();
  rmSync(root, { recursive: true });
  writeFileSync(root, 'a file in its place');
  log.info('after');
  await expect(log.flush()).rejects.toMatchObject({ code: 'flush_failed' });
  await expect(log.audit('user.deleted')).rejects.toMatchObject({ code: 'audit_not_kept' });
  expect(log.runtime.recorder.dropped).toBe(0);
  expect(told.mock.calls.flat().join('')).toContain('cannot be made again');
});

test('an empty address is none, and one that is none is said once', () => {
  const told = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  onTestFinished(() => told.mockRestore());
  open({ service: 'empty', url: '' });
  open({ service: 'wrong', url: 'localhost:4318' });
  const text = told.mock.calls.flat().join('');
  expect(text.match(/sillok:/g)).toHaveLength(1);
  expect(text).toContain('"localhost:4318" is no address of a server');
});

test('a quota that is reached costs records, which are counted, and never the host', () => {
  const log = open({ service: 'full', quotaBytes: 20_000 });
  for (let count = 0; count < 500; count += 1) log.info({ filler: 'x'.repeat(100) }, 'line');
  expect(log.runtime.recorder.dropped).toBeGreaterThan(300);
  expect(log.runtime.recorder.seq).toBe(500);
});

test('an audit that could not be kept is rejected', async () => {
  const log = open({ service: 'full-audit', quotaBytes: 5_000 });
  for (let count = 0; count < 100; count += 1) log.info({ filler: 'x'.repeat(100) }, 'line');
  await expect(log.audit('user.deleted')).rejects.toMatchObject({ code: 'audit_not_kept' });
});

interface Collector {
  readonly server: Server;
  readonly url: string;
  readonly messages: string[];
  readonly keys: Set<string | undefined>;
  failures: number;
}

/** Takes batches as the server does, after failing as often as it is told. */
async function collect(): Promise<Collector> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // it listens on TCP
  const collector: Collector = {
    server,
    url: `http://127.0.0.1:${port}`,
    messages: [],
    keys: new Set(),
    failures: 0,
  };
  server.on('request', async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    if (collector.failures > 0) {
      collector.failures -= 1;
      response.writeHead(503).end();
      return;
    }
    collector.keys.add(request.headers.authorization);
    const lines = gunzipSync(Buffer.concat(chunks)).toString().trimEnd().split('\n').slice(1);
    const records: { seq: number; message: string }[] = lines.map((line) => JSON.parse(line));
    collector.messages.push(...records.map(({ message }) => message));
    response.end(JSON.stringify({ accepted_through: records.at(-1)?.seq ?? 0, rejected: [] }));
  });
  return collector;
}

test('with an address records are shipped in order, through failures, and close() waits for the rest', async () => {
  const collector = await collect();
  collector.failures = 2;
  const log = open({ service: 'shipped', url: collector.url, key: 'k-1' });
  for (let count = 0; count < 100; count += 1) log.info(`line ${count}`);
  await log.close();
  const expected = Array.from({ length: 100 }, (_, count) => `line ${count}`);
  expect(collector.messages).toEqual([...expected, 'closed: close']);
  expect([...collector.keys]).toEqual(['Bearer k-1']);
  collector.server.close();
});

test('what an earlier boot could not ship is shipped by the next', async () => {
  const away = open({ service: 'later' });
  away.info('written while there was no server');
  await away.close();
  const collector = await collect();
  const log = open({ service: 'later', url: collector.url });
  log.info('written with a server');
  while (collector.messages.length < 3) await new Promise((resolve) => setImmediate(resolve));
  expect(collector.messages.toSorted()).toEqual([
    'closed: close',
    'written while there was no server',
    'written with a server',
  ]);
  await log.close();
  collector.server.close();
});

test('a server that is away costs nothing but the wait of close()', async () => {
  const log = open({ service: 'away', url: 'http://127.0.0.1:9' });
  log.info('kept');
  const token: unknown = JSON.parse(Buffer.from(await log.flush(), 'base64url').toString());
  expect(token).toMatchObject({ seq: 1 });
  expect(textOf(log)).toContain('"message":"kept"');
});
