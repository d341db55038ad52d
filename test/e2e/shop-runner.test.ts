/** A runner that is killed leaves nothing behind: no nginx, no PostgreSQL, no service, no folder. */
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Program } from '../lib/programs.js';
import { root, startTestServer, until, type TestServer } from '../lib/server.js';

// Whose processes they are is read from their environment, which only Linux shows.
describe.skipIf(!existsSync('/proc/self/environ'))('the shop’s runner (needs /proc)', () => {
  let server: TestServer;
  let folder: string;
  beforeAll(async () => {
    server = await startTestServer();
    folder = mkdtempSync(join(tmpdir(), 'sillok-shop-runner-'));
    // PostgreSQL's own user goes through it.
    chmodSync(folder, 0o755);
  });
  afterAll(async () => {
    await server.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  test('killed, it leaves no process and no folder', async () => {
    const runner = startRunner();
    await runner.printed(/The shop is at/);
    const started = processesOf(folder);
    // The runner, its keeper, the follower, six services, the database, the edge, stock.
    expect(started.length).toBeGreaterThanOrEqual(8);
    expect(readdirSync(folder)).not.toEqual([]);
    await runner.stop('SIGKILL');
    await until(
      'all are gone',
      30_000,
      async () => processesOf(folder).length === 0 && readdirSync(folder).length === 0,
    );
  });

  test.each([3, 5, 10])('killed when %i of it run, it leaves nothing either', async (count) => {
    const runner = startRunner();
    await until('some of it runs', 30_000, async () => processesOf(folder).length >= count);
    await runner.stop('SIGKILL');
    await until(
      'all are gone',
      30_000,
      async () => processesOf(folder).length === 0 && readdirSync(folder).length === 0,
    );
  });

  function startRunner(): Program {
    return new Program(process.execPath, [join(root, 'examples', 'shop', 'shop.mjs')], {
      SILLOK_URL: server.url,
      SILLOK_KEY: server.key,
      TMPDIR: folder,
    });
  }
});

/** All that have this folder as their TMPDIR: it is handed down. */
function processesOf(folder: string): string[] {
  const setting = `TMPDIR=${folder}\0`;
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name) && environmentOf(name).includes(setting));
}

/** One may end while we look. */
function environmentOf(pid: string): string {
  try {
    return readFileSync(join('/proc', pid, 'environ'), 'latin1');
  } catch {
    return '';
  }
}
