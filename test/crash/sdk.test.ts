/**
 * A logging process killed again and again, its shipper with it; the sidecar delivers what is left. Every line whose
 * call returned is found by search, exactly once and in order. CI: 20 kills; `SILLOK_KILLS=200` is the long form.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Program, runCli } from '../lib/programs.js';
import { startTestServer, until, type TestServer } from '../lib/server.js';

const kills = Number(process.env['SILLOK_KILLS'] ?? 20);
const fixture = join(dirname(fileURLToPath(import.meta.url)), '..', 'e2e', 'fixtures', 'node', 'endless.mjs');
let server: TestServer;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sillok-kills-'));
  server = await startTestServer();
});
afterAll(async () => {
  await server.dispose();
  rmSync(folder, { recursive: true, force: true });
});

function returnedCount(run: number): number {
  const cell = readFileSync(join(folder, `returned-${run}`));
  return cell.length < 8 ? 0 : cell.readDoubleLE(0);
}

test(`${kills} kills of a logging process: every returned line is found once and in order`, async () => {
  const returned: number[] = [];
  for (let run = 0; run < kills; run += 1) {
    const program = new Program(process.execPath, [fixture], {
      SILLOK_URL: server.url,
      SILLOK_KEY: server.key,
      SILLOK_SPOOL_DIR: join(folder, 'spool'),
      RETURNED_FILE: join(folder, `returned-${run}`),
      RUN: `r${run}`,
    });
    await program.printed(/started/);
    // A different place in the life of the process each time: before, in and after its first shipments.
    const enough = 50 + ((run * 977) % 4000);
    await until('the process has logged', 30_000, async () => returnedCount(run) >= enough);
    await program.stop('SIGKILL');
    returned.push(returnedCount(run));
  }
  const shipped = await runCli(server, ['ship', join(folder, 'spool'), '--json']);
  expect(shipped.code, shipped.output).toBe(0);

  await until('everything is visible', 120_000, async () => {
    return (await server.search({ q: 'service.name:endless', limit: '1' })).freshness.lag_ms === 0;
  });
  for (let run = 0; run < kills; run += 1) {
    const q = `service.name:endless run:r${run}`;
    const found = await server.searchAll({ q, from: '-1h', order: 'asc' });
    const counts = found.map((record) => Number(record.attributes['count']));
    // The kill may come between the write of a line and the note that its call returned.
    const seen = counts.length;
    expect(seen).toBeGreaterThanOrEqual(returned[run] ?? 0);
    expect(seen).toBeLessThanOrEqual((returned[run] ?? 0) + 1);
    expect(counts).toEqual(Array.from({ length: seen }, (_, i) => i + 1));
  }
  expect((await server.search({ q: 'service.name:endless', from: '-1h', limit: '1' })).gaps).toEqual([]);
}, 1_800_000);
