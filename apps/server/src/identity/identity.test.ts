/** From a real service to a real server: what is written where, who is found by what, what an erasure leaves. */
import { createServer } from 'node:http';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient, type Client, type PersonLookupAnswer } from '@sillok/api';
import { createLogger, identify, startScenario, supportCode, withTrace, type Logger } from '@sillok/node';
import { sillokHttp } from '@sillok/node/http';
import type { Envelope } from '@sillok/record';
import { parseKeyFile, withNewEpoch } from '@sillok/record/personal';
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { line, ServerUnderTest } from '../server.fixture.js';

const spools = mkdtempSync(join(tmpdir(), 'sillok-identity-spools-'));
const server = new ServerUnderTest();
const shown: { code?: string | undefined; trace?: string | undefined } = {};

interface Visit {
  readonly path?: string;
  readonly cookie: string;
  readonly who?: object;
}

/** A shop that knows its customers only by what `identify` was told. */
async function visitShop(name: string, visits: readonly Visit[]): Promise<void> {
  const log = createLogger({
    service: name,
    spoolDirectory: join(spools, name),
    url: server.running.url,
    key: server.running.devKey,
    identity: { keys: join(server.directory, 'identity', 'keys.json'), session: { cookie: 'sid' } },
    personal: ['customer.name'],
    stdout: 'none',
    heartbeatMs: 0,
  });
  const waiting = [...visits];
  const http = createServer(
    sillokHttp(
      (_request, response) => {
        serve(log, waiting.shift()?.who);
        response.end();
      },
      { log },
    ),
  );
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const address = http.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  for (const { path = '/', cookie } of visits) {
    await (await fetch(`http://127.0.0.1:${port}${path}`, { headers: { cookie } })).text();
  }
  await new Promise((resolve) => http.close(resolve));
  await log.flush();
  await log.close();
}

function serve(log: Logger, who: object | undefined): void {
  startScenario();
  if (who === undefined) return;
  identify(who, { log });
  shown.code = supportCode();
  log.info({ customer: { name: '홍길동' }, order: { number: 'ORD-2026-0042' } }, 'paid');
}

function placeOf(record: Envelope | undefined): Pick<Envelope, 'producer' | 'boot' | 'seq'> {
  if (record === undefined) throw new Error('there is no such record');
  const { producer, boot, seq } = record;
  return { producer, boot, seq };
}

let client: Client;
const lookup = (query: string, more: object = {}): Promise<PersonLookupAnswer> =>
  client.person.lookup({ query, ...more });

beforeAll(async () => {
  await server.start();
  client = createClient({ url: server.running.url, key: server.running.devKey });
  await visitShop('shop', [
    { cookie: 'sid=RAW-anonymous' },
    {
      cookie: 'sid=RAW-anonymous',
      who: {
        session: 'RAW-after-login',
        user: 'RAW-user-7',
        email: 'Kim.Secret@example.kr',
        phone: '+82 10-7777-8888',
        member: 'RAW-M-77',
        orders: ['ORD-2026-0042'],
      },
    },
  ]);
  await visitShop('app', [{ cookie: 'sid=RAW-phone', who: { user: 'RAW-user-7' } }]);
  await visitShop('other', [{ cookie: 'sid=RAW-lee', who: { user: 'RAW-lee', email: 'lee@example.kr' } }]);
  await server.visible();
});
afterAll(async () => {
  await server.dispose();
  rmSync(spools, { recursive: true, force: true });
});

test('the first start makes keys that only the owner reads; the next one leaves them', async () => {
  const path = join(server.directory, 'identity', 'keys.json');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(join(server.directory, 'identity')).mode & 0o777).toBe(0o700);
  expect(parseKeyFile(readFileSync(path, 'utf8'))).toHaveLength(1);
});

