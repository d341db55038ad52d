import { openSpoolWriter, type SpoolWriter } from '@sillok/spool';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { REJECT_FILE } from './filenames.js';
import type { ShipperReport } from './report.js';
import { createShipper, type Shipper, type ShipperOptions } from './shipper.js';
import {
  HEADER,
  HEADER_LINE,
  answer,
  lineOf,
  range,
  startServer,
  temporaryDirectory,
  wellBehaved,
} from './test-support.js';
import type { TestServer } from './test-support.js';

interface Setup {
  readonly server: TestServer;
  readonly directory: string;
  readonly writer: SpoolWriter;
  readonly shipper: Shipper;
  readonly reports: ShipperReport[];
  readonly options: ShipperOptions;
}

async function setUp(extra: Partial<ShipperOptions> = {}): Promise<Setup> {
  const server = await startServer();
  const directory = temporaryDirectory();
  const writer = openSpoolWriter({ directory, header: HEADER, groupSyncMs: 1 });
  const reports: ShipperReport[] = [];
  const onReport = (report: ShipperReport): void => void reports.push(report);
  const timing = { backoffFirstMs: 1, lingerMs: 1 };
  const options = { directory, url: server.url, source: writer, onReport, ...timing, ...extra };
  return { server, directory, writer, reports, options, shipper: createShipper(options) };
}

const append = (writer: SpoolWriter, from: number, to: number): void => {
  for (const seq of range(from, to)) writer.append(lineOf(seq));
};

test('every synced record reaches the server once, in order, as the very line that was written', async () => {
  const { server, writer, shipper } = await setUp({ key: 'secret' });
  shipper.start();
  append(writer, 1, 500);
  expect(await shipper.settled(500)).toBe(true);
  append(writer, 501, 600);
  expect(await shipper.stop({ flush: true })).toEqual({ flushed: true });
  expect(server.stored.get('orders-1/boot-1')).toEqual(range(1, 600).map((seq) => lineOf(seq)));
  expect(JSON.stringify(server.requests[0]?.header)).toBe(HEADER_LINE);
  expect(server.requests[0]?.headers).toMatchObject({
    authorization: 'Bearer secret',
    'content-type': 'application/x-ndjson',
    'content-encoding': 'gzip',
  });
  expect(shipper.stats()).toMatchObject({ sent: 600, rejected: 0, failures: 0, state: 'stopped' });
  await writer.close();
});

test('a batch holds at most so many records and so many bytes', async () => {
  const { server, writer, shipper } = await setUp({ batchRecordsMax: 100, batchBytesMax: 4000 });
  append(writer, 1, 300);
  writer.append(lineOf(301, 'x'.repeat(10_000)));
  append(writer, 302, 310);
  await shipper.stop({ flush: true });
  expect(server.seqs()).toEqual(range(1, 310));
  const others = server.requests.filter((request) => !request.lines.some((line) => line.length > 4000));
  expect(server.requests.length - others.length).toBe(1);
  expect(
    others.every((request) => request.lines.length <= 100 && request.bytes <= 4000 + HEADER_LINE.length + 1),
  ).toBe(true);
  await writer.close();
});

test('errors, resets after the commit, slow and garbage answers, 429: each record arrives once, in order', async () => {
  const { server, writer, shipper, reports } = await setUp({ batchRecordsMax: 10 });
  server.behaviours.push(
    answer(500, 'oops'),
    (_request, response, commit) => {
      commit();
      response.destroy();
    },
    answer(200, 'not json'),
    answer(200, '{"accepted_through":"7"}'),
    answer(200, '[]'),
    answer(503, '', { 'retry-after': '0' }),
    (_request, response, commit) => {
      response.writeHead(200, { 'content-length': 1000 }).write(commit().slice(0, 5));
      setImmediate(() => response.destroy());
    },
    answer(302, '', { location: '/elsewhere' }),
    answer(429, '', { 'retry-after': 'soon' }),
    (request, response, commit) => void setTimeout(() => wellBehaved(request, response, commit), 20),
  );
  append(writer, 1, 95);
  shipper.start();
  expect(await shipper.settled(95)).toBe(true);
  expect(server.seqs()).toEqual(range(1, 95));
  expect(server.conflicts).toEqual([]);
  // A reset before any answer on a connection that was kept open is repeated at once and counts as no failure.
  expect(shipper.stats()).toMatchObject({ sent: 95, failures: 8 });
  // One report per row of failures, not per failure.
  expect(reports.map((report) => report.type)).toEqual(['unreachable', 'reachable']);
  await shipper.stop();
  await writer.close();
});

test('a server that accepts only a part gets the rest, and only the rest, again', async () => {
  const { server, writer, shipper } = await setUp();
  const partly =
    (through: number): (typeof server.behaviours)[number] =>
    (_request, response) => {
      response.writeHead(200).end(JSON.stringify({ accepted_through: through, rejected: [] }));
    };
  server.behaviours.push(partly(4), partly(4), partly(7));
  append(writer, 1, 10);
  await shipper.stop({ flush: true });
  const firsts = server.requests.map((request) => request.lines[0]);
  expect(firsts).toEqual([1, 5, 5, 8].map((seq) => lineOf(seq)));
  await writer.close();
});

