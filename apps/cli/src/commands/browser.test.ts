/** The kill switch and source maps from the command line, against a real server. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestServer } from '../running-server.case.js';
import type { TestServer } from '../running-server.case.js';

let running: TestServer;
beforeAll(async () => {
  running = await startTestServer();
});
afterAll(() => running.close());

async function isKilled(app: string, release: string): Promise<boolean> {
  const { url, devKey } = running.server;
  const response = await fetch(`${url}/v1/browser/config?key=${devKey}&app=${app}&release=${release}`);
  // The answer of the config.
  return ((await response.json()) as { kill: boolean }).kill;
}

test('an app is switched off and on, one release or all of it', async () => {
  const killed = await running.run(['browser', 'kill', 'shop', '--release', '1.0.0']);
  expect([killed.exitCode, killed.out]).toEqual([
    0,
    'shop 1.0.0 is switched off: its pages fall silent within 5 s\n',
  ]);
  expect([await isKilled('shop', '1.0.0'), await isKilled('shop', '2.0.0')]).toEqual([true, false]);
  await running.run(['browser', 'kill', 'shop']);
  expect(await isKilled('shop', '2.0.0')).toBe(true);
  const { json } = await running.run(['browser', 'list', '--json']);
  expect(json()).toMatchObject({ kills: [{ app: 'shop', release: '1.0.0' }, { app: 'shop' }] });
  expect((await running.run(['browser', 'list'])).out).toContain('all');

  const wrong = await running.run(['browser', 'restore', 'shop', '--release', '3.0.0']);
  expect([wrong.exitCode, wrong.err]).toEqual([1, expect.stringContaining('browser list')]);
  await running.run(['browser', 'restore', 'shop']);
  const restored = await running.run(['browser', 'restore', 'shop', '--release', '1.0.0']);
  expect(restored.exitCode).toBe(0);
  expect([await isKilled('shop', '1.0.0'), await isKilled('shop', '2.0.0')]).toEqual([false, false]);
});

test('the maps of a build are uploaded under the names that pages load', async () => {
  const folder = join(running.directory, 'dist');
  mkdirSync(join(folder, 'assets'), { recursive: true });
  const map = { version: 3, sources: ['src/a.ts'], names: [], mappings: 'AAAA' };
  for (const name of ['index.js.map', 'assets/app-abc.js.map'])
    writeFileSync(join(folder, name), JSON.stringify(map));
  writeFileSync(join(folder, 'assets/app-abc.js'), 'x');
  const release = ['--app', 'shop', '--release', '1.0.0'];
  const uploaded = await running.run(['sourcemaps', 'upload', folder, ...release]);
  expect([uploaded.exitCode, uploaded.out]).toEqual([0, '2 source maps of shop 1.0.0 are on the server\n']);
  const { json } = await running.run(['sourcemaps', 'list', '--json']);
  expect(json()).toMatchObject({
    releases: [
      { app: 'shop', files: { 'index.js': expect.any(Number), 'assets/app-abc.js': expect.any(Number) } },
    ],
  });
  expect((await running.run(['sourcemaps', 'remove', ...release])).exitCode).toBe(0);
  expect((await running.run(['sourcemaps', 'list', '--json'])).json()).toEqual({ releases: [] });
});

test('a folder without maps and a file that is none are told', async () => {
  const folder = join(running.directory, 'empty');
  mkdirSync(folder);
  const release = ['--app', 'shop', '--release', '1.0.0'];
  const empty = await running.run(['sourcemaps', 'upload', folder, ...release]);
  expect([empty.exitCode, empty.err]).toEqual([2, expect.stringContaining('build.sourcemap')]);
  writeFileSync(join(folder, 'bad.js.map'), 'hello');
  const bad = await running.run(['sourcemaps', 'upload', folder, ...release]);
  expect([bad.exitCode, bad.err]).toEqual([1, expect.stringContaining('it is not JSON')]);
});
