/**
 * Runs the server's and the store's whole test suites against an engine that was started apart, through
 * `SILLOK_CLICKHOUSE_URL`, as a team with its own ClickHouse would: `node tools/external-engine.mjs [paths]`.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './lib/prepare.mjs';

const { startEngine } = await import('@sillok/engine');
const folder = mkdtempSync(join(tmpdir(), 'sillok-external-'));
const engine = await startEngine({
  dataDirectory: join(folder, 'engine'),
  inboxDirectory: join(folder, 'inbox'),
});
const paths = process.argv.slice(2);
const suites = paths.length > 0 ? paths : ['apps/server', 'packages/store'];
const url = new URL(engine.url);
url.username = 'default';
url.password = engine.secret;
const tests = spawn(process.execPath, [join(root, 'node_modules/vitest/vitest.mjs'), 'run', ...suites], {
  cwd: root,
  stdio: 'inherit',
  // One engine holds one database at a time: suites follow one another.
  env: { ...process.env, SILLOK_CLICKHOUSE_URL: url.href, VITEST_MAX_WORKERS: '1' },
});
tests.once('exit', (code) => {
  void engine.stop().finally(() => {
    rmSync(folder, { recursive: true, force: true });
    process.exit(code ?? 1);
  });
});
