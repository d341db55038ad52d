/** The audit trail of a whole server: entries with receipts, changes read again, proofs that hold across a restart. */
import type { AuditAnswer, AuditPage, ConsistencyAnswer } from '@sillok/api';
import {
  isConsistent,
  isIncluded,
  openNote,
  tryCheckpoint,
  tryHashFromBase64,
  tryVerifier,
  type Checkpoint,
} from '@sillok/proof';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { ServerUnderTest } from '../server.fixture.js';
import { readHeld, verifyAuditLog } from './verify.js';

const server = new ServerUnderTest();
let verifier = '';

beforeAll(async () => {
  await server.start();
  verifier = await textAt('/api/audit/verifier');
});
afterAll(() => server.dispose());

const ENTRY = {
  id: 'c-1',
  action: 'order.update',
  entity: { type: 'order', id: 7 },
  actor: { type: 'admin', id: 'kim' },
  reason: 'the customer moved',
  before: { address: '서울', memo: 'a' },
  after: { address: '부산', memo: 'a' },
};

async function get(path: string): Promise<Response> {
  const { url, devKey } = server.running;
  return fetch(url + path, { headers: { authorization: `Bearer ${devKey}` } });
}

async function textAt(path: string): Promise<string> {
  return (await get(path)).text();
}