test('413 halves the batch; a single record that is too large is kept aside and costs only itself', async () => {
  const { server, directory, writer, shipper, reports } = await setUp();
  const limited: (typeof server.behaviours)[number] = (request, response, commit) => {
    if (request.bytes > 1500) answer(413)(request, response, commit);
    else wellBehaved(request, response, commit);
  };
  server.behaviours.push(...Array.from({ length: 200 }, () => limited));
  append(writer, 1, 40);
  writer.append(lineOf(41, 'x'.repeat(5000)));
  append(writer, 42, 60);
  await shipper.stop({ flush: true });
  expect(server.seqs()).toEqual(range(1, 60).filter((seq) => seq !== 41));
  expect(readFileSync(join(directory, REJECT_FILE), 'utf8')).toMatch(/^\{"seq":41,"code":"too_large".*\}\n$/);
  expect(reports).toMatchObject([{ type: 'rejected', records: 1 }]);
  await writer.close();
});

test('rejected records are counted and kept with their reasons, once, also when the answer comes twice', async () => {
  const { server, directory, writer, shipper } = await setUp();
  server.reject(3, 'bad_time');
  server.reject(5, 'bad_kind');
  server.behaviours.push((_request, response, commit) => {
    commit();
    response.destroy();
  });
  append(writer, 1, 6);
  await shipper.stop({ flush: true });
  expect(server.seqs()).toEqual([1, 2, 4, 6]);
  expect(shipper.stats()).toMatchObject({ rejected: 2, sent: 6 });
  const kept = readFileSync(join(directory, REJECT_FILE), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(kept).toEqual([
    { seq: 3, code: 'bad_time', reason: 'for the test', line: lineOf(3) },
    { seq: 5, code: 'bad_kind', reason: 'for the test', line: lineOf(5) },
  ]);
  await writer.close();
});

test('a refused key is reported once and nothing is lost meanwhile', async () => {
  const { server, writer, shipper, reports } = await setUp();
  server.behaviours.push(
    answer(401, '{"error":{}}', { 'retry-after': '0' }),
    answer(403, '', { 'retry-after': '0' }),
  );
  append(writer, 1, 3);
  await shipper.stop({ flush: true });
  expect(reports).toMatchObject([{ type: 'denied', status: 401 }]);
  expect(server.seqs()).toEqual([1, 2, 3]);
  await writer.close();
});

test('a new shipper goes on where the last one was confirmed', async () => {
  const { server, writer, shipper, options } = await setUp();
  append(writer, 1, 20);
  await shipper.stop({ flush: true });
  append(writer, 21, 30);
  const second = createShipper(options);
  await second.stop({ flush: true });
  expect(server.seqs()).toEqual(range(1, 30));
  expect(server.requests.map((request) => request.lines.length)).toEqual([20, 10]);
  expect(second.stats().settledThrough).toBe(30);
  await writer.close();
});

test('of two shippers of a spool only one sends; the other takes over when it stops', async () => {
  const { server, writer, shipper, options } = await setUp();
  const second = createShipper(options);
  append(writer, 1, 5);
  shipper.start();
  await shipper.settled(5);
  second.start();
  expect(second.stats().state).toBe('locked');
  await shipper.stop();
  append(writer, 6, 9);
  expect(await second.stop({ flush: true })).toEqual({ flushed: true });
  expect(server.seqs()).toEqual(range(1, 9));
  expect(server.requests.length).toBe(2);
  await writer.close();
});

test('with the server away, stop gives up in time, settled answers false, and everything arrives later', async () => {
  const { server, writer, shipper, options } = await setUp();
  const away = createShipper({ ...options, url: 'http://127.0.0.1:1' });
  append(writer, 1, 50);
  away.start();
  const settled = away.settled(50);
  expect(await away.stop({ flush: true, timeoutMs: 50 })).toEqual({ flushed: false });
  expect(await settled).toBe(false);
  expect(await shipper.stop({ flush: true })).toEqual({ flushed: true });
  expect(server.seqs()).toEqual(range(1, 50));
  await writer.close();
});

test('a server that never answers holds up neither stop nor the host', async () => {
  const { server, writer, shipper } = await setUp();
  const asked = new Promise<void>((resolve) => {
    server.behaviours.push(() => resolve());
  });
  append(writer, 1, 1);
  shipper.start();
  await asked;
  expect(await shipper.stop()).toEqual({ flushed: false });
  await writer.close();
});

test('a listener that throws does not stop the shipping', async () => {
  const { server, writer, shipper } = await setUp({
    onReport: () => {
      throw new Error('listener');
    },
  });
  server.behaviours.push(answer(500));
  append(writer, 1, 2);
  await shipper.stop({ flush: true });
  expect(server.seqs()).toEqual([1, 2]);
  await writer.close();
});
