/** `@Audited` in a NestJS application of its own process, compiled with NestJS's decorators, over HTTP. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FlatRecord } from '@sillok/record';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Program } from '../lib/programs.js';
import { readBoots } from './spools.js';

const root = join(import.meta.dirname, '..', '..');
const source = join(import.meta.dirname, 'fixtures', 'nest');
const node = process.env['SILLOK_TEST_NODE'] ?? process.execPath;
let folder = '';
let spool = '';
let app: Program;
let url = '';

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sillok-nest-'));
  spool = join(folder, 'spool');
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}\n');
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const args = [tsc, '-p', source, '--outDir', folder, '--rootDir', source];
  const { status, stdout } = spawnSync(node, args, { encoding: 'utf8' });
  expect(stdout).toBe('');
  expect(status).toBe(0);
  app = new Program(node, [join(folder, 'orders.js'), spool]);
  [url = ''] = await app.printed(/http:\S+/);
});
afterAll(async () => {
  await app?.stop();
  rmSync(folder, { recursive: true, force: true });
});

let requests = 0;

/** The status of the answer, and the trace that the request began. */
async function send(
  method: string,
  path: string,
  { body, admin }: { readonly body?: object; readonly admin?: string } = {},
): Promise<{ status: number; trace: string; answer: unknown }> {
  requests += 1;
  const trace = requests.toString(16).padStart(32, 'a');
  const headers = {
    traceparent: `00-${trace}-${'b'.repeat(16)}-01`,
    'x-admin': admin ?? `kim-${requests}`,
    'content-type': 'application/json',
  };
  const response = await fetch(`${url}${path}`, {
    method,
    headers,
    body: body === undefined ? null : JSON.stringify(body),
  });
  return { status: response.status, trace, answer: await response.json() };
}

function entriesOf(trace: string): Record<string, unknown>[] {
  return recordsOf(trace)
    .filter(({ kind }) => kind === 'audit')
    .map(({ attributes, ...columns }) => ({ ...columns, ...attributes }));
}

function recordsOf(trace: string): FlatRecord[] {
  return readBoots(spool)
    .flatMap(({ records }) => records)
    .filter((record) => record.trace_id === trace);
}

describe('a provider’s method', () => {
  test('is recorded with who asked, what was before and after, in the trace of the request', async () => {
    const { status, trace, answer } = await send('PATCH', '/orders/7', {
      body: {
        city: 'Busan',
        reason: 'asked by phone',
      },
    });
    expect([status, answer]).toEqual([200, { city: 'Busan', state: 'placed' }]);
    const said = {
      'audit.action': 'order.change_address',
      'audit.entity.id': '7',
      'audit.actor.type': 'admin',
      'audit.actor.id': `kim-${requests}`,
      'audit.reason': 'asked by phone',
    };
    expect(entriesOf(trace)).toMatchObject([
      { ...said, 'audit.outcome': 'intent' },
      { ...said, 'audit.outcome': 'committed', 'audit.before.city': 'Seoul', 'audit.after.city': 'Busan' },
    ]);
  });

  test('that NestJS’s ForbiddenException ends is denied, and answered as ever', async () => {
    const { status, trace, answer } = await send('PATCH', '/orders/8', {
      body: { city: 'Busan', reason: 'x' },
    });
    expect([status, answer]).toEqual([403, expect.objectContaining({ message: 'it is on its way already' })]);
    const outcomes = entriesOf(trace).map((entry) => entry['audit.outcome']);
    expect(outcomes).toEqual(['intent', 'denied']);
  });

  test('that fails is recorded as failed, and answered as ever', async () => {
    const { status, trace } = await send('PATCH', '/orders/9', { body: { city: 'Busan', reason: 'x' } });
    expect(status).toBe(404);
    expect(entriesOf(trace)).toMatchObject([
      { 'audit.outcome': 'intent' },
      { 'audit.outcome': 'failed', 'exception.message': 'there is no order 9' },
    ]);
  });

  test('of requests at the same time is recorded for each of them', async () => {
    const cities = Array.from({ length: 20 }, (_, index) => `city ${index}`);
    const answers = await Promise.all(
      cities.map(async (city) => ({
        city,
        ...(await send('PATCH', '/orders/7', { body: { city, reason: city } })),
      })),
    );
    for (const { city, trace } of answers) {
      const entries = entriesOf(trace);
      expect(entries).toMatchObject([{ 'audit.reason': city }, { 'audit.reason': city }]);
      expect(entries[0]?.['audit.actor.id']).toBe(entries[1]?.['audit.actor.id']);
    }
    const actors = answers.map(({ trace }) => entriesOf(trace)[0]?.['audit.actor.id']);
    expect(new Set(actors).size).toBe(cities.length);
  });
});

test('a controller’s method keeps route, guard and parameters that stand below @Audited', async () => {
  const refused = await send('DELETE', '/orders/7', { admin: 'nobody' });
  expect(refused.status).toBe(403);
  expect(entriesOf(refused.trace)).toEqual([]);
  const { status, trace, answer } = await send('DELETE', '/orders/7');
  expect([status, answer]).toEqual([200, { by: `kim-${requests}`, removed: true }]);
  expect(entriesOf(trace)).toMatchObject([
    { 'audit.outcome': 'intent' },
    { 'audit.outcome': 'committed', 'audit.action': 'order.delete', 'audit.actor.id': `kim-${requests}` },
  ]);
});
