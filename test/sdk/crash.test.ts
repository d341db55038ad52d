/**
 * A logging process is killed in the middle of its work: every line whose call returned is in the spool, once and in
 * order. 20 kills here; `SILLOK_SDK_KILLS=200` is the long form.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, openSync, readSync, closeSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FlatRecord } from '@sillok/record';
import { bootDirectory, recoverSpool } from '@sillok/spool';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { readBoots } from './spools.js';

const kills = Number(process.env['SILLOK_SDK_KILLS'] ?? 20);
const fixtures = join(import.meta.dirname, 'fixtures');
const node = process.env['SILLOK_TEST_NODE'] ?? process.execPath;
let root = '';

// Without a compiler `mapped` falls back to a write per record, and the same must hold.
beforeAll(() => {
  const build = join(import.meta.dirname, '..', '..', 'packages', 'node', 'native', 'build.mjs');
  spawnSync(node, [build], { stdio: 'inherit' });
});
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sillok-crash-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function start(fixture: string, args: readonly string[]): ChildProcess {
  return spawn(node, [join(fixtures, fixture), ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
}

/** Number of the last line whose call has returned. */
function readCounter(path: string): number {
  const bytes = Buffer.alloc(8);
  const fd = openSync(path, 'r');
  readSync(fd, bytes, 0, 8, 0);
  closeSync(fd);
  return bytes.readDoubleLE();
}

async function killAfter(child: ChildProcess, counter: string, lines: number): Promise<void> {
  while (readCounter(counter) < lines) {
    if (child.exitCode !== null) throw new Error('the process ended by itself');
    await new Promise((resolve) => setImmediate(resolve));
  }
  child.kill('SIGKILL');
  await once(child, 'exit');
}

test.each(['sillok', 'mapped', 'pino'])(
  '%s: kills lose no line whose call returned, double none, disorder none',
  async (mode) => {
    const rounds = mode === 'pino' ? Math.ceil(kills / 4) : kills;
    for (let round = 0; round < rounds; round += 1) {
      const spool = join(root, `${mode}-${round}`);
      const counter = join(root, `${mode}-${round}.counter`);
      writeFileSync(counter, Buffer.alloc(8));
      const child = start('log-until-killed.mjs', [mode, spool, counter]);
      await killAfter(child, counter, 1 + Math.floor(Math.random() * 4000));
      const returned = readCounter(counter);
      const [left] = readBoots(spool);
      const directory = bootDirectory(spool, { producer: left?.producer ?? '', boot: left?.boot ?? '' });
      // Lines that waited in the stage come home; nothing whole is cut off, at most the line that was being written.
      const report = recoverSpool({ directory });
      expect(report.damaged.length).toBeLessThanOrEqual(1);
      const [boot] = readBoots(spool);
      const records = boot?.records ?? [];
      // The last line may have been written without its call having returned.
      expect(records.length - returned, `${records.length} records, ${returned} calls returned`).toBeOneOf([
        0, 1,
      ]);
      records.forEach((record, index) => {
        expect([record.seq, record.attributes?.['index'], record.message]).toEqual([
          index + 1,
          index + 1,
          `line ${index + 1}`,
        ]);
      });
      expect(recoverSpool({ directory }).closed).toBe(0);
    }
  },
  600_000,
);

test('requests that were open when a process was killed are named by its next boot, ended ones are not', async () => {
  const spool = join(root, 'spool');
  const first = start('server.mjs', [spool]);
  const [address] = await once(first.stdout ?? first, 'data');
  const url = String(address).trim();
  for (let count = 0; count < 20; count += 1) await (await fetch(`${url}/fine/${count}`)).text();
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const held = fetch(`${url}/hold?token=secret`, { headers: { traceparent } }).catch(() => undefined);
  await once(first.stdout ?? first, 'data');
  for (let count = 0; count < 5; count += 1) await (await fetch(`${url}/after/${count}`)).text();
  // The answer is there a moment before the record: without it the last request would rightly count as open.
  await untilFound(spool, (record) => record['url.path'] === '/after/4');
  first.kill('SIGKILL');
  await Promise.all([once(first, 'exit'), held]);

  const second = start('server.mjs', [spool]);
  await once(second.stdout ?? second, 'data');
  const named = await untilFound(spool, (record) => record['event.name'] === 'sillok.open_request');
  expect(named).toMatchObject([
    {
      level: 'warn',
      message: 'GET /hold was open when the process died',
      trace_id: '0af7651916cd43dd8448eb211c80319c',
      'http.request.method': 'GET',
      'url.path': '/hold',
      attributes: { 'sillok.dead_boot': readBoots(spool)[0]?.boot },
    },
  ]);
  second.kill('SIGKILL');
  await once(second, 'exit');

  const third = start('server.mjs', [spool]);
  await once(third.stdout ?? third, 'data');
  await (await fetch(`${url}/`).catch(() => undefined))?.text();
  third.kill('SIGTERM');
  await once(third, 'exit');
  const again = readBoots(spool)
    .at(-1)
    ?.records.filter((record) => record['event.name'] === 'sillok.open_request');
  expect(again).toEqual([]);
});

async function untilFound(spool: string, matches: (record: FlatRecord) => boolean): Promise<FlatRecord[]> {
  for (;;) {
    const found = readBoots(spool).flatMap(({ records }) => records.filter(matches));
    if (found.length > 0) return found;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