describe('a customer is found by whatever they can say', () => {
  test.each([
    ['an e-mail in another case', ' kim.secret@EXAMPLE.kr ', 'email'],
    ['a phone in national form', '010 7777 8888', 'phone'],
    ['a member number', 'raw-m77', 'member'],
    ['an order number without its dashes', 'ord 20260042', 'order'],
    ['an account’s real id', 'RAW-user-7', 'user_id'],
    ['the session before the login', 'RAW-anonymous', 'session_id'],
    ['the session of the phone', 'RAW-phone', 'session_id'],
  ])('%s', async (_name, query, by) => {
    const { candidates } = await lookup(query);
    expect(candidates).toHaveLength(1);
    expect(candidates[0]).toMatchObject({ found_by: expect.arrayContaining([by]), shared: false });
    expect(candidates[0]?.user_hashes).toHaveLength(1);
    // The anonymous visit, the session after the login, the phone.
    expect(candidates[0]?.session_hashes).toHaveLength(3);
  });

  test('a pseudonym, a trace, the support code and an id in a record', async () => {
    const [kim] = (await lookup('kim.secret@example.kr')).candidates;
    const other = (await lookup('lee@example.kr')).candidates[0];
    expect(other?.person).not.toBe(kim?.person);
    for (const hash of kim?.session_hashes ?? [])
      expect((await lookup(hash)).candidates).toMatchObject([{ person: kim?.person }]);
    const { trace_ids } = await lookup(shown.code ?? '');
    expect(trace_ids).toHaveLength(1);
    const byTrace = await lookup(trace_ids[0] ?? '');
    expect(byTrace.candidates).toMatchObject([{ person: other?.person, found_by: ['trace'] }]);
    const spoken = (shown.code ?? '').toLowerCase().replace('-', ' ');
    expect((await lookup(spoken)).candidates).toMatchObject([
      { person: other?.person, found_by: ['support_code'] },
    ]);
    const record = await lookup('ORD-2026-0042', { as: 'id' });
    expect(record.candidates.map(({ found_by }) => found_by)).toContainEqual(['record']);
  });

  test('nobody is found by what nobody said, and a wrong code is no other code', async () => {
    expect((await lookup('nobody@example.kr')).candidates).toEqual([]);
    expect((await lookup('7K3M-9QX5')).candidates).toEqual([]);
    expect((await lookup('010-7777-8888', { as: 'email' })).candidates).toEqual([]);
  });
});

test('a code that stands on no record is found by the end of the trace’s id', async () => {
  const trace = 'aaaaaaaaaaaaaaaaaaaaaaa123456789';
  const access = {
    kind: 'access',
    message: 'GET / 200',
    trace_id: trace,
    user_hash: 'u-adopted',
    time: new Date().toISOString().replace('Z', '000000Z'),
  };
  await server.verdict({ producer: 'p-code', boot: 'b' }, [line(1, access)]);
  await server.visible();
  const { supportCodeOf } = await import('@sillok/context');
  expect(await lookup(supportCodeOf(trace))).toMatchObject({
    candidates: [{ person: 'u-adopted', user_hashes: ['u-adopted'], session_hashes: [] }],
    trace_ids: [trace],
  });
});

test('each look-up is in the audit trail, with who, why and whom, and without what was typed', async () => {
  const { audit_id, candidates } = await lookup('kim.secret@example.kr', { reason: 'ticket 4711' });
  await server.visible();
  const { records } = await client.search({ q: `audit.id:${audit_id}` });
  expect(records).toHaveLength(1);
  expect(records[0]).toMatchObject({
    kind: 'audit',
    attributes: {
      audit: {
        action: 'person.lookup',
        actor: { type: 'system', id: expect.any(String) },
        reason: 'ticket 4711',
        subject: candidates[0]?.person,
        outcome: 'committed',
      },
    },
  });
  expect(JSON.stringify(records)).not.toMatch(/kim|secret/i);
});

