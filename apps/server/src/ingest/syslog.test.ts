import { createSocket } from 'node:dgram';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { afterEach, expect, test, vi } from 'vitest';
import { overloaded } from '../errors.js';
import { createRecordingAdmission, serveProtocol } from './recording-admission.case.js';
import { registerSyslog } from './syslog.js';

let app: FastifyInstance;
afterEach(() => app?.close());

async function start(isOpen: () => boolean = () => true) {
  const admission = createRecordingAdmission();
  const port = await freePort();
  app = await serveProtocol(registerSyslog, {
    admission,
    config: { syslogPort: port, syslogProject: 'ops' },
    isOpen,
  });
  return { admission, port };
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      // It listens on TCP, so it has an address with a port.
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

function sendTcp(port: number, data: string | Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.end(data));
    socket.on('close', () => resolve()).on('error', reject);
    socket.resume();
  });
}

async function sendUdp(port: number, messages: string[]): Promise<void> {
  const socket = createSocket('udp4');
  for (const message of messages) {
    await new Promise((resolve) => socket.send(message, port, '127.0.0.1', resolve));
  }
  socket.close();
}

test('messages of both formats arrive over TCP in order', async () => {
  const { admission, port } = await start();
  await sendTcp(port, '<13>Nov 21 10:00:00 h app: one\n23 <13>1 - h app - - - two<13>three');
  await vi.waitFor(() =>
    expect(admission.records().map(({ message }) => message)).toEqual(['one', 'two', 'three']),
  );
  expect(admission.batches[0]).toMatchObject({ project: 'ops', protocol: 'syslog' });
});

test('datagrams arrive over UDP', async () => {
  const { admission, port } = await start();
  await sendUdp(port, ['<11>1 - h app - - - hello\n', 'garbage \u0000\u0001']);
  await vi.waitFor(() => expect(admission.records()).toHaveLength(2));
  expect(admission.records()[1]).toEqual({ message: 'garbage \u0000\u0001', 'syslog.unparsed': true });
});

test('a sender whose stream cannot be followed is disconnected, others are not', async () => {
  const { admission, port } = await start();
  await sendTcp(port, '99999999999 <1>x').catch(() => undefined);
  await sendTcp(port, '<13>fine\n');
  await vi.waitFor(() => expect(admission.records()).toHaveLength(1));
});

test('while the queue is full TCP waits, and nothing of it is lost', async () => {
  const { admission, port } = await start();
  admission.failure = overloaded('full', 1);
  const lines = Array.from({ length: 45_000 }, (_, index) => `<13>m${index}\n`).join('');
  const sent = sendTcp(port, lines);
  await sendUdp(port, ['<13>datagram']);
  admission.failure = undefined;
  await sent;
  await vi.waitFor(() => expect(admission.records().length).toBeGreaterThanOrEqual(45_000), {
    timeout: 20_000,
  });
  const messages = admission.records().map(({ message }) => String(message));
  expect(messages.filter((message) => /^m\d/.test(message))).toHaveLength(45_000);
});

test('datagrams beyond the buffer are dropped, counted and named in a record', async () => {
  const { admission, port } = await start();
  admission.failure = overloaded('full', 1);
  // Fills the buffer; the sender is then paused.
  void sendTcp(port, '<13>x\n'.repeat(40_000)).catch(() => undefined);
  let sent = 0;
  await vi.waitFor(
    async () => {
      await sendUdp(port, ['<13>datagram']);
      sent += 1;
      expect(sent).toBeGreaterThan(50);
    },
    { timeout: 20_000, interval: 5 },
  );
  admission.failure = undefined;
  await vi.waitFor(
    () => {
      const dropped = admission.records().find((record) => record['sillok.dropped'] !== undefined);
      expect(dropped?.['message']).toContain('dropped');
    },
    { timeout: 20_000 },
  );
});

test('what has been received is in the queue when the stop is done', async () => {
  const { admission, port } = await start();
  admission.failure = overloaded('full', 1);
  await sendTcp(port, '<13>late\n');
  const closing = app.close();
  admission.failure = undefined;
  await closing;
  expect(admission.records()).toHaveLength(1);
});

test('an archived project takes nothing: connections are closed, also open ones, and datagrams dropped', async () => {
  let isArchived = false;
  let refusals = 0;
  const { admission, port } = await start(() => {
    if (isArchived) refusals += 1;
    return !isArchived;
  });
  const open = connect(port, '127.0.0.1');
  const ended = new Promise((resolve) => open.on('error', () => undefined).on('close', resolve));
  open.write('<13>before\n');
  await vi.waitFor(() => expect(admission.records()).toHaveLength(1));
  isArchived = true;
  open.write('<13>refused\n');
  await ended;
  await sendTcp(port, '<13>refused\n').catch(() => undefined);
  await sendUdp(port, ['<13>refused']);
  await vi.waitFor(() => expect(refusals).toBe(3));
  isArchived = false;
  await sendTcp(port, '<13>after\n');
  await vi.waitFor(() => expect(admission.records()).toHaveLength(2));
  expect(admission.records().map(({ message }) => message)).toEqual(['before', 'after']);
});
