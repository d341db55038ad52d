import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { sillok } from './sillok.js';

afterEach(() => void vi.unstubAllEnvs());

test('SILLOK_DISABLED=1 keeps nothing, and every call still works', async () => {
  vi.stubEnv('SILLOK_DISABLED', '1');
  const root = mkdtempSync(join(tmpdir(), 'sillok-disabled-'));
  const spoolDirectory = join(root, 'spool');
  const log = sillok({ service: 'off', spoolDirectory, url: 'http://127.0.0.1:9', captureFatal: false });
  log.info({ a: 1 }, 'nowhere');
  log.child({ b: 2 }).error(new Error('nowhere either'));
  expect(await log.flush()).not.toBe('');
  expect(existsSync(spoolDirectory)).toBe(false);
  await log.runtime.close('test');
  rmSync(root, { recursive: true });
});