test('people of one project are not found from another, and links of a browser’s key are not believed', async () => {
  const { key } = await client.keys.create({ name: 'other', scopes: ['read', 'ingest'], project: 'other' });
  const stranger = createClient({ url: server.running.url, key });
  expect((await stranger.person.lookup({ query: 'kim.secret@example.kr' })).candidates).toEqual([]);
  const [kim] = (await lookup('kim.secret@example.kr')).candidates;
  const stolen = { user_hash: 'u-evil', session_hash: kim?.session_hashes[0] };
  const link = line(1, { kind: 'event', 'event.name': 'identity.link', ...stolen });
  const { key: pageKey } = await client.keys.create({ name: 'app', scopes: ['browser'] });
  // As the SDK of pages says who it is, and as somebody does who has only the key of a page and says something else.
  for (const resource of [{ 'telemetry.sdk.name': 'sillok-browser' }, { 'service.name': 'login' }]) {
    const header = { sillok: 1, producer: `page-${Object.keys(resource)[0]}`, boot: 'b', resource };
    const body = `${JSON.stringify(header)}\n${link}\n`;
    const sent = await fetch(`${server.running.url}/v1/browser?key=${pageKey}`, { method: 'POST', body });
    expect(sent.status).toBe(200);
    expect(await sent.json()).toMatchObject({ accepted_through: 1, rejected: [] });
    const refused = await fetch(`${server.running.url}/v1/records`, {
      method: 'POST',
      body,
      headers: { authorization: `Bearer ${pageKey}`, 'content-type': 'application/x-ndjson' },
    });
    expect(refused.status).toBe(403);
  }
  await server.visible();
  const [after] = (await lookup(kim?.session_hashes[0] ?? '')).candidates;
  expect(after?.user_hashes).toEqual(kim?.user_hashes);
  expect(JSON.stringify((await lookup('u-evil')).candidates)).not.toContain(String(kim?.person));
});

test('after a restart, and from the queue alone, the same people are found', async () => {
  const before = await lookup('kim.secret@example.kr');
  await server.stop();
  await server.start();
  client = createClient({ url: server.running.url, key: server.running.devKey });
  expect((await lookup('kim.secret@example.kr')).candidates).toEqual(before.candidates);
  await server.stop();
  rmSync(join(server.directory, 'links.ndjson'));
  await server.start();
  client = createClient({ url: server.running.url, key: server.running.devKey });
  const [again] = (await lookup('kim.secret@example.kr')).candidates;
  expect(again?.session_hashes.toSorted()).toEqual(before.candidates[0]?.session_hashes.toSorted());
});

test('sealed fields open for those who may, in the audit trail, and never for others', async () => {
  await server.visible();
  const { records } = await client.search({ q: 'message:paid service.name:shop' });
  expect(JSON.stringify(records[0])).toMatch(/sillok:p1:/);
  const asked = { ...placeOf(records[0]), reason: 'ticket 4711' };
  const opened = await client.person.open(asked);
  expect(opened.values).toEqual({ 'customer.name': '홍길동' });
  const { key } = await client.keys.create({ name: 'reader', scopes: ['read'] });
  const reader = createClient({ url: server.running.url, key });
  await expect(reader.person.open(asked)).rejects.toMatchObject({ code: 'scope_missing' });
  const far = await client.keys.create({ name: 'far', scopes: ['personal', 'read'], project: 'other' });
  await expect(
    createClient({ url: server.running.url, key: far.key }).person.open(asked),
  ).rejects.toMatchObject({
    code: 'record_not_found',
  });
  await expect(client.person.open({ ...asked, reason: '' })).rejects.toMatchObject({
    code: 'request_invalid',
  });
});

test('a field that was sealed with keys of another folder is not taken for erased', async () => {
  const sealed = 'sillok:p1:1:dTFfYWJzZW50:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';
  await server.verdict({ producer: 'p-far', boot: 'b' }, [
    line(1, { attributes: { 'customer.name': sealed } }),
  ]);
  await server.visible();
  const opened = await client.person.open({ producer: 'p-far', boot: 'b', seq: 1, reason: 'x' });
  expect(opened).toMatchObject({
    values: { 'customer.name': null },
    unreadable: { 'customer.name': 'key_absent' },
  });
});

test('after a new epoch a customer is found by old records and new ones, as one person', async () => {
  const path = join(server.directory, 'identity', 'keys.json');
  writeFileSync(path, withNewEpoch(parseKeyFile(readFileSync(path, 'utf8')), new Date().toISOString()));
  await server.stop();
  await server.start();
  client = createClient({ url: server.running.url, key: server.running.devKey });
  await visitShop('shop-2', [
    { cookie: 'sid=RAW-later', who: { user: 'RAW-user-7', email: 'kim.secret@example.kr' } },
  ]);
  await server.visible();
  const { candidates } = await lookup('kim.secret@example.kr');
  expect(candidates).toHaveLength(1);
  expect(candidates[0]?.user_hashes).toEqual([expect.stringMatching(/^u2_/), expect.stringMatching(/^u1_/)]);
  expect((await lookup('RAW-anonymous')).candidates).toMatchObject([{ person: candidates[0]?.person }]);
});

