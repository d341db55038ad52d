/**
 * Retention of the audit log in a whole server with its engine: entries go when their days are over, and a verification against
 * checkpoints from before says what still holds, what has expired, and no false alarm. The clock is set; nothing else is.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

import type { AuditPage } from '@sillok/api';
import { KINDS } from '@sillok/record';
import { afterAll, beforeAll, expect, test } from 'vitest';

import type { Config } from '../config.js';
import { dataPaths } from '../filenames.js';
import { ServerUnderTest } from '../server.fixture.js';
import { readHeld, verifyAuditLog, type AuditVerdict } from './verify.js';

const DAYS = 10;
const DAY_MS = 86_400_000;
const SMALL_SEGMENT = 20_000;

const forEver = { days: 0, diskBytes: 0 };
// Every kind has an entry.
const retention = Object.fromEntries(
  KINDS.map((kind) => [kind, kind === 'audit' ? { days: DAYS, diskBytes: 0 } : forEver]),
) as Config['retention'];

let nowMs = Date.now();
const server = new ServerUnderTest({ retention });
const start = () => server.start({ segmentBytesMax: SMALL_SEGMENT, nowMs: () => nowMs });
let verifier = '';
/** Kept elsewhere, as a witness does. */
const notes: string[] = [];
let otherKey = '';

beforeAll(async () => {
  await start();
  verifier = (await textAt('/api/audit/verifier')).trim();
  const json = { 'content-type': 'application/json' };
  await server.post('/api/projects', JSON.stringify({ id: 'other' }), json);
  const wanted = JSON.stringify({ name: 'o', scopes: ['ingest', 'read'], project: 'other' });
  const made = await server.post('/api/keys', wanted, json);
  // The shape of the documented answer.
  otherKey = ((await made.json()) as { key: string }).key;
});
afterAll(() => server.dispose());

async function textAt(path: string, key: string = server.running.devKey): Promise<string> {
  return (await fetch(server.running.url + path, { headers: { authorization: `Bearer ${key}` } })).text();
}

async function change(ids: readonly string[], key: string = server.running.devKey): Promise<void> {
  const entries = ids.map((id) => ({
    ...{ id, action: 'order.update', entity: { type: 'order', id }, actor: { type: 'admin', id: 'kim' } },
    after: { memo: 'x'.repeat(600) },
  }));
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${key}` };
  const body = JSON.stringify({ service: { name: 'billing' }, entries });
  const { status } = await server.post('/v1/audit', body, headers);
  if (status !== 200) throw new Error(`the entries were not taken: ${status}`);
}

async function keepCheckpoint(key?: string): Promise<void> {
  notes.push(await textAt('/api/audit/checkpoint', key));
}

async function expire(): Promise<void> {
  await server.visible();
  await server.running.upkeep();
}

async function judged(): Promise<AuditVerdict> {
  const { checkpoints, refused } = readHeld(notes, [verifier]);
  expect(refused).toEqual([]);
  return verifyAuditLog(server.directory, checkpoints);
}

const of = ({ projects }: AuditVerdict, name: string) => projects.find(({ project }) => project === name);
const range = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, index) => `o-${from + index}`);

function segmentFiles(): string[] {
  const directory = join(dataPaths(server.directory).queue, 'audit');
  return readdirSync(directory)
    .filter((name) => name.startsWith('segment-'))
    .map((name) => join(directory, name))
    .toSorted();
}

test('entries of long ago that came late leave no hole in the middle of the log', async () => {
  const old = new Date(nowMs - 2 * DAYS * DAY_MS).toISOString().replace('Z', '000000Z');
  for (let batch = 0; batch < 4; batch += 1) {
    const lines = Array.from({ length: 15 }, (_, index) =>
      JSON.stringify({
        ...{ seq: batch * 15 + index + 1, time: old, kind: 'audit', level: 'info', message: 'x'.repeat(600) },
        attributes: { audit: { id: `late-${index}`, outcome: 'committed', action: 'order.update' } },
      }),
    );
    await server.verdict({ producer: 'late', boot: 'b' }, lines);
  }
  await change(range(0, 15));
  await keepCheckpoint();
  const files = segmentFiles().length;
  expect(files).toBeGreaterThan(2);
  await expire();
  expect(await server.select("SELECT count() FROM records WHERE message LIKE 'xxx%'")).toEqual([[0]]);
  expect(segmentFiles()).toHaveLength(files);
  const own = of(await judged(), 'default');
  expect(own).toMatchObject({ findings: [], expired: 0, covered: own?.size });
});

test('entries whose days are over go with their segments; what is left verifies, and how much has expired is said', async () => {
  await change(range(0, 10), otherKey);
  await keepCheckpoint(otherKey);
  for (let at = 15; at < 90; at += 15) {
    await change(range(at, at + 15));
    await keepCheckpoint();
  }
  const before = await judged();
  const all = of(before, 'default')?.size ?? 0;
  const others = of(before, 'other')?.size ?? 0;
  expect(of(before, 'default')).toMatchObject({ expired: 0, expired_by: null, covered: all, findings: [] });
  nowMs += (DAYS + 2) * DAY_MS;
  await expire();
  expect(await server.select("SELECT count() FROM records WHERE kind = 'audit'")).toEqual([[0]]);
  await server.stop();
  const after = await judged();
  const own = of(after, 'default');
  expect([after.damage, own?.findings, own?.covered]).toEqual([[], [], all]);
  expect(own?.expired).toBeGreaterThan(50);
  expect((own?.size ?? 0) + (own?.expired ?? 0)).toBe(all);
  expect(own?.expired_by).toMatch(/^\d{4}-\d\d-\d\dT/);
  // Nothing of it is left but the hashes of its entries.
  expect(of(after, 'other')).toMatchObject({ size: 0, expired: others, covered: others, findings: [] });
});

test('everything may have expired, and the log goes on behind it', async () => {
  await start();
  await expire();
  await server.stop();
  const empty = await judged();
  expect(of(empty, 'default')).toMatchObject({ size: 0, findings: [] });
  expect(of(empty, 'default')?.expired).toBe(of(empty, 'default')?.covered);
  await start();
  await change(range(100, 104));
  await keepCheckpoint();
  await server.visible();
  // The shape of the documented answer.
  const page = JSON.parse(await textAt('/api/audit?entity=order/o-3')) as AuditPage;
  const firstDay = new Date(Date.now() - DAYS * DAY_MS).toISOString().slice(0, 10);
  expect([page.changes, page.gaps, page.kept_from]).toEqual([[], [], firstDay]);
  // The shape of the documented answer.
  const recent = JSON.parse(await textAt('/api/audit?entity=order/o-101&from=-1d')) as AuditPage;
  expect([recent.changes.length, recent.kept_from]).toEqual([1, undefined]);
  await server.stop();
  const went = await judged();
  expect(of(went, 'default')).toMatchObject({ size: 4, findings: [] });
  expect(of(went, 'other')).toMatchObject({ size: 0, findings: [] });
});

test('beside what has expired, a changed entry is named and nothing else', async () => {
  const path = segmentFiles().find((file) => textOf(file).includes('o-102')) ?? '';
  expect(path).not.toMatch(/\.gz$/);
  writeFileSync(path, readFileSync(path, 'utf8').replaceAll('"o-102"', '"o-666"'));
  const { expired = 0, findings } = of(await judged(), 'default') ?? {};
  expect(findings?.map(({ kind, from, to }) => ({ kind, from, to }))).toEqual([
    { kind: 'edited', from: expired + 2, to: expired + 3 },
  ]);
});

function textOf(path: string): string {
  const bytes = readFileSync(path);
  return (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
}
