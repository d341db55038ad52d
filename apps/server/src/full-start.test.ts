/** A disk on which not a byte is free, for real: a small tmpfs. Skipped where this process may not mount one. */
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freeBytes } from './ballast.js';
import { presetConfig } from './config.js';
import { startServer, type RunningServer } from './main.js';

const MIB = 1024 * 1024;
const mount = mkdtempSync(join(tmpdir(), 'sillok-full-'));
const isMounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', mount]).status === 0;
const data = join(mount, 'data');
let server: RunningServer | undefined;

beforeAll(async () => {
  if (isMounted) await (await start()).close();
});
afterAll(async () => {
  await server?.close();
  if (isMounted) spawnSync('umount', ['-l', mount]);
  rmSync(mount, { recursive: true, force: true });
});

function start(): Promise<RunningServer> {
  const limits = { ballastBytes: 8 * MIB, diskFreeBytesMin: 0 };
  return startServer(presetConfig({ port: 0, dataDirectory: data, logLevel: 'silent', ...limits }));
}

function fillDisk(): void {
  const file = openSync(join(mount, 'filler'), 'w');
  const piece = Buffer.alloc(4096, 1);
  try {
    for (;;) writeSync(file, piece);
  } catch {
    // Full: that is what was wanted.
  } finally {
    closeSync(file);
  }
}

test.skipIf(!isMounted)('a server starts on a full disk by giving up its ballast, and answers', async () => {
  fillDisk();
  expect(freeBytes(mount)).toBe(0);
  server = await start();
  expect(existsSync(join(data, 'ballast'))).toBe(false);
  expect((await fetch(`${server.url}/livez`)).status).toBe(200);
});
