import { bootDirectory, listSegments, openSpoolWriter, verifySpool } from '@sillok/spool';
import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { ShipperReport } from './report.js';
import { shipDirectory } from './ship-directory.js';
import { createShipper } from './shipper.js';
import { HEADER, answer, lineOf, range, startServer, temporaryDirectory } from './test-support.js';

const TIMING = { backoffFirstMs: 1, lingerMs: 1 };

async function deadBoot(root: string, boot: string, seqs: readonly number[]): Promise<string> {
  const header = { ...HEADER, boot };
  const directory = bootDirectory(root, header);
  const writer = openSpoolWriter({ directory, header, segmentBytesMax: 4096 });
  for (const seq of seqs) writer.append(lineOf(seq));
  await writer.close();
  return directory;
}

test('all boots of all producers under a root are shipped, each under its own name', async () => {
  const server = await startServer();
  const root = temporaryDirectory();
  await deadBoot(root, 'boot-1', range(1, 200));
  await deadBoot(root, 'boot-2', range(1, 30));
  const summary = await shipDirectory({ root, url: server.url, ...TIMING }).done;
  expect(summary).toEqual({ spools: 2, sent: 230, rejected: 0, removed: 0, pending: [], busy: [] });
  expect(server.seqs('orders-1/boot-1')).toEqual(range(1, 200));
  expect(server.seqs('orders-1/boot-2')).toEqual(range(1, 30));
  const again = await shipDirectory({ root, url: server.url, ...TIMING }).done;
  expect(again).toMatchObject({ sent: 0, pending: [] });
});

test('what a killed process wrote and never synced is shipped, up to its last whole line', async () => {
  const server = await startServer();
  const root = temporaryDirectory();
  const directory = bootDirectory(root, HEADER);
  const child = spawn(process.execPath, [fixture('append-for-ever.mjs'), directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const last = await new Promise<number>((resolve) => {
    child.stdout.on('data', (data: Buffer) => {
      child.kill('SIGKILL');
      child.on('exit', () => resolve(Number(data.toString().trim().split('\n').at(-1))));
    });
  });
  const segment = listSegments({ directory }).at(-1);
  expect(segment?.sealed).toBe(false);
  // The kill came between two writes; the torn line of a power cut is added here.
  appendFileSync(segment?.path ?? '', '{"seq":99999,"mess');
  const reports: ShipperReport[] = [];
  const onReport = (report: ShipperReport): void => void reports.push(report);
  const summary = await shipDirectory({ root, url: server.url, onReport, ...TIMING }).done;
  const seqs = server.seqs();
  expect(seqs.length).toBeGreaterThanOrEqual(last);
  expect(seqs).toEqual(range(1, seqs.length));
  expect(summary.sent).toBe(seqs.length);
  expect(reports).toMatchObject([{ type: 'damaged', lost: { reason: 'torn' } }]);
  expect(verifySpool({ directory })).toMatchObject({ ok: true, records: seqs.length });
});

test('beside a living process with its own shipper nothing is sent twice, and without one the proven part is sent', async () => {
  const server = await startServer();
  const root = temporaryDirectory();
  const directory = bootDirectory(root, HEADER);
  const writer = openSpoolWriter({ directory, header: HEADER, groupSyncMs: 1 });
  const shipper = createShipper({ directory, source: writer, url: server.url, ...TIMING });
  for (const seq of range(1, 10)) writer.append(lineOf(seq));
  shipper.start();
  await shipper.settled(10);
  const beside = await shipDirectory({ root, url: server.url, ...TIMING }).done;
  expect(beside).toMatchObject({ sent: 0, pending: [], busy: [directory] });
  await shipper.stop();
  for (const seq of range(11, 20)) writer.append(lineOf(seq));
  await writer.sync();
  writer.append(lineOf(21));
  const sidecar = await shipDirectory({ root, url: server.url, ...TIMING }).done;
  expect(sidecar).toMatchObject({ sent: 10, pending: [] });
  expect(server.seqs()).toEqual(range(1, 20));
  // It is still the writer's folder.
  expect(listSegments({ directory })).toMatchObject([{ sealed: false }]);
  await writer.close();
});

test('a follower finds a boot that starts later and ends when it is told to', async () => {
  const server = await startServer();
  const root = temporaryDirectory();
  const follower = shipDirectory({ root, url: server.url, follow: true, searchEveryMs: 5, ...TIMING });
  const directory = bootDirectory(root, HEADER);
  const writer = openSpoolWriter({ directory, header: HEADER, groupSyncMs: 1 });
  for (const seq of range(1, 5)) writer.append(lineOf(seq));
  await server.storedCount(5);
  for (const seq of range(6, 9)) writer.append(lineOf(seq));
  await server.storedCount(9);
  expect(server.seqs()).toEqual(range(1, 9));
  expect(await follower.stop()).toMatchObject({ spools: 1, rejected: 0 });
  await writer.close();
});

test('a server that stays away ends the pass, and the spool is named as pending', async () => {
  const server = await startServer();
  const root = temporaryDirectory();
  const directory = await deadBoot(root, 'boot-1', range(1, 5));
  server.behaviours.push(answer(500), answer(500), answer(500));
  const failed = await shipDirectory({ root, url: server.url, attemptsMax: 3, ...TIMING }).done;
  expect(failed).toMatchObject({ sent: 0, pending: [directory] });
  expect(await shipDirectory({ root, url: server.url, ...TIMING }).done).toMatchObject({
    sent: 5,
    pending: [],
  });
});

test('a dead boot is removed once it is wholly shipped and past its keep time, not before', async () => {
  const server = await startServer();
  const root = temporaryDirectory();
  const directory = await deadBoot(root, 'boot-1', range(1, 100));
  const options = { root, url: server.url, keepMs: 60_000, ...TIMING };
  expect(await shipDirectory(options).done).toMatchObject({ sent: 100, removed: 0 });
  expect(existsSync(directory)).toBe(true);
  const clockMs = (): number => Date.now() + 120_000;
  expect(await shipDirectory({ ...options, clockMs }).done).toMatchObject({ sent: 0, removed: 1 });
  expect(existsSync(directory)).toBe(false);
});

test('what the server refused stays on the disk when its boot is removed', async () => {
  const server = await startServer();
  const root = temporaryDirectory();
  const directory = await deadBoot(root, 'boot-1', range(1, 3));
  server.reject(2, 'bad_time');
  await shipDirectory({ root, url: server.url, keepMs: 0, ...TIMING }).done;
  expect(listSegments({ directory })).toEqual([]);
  expect(readFileSync(join(directory, 'rejected.ndjson'), 'utf8')).toContain('"seq":2');
});

function fixture(name: string): string {
  return fileURLToPath(new URL(`../test-fixtures/${name}`, import.meta.url));
}

test('a shipper whose server is away or silent does not keep its host alive', async () => {
  const server = await startServer();
  server.behaviours.push(() => undefined);
  for (const url of [server.url, 'http://127.0.0.1:1']) {
    const directory = temporaryDirectory();
    const child = spawn(process.execPath, [fixture('host-that-ends.mjs'), directory, url], {
      stdio: 'inherit',
    });
    const code = await new Promise((resolve) => child.on('exit', resolve));
    expect(code).toBe(0);
  }
});
