/** `sillok doctor` and a real service: what it finds, which routes say nothing, and what recording costs that service. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cli, Program } from '../lib/programs.js';
import { freePort, startTestServer, until, type TestServer } from '../lib/server.js';

const fixture = join(dirname(fileURLToPath(import.meta.url)), 'fixtures', 'node', 'doctor.mjs');
const folder = mkdtempSync(join(tmpdir(), 'sillok-doctor-'));
let server: TestServer;
let service: Program;

beforeAll(async () => {
  server = await startTestServer();
  service = new Program(process.execPath, [fixture], {
    SILLOK_URL: server.url,
    SILLOK_KEY: server.key,
    SILLOK_SPOOL_DIR: join(folder, 'spool'),
  });
  const port = (await service.printed(/^(\d+)$/m))[1];
  const paths = ['/orders/1', '/orders/2', '/orders/7', '/silent/1', '/silent/2', '/flush'];
  for (const path of paths) expect((await fetch(`http://127.0.0.1:${port}${path}`)).status).toBe(200);
  await server.waitFor({ q: 'service.name:habits kind:access', from: '-1h' }, paths.length);
  await until(
    'everything is visible',
    60_000,
    async () => (await server.search({ q: 'x' })).freshness.lag_ms === 0,
  );
}, 120_000);
afterAll(async () => {
  await service.stop();
  await server.dispose();
  rmSync(folder, { recursive: true, force: true });
});

async function doctor(...args: string[]): Promise<{ code: number | null; output: string }> {
  const env = { SILLOK_SPOOL_DIR: join(folder, 'spool'), SILLOK_DATA_DIR: server.dataDirectory };
  const program = cli(server, ['doctor', ...args], env);
  return { code: await program.ended(), output: program.output };
}

interface Finding {
  readonly about: string;
  readonly state: string;
  readonly says: string;
  readonly help: string;
}

test('a service that is well: nothing to put right, and a field that is a number and a text is named', async () => {
  const { code, output } = await doctor('--json');
  expect(code).toBe(0);
  // What --json promises.
  const { problems, findings } = JSON.parse(output) as { problems: number; findings: Finding[] };
  expect(problems).toBe(0);
  const states = Object.fromEntries(findings.map(({ about, state }) => [about, state]));
  expect(states).toMatchObject({
    server: 'good',
    key: 'good',
    freshness: 'good',
    gaps: 'good',
    spool: 'good',
  });
  expect(findings.filter(({ about }) => about === 'field types')).toEqual([
    {
      about: 'field types',
      state: 'note',
      says: expect.stringMatching(/^basket\.id is of several types: (number 2, text 1|text 1, number 2)$/),
      help: expect.stringContaining('type basket.id = string'),
    },
  ]);
  const read = await doctor();
  expect(read.output).toContain('Nothing is wrong.');
});

test('the same value sent as number and as text is told apart, counted by type, and both are found', async () => {
  const range = { from: '-1h', q: 'service.name:habits' };
  const { fields } = await server.get<{ fields: { name: string; types?: object }[] }>(
    `/api/fields?${new URLSearchParams(range)}`,
  );
  expect(fields.find(({ name }) => name === 'basket.id')?.types).toEqual({ number: 2, text: 1 });
  const [seven] = (await server.search({ ...range, q: 'basket.id:7' })).records;
  expect(seven?.attributes).toMatchObject({ basket: { id: '7' } });
});

test('--coverage names the route that says nothing and the line that belongs to no request', async () => {
  const { code, output } = await doctor('--coverage', '--json');
  // The same finding as for people, in its exit code.
  expect(code).not.toBe(0);
  const found = JSON.parse(output) as Record<
    'routes' | 'without_context',
    { name: string; without: number }[]
  >;
  expect(found.routes).toContainEqual({ service: 'habits', name: 'GET /silent/:id', count: 2, without: 2 });
  expect(found.routes.map(({ name }) => name)).not.toContain('GET /orders/:id');
  expect(found.without_context.map(({ name }) => name)).toContain('warmed up outside of any request');
  expect((await doctor('--coverage')).output).toContain('GET /silent/:id');
});

test('--overhead starts the service with and without Sillok, and nothing is recorded without', async () => {
  const port = await freePort();
  const run = `PORT=${port} exec ${process.execPath} ${fixture}`;
  const { code, output } = await doctor(
    '--overhead',
    '--json',
    '--run',
    run,
    '--get',
    `http://127.0.0.1:${port}/orders/5`,
  );
  expect(code, output).toBe(0);
  const json = output.slice(output.indexOf('{'));
  const { ratio, pairs, ...sides } = JSON.parse(json) as {
    ratio: number;
    pairs: number[];
    with: { requests: number };
    without: { requests: number };
  };
  expect(pairs).toHaveLength(5);
  expect(pairs).toContain(ratio);
  expect([sides.with.requests, sides.without.requests]).toEqual([500, 500]);
  const missing = await doctor('--overhead', '--run', 'exit 3', '--get', `http://127.0.0.1:${port}/`);
  expect([missing.code !== 0, missing.output]).toEqual([true, expect.stringContaining('does not answer')]);
}, 180_000);
