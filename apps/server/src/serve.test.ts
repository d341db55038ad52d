/** What somebody reads who starts the server where it cannot start. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { serve } from './serve.js';
import { ServerUnderTest } from './server.fixture.js';

let folder: string;
let told = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sillok-serve-'));
  told = '';
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => (told += String(text)) !== '');
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

async function refusal(...args: readonly string[]): Promise<string> {
  const code = await serve({ args: ['--log-level', 'silent', '--port', '0', '--ballast', '0', ...args] });
  expect(code).toBe(1);
  expect(told).not.toContain('    at ');
  return told;
}

test('a data folder that is a file, or lies below one, is named with what to do', async () => {
  const file = join(folder, 'file');
  writeFileSync(file, '');
  expect(await refusal('--data', file)).toMatch(
    /^sillok serve: The data folder .*file cannot be used: EEXIST.*--data/,
  );
  told = '';
  expect(await refusal('--data', join(file, 'below'))).toMatch(/cannot be used: ENOTDIR.*--data/);
});

test('an address that is not of this machine is said', async () => {
  expect(await refusal('--data', folder, '--host', '203.0.113.7')).toContain(
    '--host takes an address of this machine',
  );
});

test('a data folder in use names the process, and how to run a second server', async () => {
  const first = new ServerUnderTest();
  try {
    await first.start();
    expect(await refusal('--data', first.directory)).toMatch(
      /process \d+.*its own --data FOLDER and its own --port/,
    );
  } finally {
    await first.dispose();
  }
});