async function post(entries: readonly object[]): Promise<AuditAnswer> {
  const body = JSON.stringify({ service: { name: 'billing', version: '2.1' }, entries });
  const response = await server.post('/v1/audit', body, { 'content-type': 'application/json' });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${response.status} ${text}`);
  // The shape of the documented answer.
  return JSON.parse(text) as AuditAnswer;
}

function checkpointIn(note: string): Checkpoint {
  const known = tryVerifier(verifier);
  const opened = openNote(note, known === undefined ? [] : [known]);
  const checkpoint = opened.ok ? tryCheckpoint(opened.text) : undefined;
  if (checkpoint === undefined) throw new Error('the answer has no signed checkpoint');
  return checkpoint;
}

function holds({ entries, checkpoint }: AuditAnswer): boolean {
  const { root, size } = checkpointIn(checkpoint);
  return entries.every((each) => {
    const hashes = each.proof.map((hash) => tryHashFromBase64(hash) ?? '');
    const leaf = tryHashFromBase64(each.leaf) ?? '';
    return each.size === size && isIncluded({ leaf, index: each.index, size, proof: hashes, root });
  });
}

async function changes(query: string): Promise<AuditPage> {
  await server.visible();
  const response = await get(`/api/audit?${query}`);
  // The shape of the documented answer.
  return (await response.json()) as AuditPage;
}

describe('POST /v1/audit', () => {
  test('answers with receipts that prove each entry', async () => {
    const answer = await post([{ ...ENTRY, outcome: 'intent' }, ENTRY]);
    expect(answer.entries.map(({ id, outcome }) => [id, outcome])).toEqual([
      ['c-1', 'intent'],
      ['c-1', 'committed'],
    ]);
    expect(holds(answer)).toBe(true);
  });

  test('adds nothing when it is sent again, and only what is new when there is more', async () => {
    const before = checkpointIn(await textAt('/api/audit/checkpoint')).size;
    const again = await post([ENTRY, { ...ENTRY, id: 'c-2' }]);
    expect(holds(again)).toBe(true);
    expect(checkpointIn(again.checkpoint).size).toBe(before + 1);
    expect(again.entries[0]?.index).toBe(1);
  });

  test.each([
    ['no entry', { service: { name: 'x' }, entries: [] }],
    ['no actor', { service: { name: 'x' }, entries: [{ action: 'a', entity: ENTRY.entity }] }],
    [
      'an actor of no known type',
      { service: { name: 'x' }, entries: [{ ...ENTRY, actor: { type: 'robot', id: 'r' } }] },
    ],
    ['a field that is not known', { service: { name: 'x' }, entries: [{ ...ENTRY, whoops: 1 }] }],
  ])('refuses %s with a sentence, and keeps nothing', async (_, body) => {
    const before = checkpointIn(await textAt('/api/audit/checkpoint')).size;
    const response = await server.post('/v1/audit', JSON.stringify(body), {
      'content-type': 'application/json',
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: 'request_invalid' } });
    expect(checkpointIn(await textAt('/api/audit/checkpoint')).size).toBe(before);
  });

  test('refuses what is no JSON, and a key without the scope', async () => {
    const broken = await server.post('/v1/audit', '{"service"', { 'content-type': 'application/json' });
    expect(broken.status).toBe(400);
    // The shape of the documented answer.
    const { key } = (await (
      await server.post('/api/keys', JSON.stringify({ name: 'r', scopes: ['read'] }), {
        'content-type': 'application/json',
      })
    ).json()) as { key: string };
    const body = JSON.stringify({ service: { name: 'x' }, entries: [ENTRY] });
    const refused = await server.post('/v1/audit', body, {
      'content-type': 'application/json',
      authorization: `Bearer ${key}`,
    });
    expect(refused.status).toBe(403);
  });
});

describe('GET /api/audit', () => {
  test('joins an intent and its outcome, with the difference field by field', async () => {
    const { changes: found } = await changes('entity=order/7&actor=kim');
    expect(found.map(({ id }) => id)).toEqual(['c-2', 'c-1']);
    expect(found[1]).toMatchObject({
      outcome: 'committed',
      action: 'order.update',
      entity: { type: 'order', id: '7' },
      reason: 'the customer moved',
      diff: [{ path: 'address', before: '서울', after: '부산' }],
      service: 'billing',
    });
    expect(found[1]?.records).toHaveLength(2);
  });

  test('finds nothing of others', async () => {
    expect((await changes('entity=order/8')).changes).toEqual([]);
    expect((await changes('actor=lee')).changes).toEqual([]);
  });

  test('shows audit lines of the SDK beside entries', async () => {
    const line = JSON.stringify({
      seq: 1,
      time: '2026-11-21T10:00:00.000000001Z',
      kind: 'audit',
      level: 'info',
      message: 'signed in',
    });
    await server.verdict({ producer: 'p1', boot: 'b1' }, [line]);
    const { changes: found } = await changes('');
    expect(found.find(({ id }) => id === 'p1/b1/1')).toMatchObject({ action: 'signed in' });
  });
});

describe('the log', () => {
  test('continues across a restart: an old checkpoint is a beginning of the new one', async () => {
    const before = checkpointIn(await textAt('/api/audit/checkpoint'));
    await server.stop();
    await server.start();
    await post([{ ...ENTRY, id: 'c-3' }]);
    const after = checkpointIn(await textAt('/api/audit/checkpoint'));
    // The shape of the documented answer.
    const shown = (await (
      await get(`/api/audit/consistency?from=${before.size}&to=${after.size}`)
    ).json()) as ConsistencyAnswer;
    const proof = shown.proof.map((hash) => tryHashFromBase64(hash) ?? '');
    const sizes = { before: before.size, beforeRoot: before.root, size: after.size, root: after.root };
    expect(isConsistent({ ...sizes, proof })).toBe(true);
    expect((await get(`/api/audit/consistency?from=1&to=${after.size + 1}`)).status).toBe(400);
    expect((await get('/api/audit/receipt?id=nobody')).status).toBe(404);
    const receipt = await (await get('/api/audit/receipt?id=c-1&outcome=intent')).json();
    // The shape of the documented answer.
    expect(holds(receipt as AuditAnswer)).toBe(true);
  });

  test('verifies offline against a checkpoint that was kept', async () => {
    const note = await textAt('/api/audit/checkpoint');
    const held = readHeld([note], [verifier]);
    await server.stop();
    const verdict = await verifyAuditLog(server.directory, held.checkpoints);
    expect(verdict).toMatchObject({ damage: [], projects: [{ project: 'default', findings: [] }] });
    expect(verdict.projects[0]?.covered).toBe(checkpointIn(note).size);
    await server.start();
  });
});