test('nothing real is in any spool, nor anywhere in the server’s data', () => {
  for (const folder of [spools, server.directory]) {
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    const guilty = files
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((path) => /RAW-|kim\.secret|7777-?8888|홍길동|lee@example/i.test(readFileSync(path, 'utf8')));
    expect(guilty).toEqual([]);
  }
});

test('erasing a person makes their content unreadable everywhere; hashes and counts stay', async () => {
  await server.visible();
  const [kim] = (await lookup('kim.secret@example.kr')).candidates;
  const { records } = await client.search({ q: 'message:paid service.name:shop' });
  const asked = { ...placeOf(records[0]), reason: 'asked to be forgotten' };
  expect((await client.person.open(asked)).values).toEqual({ 'customer.name': '홍길동' });
  const { key } = await client.keys.create({ name: 'member', scopes: ['read', 'write', 'personal'] });
  const member = createClient({ url: server.running.url, key });
  await expect(member.person.erase({ person: kim?.person ?? '', reason: 'x' })).rejects.toMatchObject({
    code: 'scope_missing',
  });
  const { erased, audit_id } = await client.person.erase({
    person: kim?.person ?? '',
    reason: 'asked to be forgotten',
  });
  expect(erased).toEqual(expect.arrayContaining([...(kim?.user_hashes ?? [])]));
  expect(await client.person.open(asked)).toMatchObject({
    values: { 'customer.name': null },
    unreadable: { 'customer.name': 'erased' },
  });
  const after = await client.search({ q: 'message:paid service.name:shop' });
  expect(after.records).toEqual(records);
  expect((await lookup('kim.secret@example.kr')).candidates).toMatchObject([{ person: kim?.person }]);
  await server.visible();
  const trail = await client.search({ q: `audit.id:${audit_id}` });
  expect(new Set(trail.records.map(({ attributes }) => Object(attributes['audit']).outcome))).toEqual(
    new Set(['committed', 'intent']),
  );
  await visitShop('shop-3', [{ cookie: 'sid=RAW-again', who: { user: 'RAW-user-7' } }]);
  await server.visible();
  const [later] = (await client.search({ q: 'message:paid service.name:shop-3' })).records;
  const place = { ...placeOf(later), reason: 'x' };
  expect((await client.person.open(place)).values).toEqual({ 'customer.name': null });
  await expect(client.person.erase({ person: 'u9_nobody', reason: 'x' })).rejects.toMatchObject({
    code: 'person_not_found',
  });
});

test('somebody of whom no link tells is found by records, and erased', async () => {
  const log = createLogger({
    service: 'nightly',
    spoolDirectory: join(spools, 'nightly'),
    url: server.running.url,
    key: server.running.devKey,
    identity: { keys: join(server.directory, 'identity', 'keys.json') },
    personal: ['customer.name'],
    stdout: 'none',
    heartbeatMs: 0,
  });
  withTrace({}, () => {
    identify({ userHash: 'p-alone' }, { log }); // A pseudonym of the company's own, of which no link tells.
    log.info({ customer: { name: '홍길동' } }, 'invoiced');
  });
  await log.flush();
  await log.close();
  await server.visible();
  const { candidates } = await lookup('p-alone');
  expect(candidates).toMatchObject([{ found_by: ['record'], session_hashes: [] }]);
  const person = candidates[0]?.person ?? '';
  expect(await client.person.erase({ person, reason: 'x' })).toMatchObject({ person, erased: [person] });
  const [record] = (await client.search({ q: 'message:invoiced' })).records;
  const opened = await client.person.open({ ...placeOf(record), reason: 'x' });
  expect(opened.unreadable).toEqual({ 'customer.name': 'erased' });
});

test('a folder that has lost its keys is not given new ones; records are taken all the same', async () => {
  await server.stop();
  rmSync(join(server.directory, 'identity', 'keys.json'));
  await server.start();
  client = createClient({ url: server.running.url, key: server.running.devKey });
  await expect(lookup('kim.secret@example.kr')).rejects.toMatchObject({ code: 'identity_unavailable' });
  const verdict = await server.verdict({ producer: 'p-still', boot: 'b' }, [line(1)]);
  expect(verdict.accepted_through).toBe(1);
});
