/**
 * Syslog over TCP and UDP on one port (`SILLOK_SYSLOG_PORT`, off by default), for one project: it has no keys.
 *
 * There are no acknowledgements, so what is promised is less: a TCP sender is made to wait when the queue is full, a
 * datagram is dropped and counted. Messages in neither format are kept whole. While the project is archived, connections are
 * closed, so that a sender with a queue keeps what it has, and datagrams are counted and dropped.
 */
import { createSocket } from 'node:dgram';
import type { Socket as UdpSocket } from 'node:dgram';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { IngestDeps } from '../seams.js';
import { SYSLOG_CONNECTIONS_MAX, SYSLOG_FRAME_BYTES_MAX, SYSLOG_UDP_BUFFER_BYTES } from './limits.js';
import { createFrameReader } from './syslog-framing.js';
import type { Frame } from './syslog-framing.js';
import { parseSyslog } from './syslog-parse.js';
import { createSyslogPending } from './syslog-pending.js';
import type { SyslogPending } from './syslog-pending.js';

export function registerSyslog(app: FastifyInstance, deps: IngestDeps): void {
  const { syslogPort: port, syslogProject: project, host } = deps.config;
  if (port === 0) return;
  const { admission, log, metrics } = deps;
  const dropped = metrics.counter(
    'sillok_syslog_dropped_total',
    'Syslog datagrams dropped because the queue was full.',
  );
  const refused = metrics.counter(
    'sillok_syslog_broken_streams_total',
    'Syslog connections closed as unreadable.',
  );
  const archived = metrics.counter(
    'sillok_syslog_archived_total',
    'Syslog connections and datagrams refused because their project is archived.',
  );
  const isOpen = (): boolean => {
    const open = deps.auth.isOpen(project);
    if (!open) archived.add();
    return open;
  };
  const pending = createSyslogPending({ admission, project, log, dropped });
  const sockets = new Set<Socket>();
  const tcp = createServer({ noDelay: true }, (socket) => {
    if (!isOpen()) return socket.destroy();
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    return readStream(socket, { pending, isOpen, onBroken: () => refused.add() });
  });
  tcp.maxConnections = SYSLOG_CONNECTIONS_MAX;
  pending.onRoom(() => {
    for (const socket of sockets) socket.resume();
  });
  const udp = createSocket({ type: host.includes(':') ? 'udp6' : 'udp4' });
  udp.on('message', (message) => {
    if (!isOpen()) return;
    if (pending.full) return pending.drop();
    pending.add(readMessage({ text: trimEnd(message), cutBytes: 0 }), message.length);
  });
  udp.on('error', (error) => log.error('syslog over UDP failed', { error }));
  tcp.on('error', (error) => log.error('syslog over TCP failed', { error }));

  app.addHook('onReady', () => listen(tcp, udp, { port, host }));
  deps.onStop(async () => {
    for (const socket of sockets) socket.destroy();
    await Promise.all([closed(tcp), closed(udp)]);
    await pending.stop();
  });
}

interface Reading {
  readonly pending: SyslogPending;
  readonly isOpen: () => boolean;
  readonly onBroken: () => void;
}

function readStream(socket: Socket, { pending, isOpen, onBroken }: Reading): void {
  const reader = createFrameReader();
  const add = (frames: readonly Frame[]): void => {
    // All messages of a chunk are taken, also past the limit: it is the sender that waits, after them.
    for (const frame of frames) pending.add(readMessage(frame), frame.text.length);
    if (pending.full) socket.pause();
  };
  socket.on('data', (chunk) => {
    if (!isOpen()) return void socket.destroy();
    const { frames, broken } = reader.push(chunk);
    add(frames);
    if (!broken) return undefined;
    onBroken();
    return void socket.destroy();
  });
  socket.on('end', () => add(reader.end()));
  socket.on('error', () => socket.destroy());
}

function readMessage(frame: Frame): ReturnType<typeof parseSyslog> {
  const { resource, record } = parseSyslog(frame.text, Date.now());
  if (frame.cutBytes === 0) return { resource, record };
  const note = { 'sillok.truncated.bytes': frame.cutBytes, 'sillok.truncated.kept': SYSLOG_FRAME_BYTES_MAX };
  return { resource, record: { ...record, ...note } };
}

function trimEnd(message: Buffer): string {
  return message.toString('utf8').replace(/[\r\n\0]+$/, '');
}

async function listen(tcp: Server, udp: UdpSocket, address: { port: number; host: string }): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    tcp.once('error', reject);
    tcp.listen(address.port, address.host, () => {
      tcp.off('error', reject);
      resolve();
    });
  });
  await new Promise<void>((resolve, reject) => {
    udp.once('error', reject);
    udp.bind(address.port, address.host, () => {
      udp.off('error', reject);
      resolve();
    });
  });
  udp.setRecvBufferSize(SYSLOG_UDP_BUFFER_BYTES);
}

function closed(socket: { close(done: () => void): unknown }): Promise<void> {
  return new Promise((resolve) => {
    try {
      socket.close(() => resolve());
    } catch {
      // It never listened.
      resolve();
    }
  });
}
