import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createFileKeyStore,
  createPersonalBox,
  mastersOf,
  parseKeyFile,
  withNewEpoch,
} from '@sillok/record/personal';
import { afterEach, expect, test } from 'vitest';
import { listening } from '../http/framework.case.js';
import { sillokHttp } from '../http.js';
import type { SillokOptions } from '../options.js';
import { outgoingHeaders, setContext, withContext, withTrace } from '../scope.js';
import { createLogger } from '../sillok.js';
import { createTestLog, type TestLog } from '../test.js';
import { identify } from './identify.js';
import { carry, environmentHeaders, environmentOf, startScenario, supportCode } from './scenario.js';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'sillok-identity-'));
  folders.push(made);
  return made;
}

function keyFile(epochs = 1): string {
  const path = join(folder(), 'keys.json');
  let text = withNewEpoch([], '2026-01-01T00:00:00.000Z');
  for (let epoch = 1; epoch < epochs; epoch += 1)
    text = withNewEpoch(parseKeyFile(text), '2027-01-01T00:00:00.000Z');
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}

/** Asks a real server once per handler, with the same options and cookies of a client. */
async function ask(
  options: SillokOptions,
  headers: Record<string, string>,
  ...handlers: readonly ((testLog: TestLog) => void)[]
): Promise<TestLog> {
  const testLog = createTestLog(options);
  const waiting = [...handlers];
  const handler = sillokHttp(
    (_request, response) => {
      waiting.shift()?.(testLog);
      response.end();
    },
    { log: testLog.log },
  );
  const running = await listening(createServer(handler));
  for (const [index] of handlers.entries()) {
    await (await fetch(running.url, { headers })).text();
    await testLog.logged(() => testLog.records({ kind: 'access' }).length > index);
  }
  await running.close();
  return testLog;
}

const links = (testLog: TestLog): unknown[] =>
  testLog
    .records({ attributes: { event: { name: 'identity.link' } } })
    .map(({ session_hash, user_hash, attributes }) => ({
      session_hash,
      user_hash,
      ...Object(attributes['identity']),
    }));

test('the session of a request is on all of its records as a pseudonym, the account from identify on', async () => {
  const identity = { keys: keyFile(), session: { cookie: 'sid' } };
  const testLog = await ask({ identity }, { cookie: 'a=1; sid=RAW-SESSION-1' }, ({ log }) => {
    log.info('before');
    withContext({ step: 1 }, () => identify({ user: 'RAW-USER-1' }, { log }));
    log.info('after');
  });
  const access = testLog.assertLogged({ kind: 'access' });
  expect(access.session_hash).toMatch(/^s1_/);
  expect(access.user_hash).toMatch(/^u1_/);
  expect(testLog.assertLogged({ message: 'before' })).toMatchObject({ session_hash: access.session_hash });
  expect(testLog.assertLogged({ message: 'after' })).toMatchObject({ user_hash: access.user_hash });
  expect(testLog.lines().join('')).not.toMatch(/RAW-/);
});

test('a session that gets a new id at login is linked to the one before, once', async () => {
  const identity = { keys: keyFile(), session: { cookie: 'sid' } };
  const login = ({ log }: TestLog): void => void identify({ session: 'new-session', user: '7' }, { log });
  const testLog = await ask({ identity }, { cookie: 'sid=anonymous' }, login, login);
  const { hash } = { hash: testLog.log.runtime.identity.hash.bind(testLog.log.runtime.identity) };
  expect(links(testLog)).toEqual([
    {
      session_hash: hash('session', 'new-session')[0],
      user_hash: hash('user', '7')[0],
      link: { reason: 'login' },
      before: { session_hash: hash('session', 'anonymous')[0] },
    },
  ]);
});

test('a second device is linked by its account; another account in the same session is another person', () => {
  const { log, ...testLog } = createTestLog({ identity: { keys: keyFile() } });
  const visit = (session: string, ...users: string[]): void =>
    withTrace({}, () => {
      identify({ session }, { log });
      for (const user of users) identify({ user }, { log });
    });
  visit('laptop', 'kim');
  visit('phone', 'kim');
  visit('shared', 'lee', 'park');
  withTrace({}, () => {
    identify({ session: 'lee-1', user: 'lee' }, { log });
    identify({ session: 'park-1', user: 'park' }, { log });
  });
  const said = links({ log, ...testLog }).map((each) => Object(each).link.reason);
  expect(said).toEqual(['login', 'device', 'login', 'login', 'device', 'device']);
  expect(links({ log, ...testLog }).every((each) => Object(each).before === undefined)).toBe(true);
});

test('the session before, told by the framework, is linked as well as one that came in', () => {
  const testLog = createTestLog({ identity: { keys: keyFile() } });
  withTrace({}, () => identify({ session: 'b', previousSession: 'a', user: '7' }, { log: testLog.log }));
  expect(links(testLog)).toMatchObject([
    { link: { reason: 'login' }, before: { session_hash: expect.any(String) } },
  ]);
});

test('after a new epoch, the old names lead to the new ones', () => {
  const path = keyFile(1);
  const old = createTestLog({ identity: { keys: path } });
  withTrace({}, () => identify({ user: '7' }, { log: old.log }));
  writeFileSync(path, withNewEpoch(parseKeyFile(readFileSync(path, 'utf8')), ''));
  const fresh = createTestLog({ identity: { keys: path } });
  withTrace({}, () => {
    identify({ user: '7' }, { log: fresh.log });
    identify({ user: '7' }, { log: fresh.log });
  });
  const [before] = old.log.runtime.identity.hash('user', '7');
  expect(links(fresh)).toEqual([
    {
      user_hash: expect.stringMatching(/^u2_/),
      session_hash: undefined,
      link: { reason: 'key_epoch' },
      before: { user_hash: before },
    },
  ]);
});

test('what a customer can say becomes keyed indexes, written once, and nothing of it in plain', () => {
  const path = keyFile();
  const testLog = createTestLog({ identity: { keys: path } });
  const who = {
    user: 'RAW-7',
    email: 'Kim@Example.KR',
    phone: '+82 10-1234-5678',
    member: 'M-77',
    orders: ['2026-1', '2026-2'],
  };
  withTrace({}, () => {
    identify(who, { log: testLog.log });
    identify(who, { log: testLog.log });
  });
  const box = testLog.log.runtime.identity.box;
  const [index, ...more] = testLog.records({ attributes: { event: { name: 'identity.index' } } });
  expect(more).toEqual([]);
  expect(index?.attributes['person']).toEqual({
    index: {
      email: box?.blindIndex('email', 'kim@example.kr'),
      phone: box?.blindIndex('phone', '01012345678'),
      member: box?.blindIndex('member', 'm77'),
      order: [box?.blindIndex('order', '2026-1'), box?.blindIndex('order', '2026-2')],
    },
  });
  expect(index?.user_hash).toMatch(/^u1_/);
  expect(testLog.lines().join('')).not.toMatch(/RAW-7|example|1234|M-77|2026-[12]"/i);
});

test('a pseudonym that the company has is adopted, from identify and from a slice of a cookie', async () => {
  const identity = {
    session: { cookie: 'track', slice: [0, 8] as const, adopt: true },
    user: { header: 'X-User-Key', adopt: true },
  };
  const headers = { cookie: 'track=abcd1234SECRET', 'x-user-key': 'member-key-9' };
  const testLog = await ask({ identity }, headers, () => undefined);
  expect(testLog.assertLogged({ kind: 'access' })).toMatchObject({
    session_hash: 'abcd1234',
    user_hash: 'member-key-9',
  });
  expect(testLog.lines().join('')).not.toContain('SECRET');
  const adopted = createTestLog();
  withTrace({}, () => {
    expect(identify({ userHash: 'p-1' }, { log: adopted.log })).toEqual({ userHash: 'p-1' });
    expect(identify({ userHash: 'two words' }, { log: adopted.log })).toEqual({ userHash: 'p-1' });
    adopted.log.info('x');
  });
  expect(adopted.assertLogged({ message: 'x' }).user_hash).toBe('p-1');
});

test('without keys, or outside of a request, nothing real is written and nothing throws', () => {
  const testLog = createTestLog({ identity: { keys: '/nowhere/keys.json' }, personal: ['name'] });
  expect(identify({ user: 'RAW' }, { log: testLog.log })).toBeUndefined();
  withTrace({}, () => {
    expect(identify({ session: 'RAW-S', user: 'RAW-U', email: 'raw@x.kr' }, { log: testLog.log })).toEqual(
      {},
    );
    testLog.log.info({ name: '김철수' }, 'x');
  });
  expect(testLog.assertLogged({ message: 'x' }).attributes['name']).toBe(
    '(personal: not kept, there are no identity keys)',
  );
  expect(testLog.lines().join('')).not.toMatch(/RAW|raw@|김철수/);
});

test('pseudonyms and what is carried go to the next service, signed, and are believed there', async () => {
  const keys = keyFile();
  let headers: Record<string, string> = {};
  await ask({ identity: { keys } }, {}, ({ log }) => {
    startScenario();
    identify({ session: 's', user: '7' }, { log });
    expect(carry({ 'customer.id': 'c-7', 'client.version': '3.1.0' })).toBe(true);
    expect(carry({ 'customer.id': 'two words' })).toBe(false);
    headers = outgoingHeaders({ host: 'orders' }, log.runtime.propagation);
  });
  const next = await ask({ identity: { keys } }, headers, ({ log }) => log.info('inside'));
  expect(next.assertLogged({ message: 'inside' })).toMatchObject({
    trace_id: headers['traceparent']?.slice(3, 35),
    global_trace_id: expect.stringMatching(/^[0-9a-f]{32}$/),
    session_hash: expect.stringMatching(/^s1_/),
    user_hash: expect.stringMatching(/^u1_/),
    attributes: { customer: { id: 'c-7' }, client: { version: '3.1.0' } },
  });
  const stranger = await ask({ identity: { keys: keyFile() } }, headers, () => undefined);
  expect(stranger.assertLogged({ kind: 'access' }).user_hash).toBeUndefined();
});

test('a script goes on with the scenario that its environment names', () => {
  const testLog = createTestLog();
  let environment: Record<string, string> = {};
  let scenario: string | undefined;
  withTrace({}, () => {
    scenario = startScenario();
    expect(startScenario()).toBe(scenario);
    environment = environmentOf(outgoingHeaders());
  });
  withTrace(environmentHeaders(environment), () => testLog.log.info('in the script'));
  expect(Object.keys(environment).sort()).toEqual(['BAGGAGE', 'TRACEPARENT']);
  expect(testLog.assertLogged({ message: 'in the script' }).global_trace_id).toBe(scenario);
});

test('the support code stands on the access record of a failure, and where it was shown', async () => {
  let shown: string | undefined;
  const testLog = await ask(
    {},
    {},
    () => undefined,
    () => (shown = supportCode()),
  );
  const [quiet, asked] = testLog.records({ kind: 'access' });
  expect(quiet?.attributes['support_code']).toBeUndefined();
  expect(shown).toMatch(/^[0-9A-Z]{4}-[0-9A-Z]{4}$/);
  expect(asked?.attributes['support_code']).toBe(shown);
  const failing = createTestLog();
  const handler = sillokHttp(
    (_request, response) => {
      response.statusCode = 500;
      response.end();
    },
    { log: failing.log, supportCode: true },
  );
  const running = await listening(createServer(handler));
  const response = await fetch(running.url);
  await running.close();
  const access = await failing.logged({ kind: 'access' });
  expect(access.attributes['support_code']).toBe(response.headers.get('x-support-code'));
});

test('personal fields are sealed in every way that a field can come, and open with the person’s key', async () => {
  const keys = keyFile();
  const options = { identity: { keys }, personal: ['customer.name', 'shipping', '*.memo', 'client.address'] };
  const testLog = await ask(options, {}, ({ log }) => {
    identify({ user: '7' }, { log });
    log.info({ customer: { name: '김철수', tier: 'gold' } }, 'a call');
    log.info({ 'customer.name': '김철수' }, 'a dotted key');
    log.child({ shipping: { city: '서울', zip: [1, 2] } }).info('a binding');
    setContext({ order: { memo: '문 앞에', id: 7 } });
    log.info('a context');
  });
  const text = testLog.lines().join('\n');
  expect(text).not.toMatch(/김철수|서울|문 앞에|127\.0\.0\.1/);
  const store = createFileKeyStore(join(keys, '..'));
  const box = createPersonalBox({ masters: mastersOf(parseKeyFile(readFileSync(keys, 'utf8'))), store });
  const opened = (message: string, ...path: string[]): string | undefined => {
    let value: unknown = testLog.assertLogged({ message }).attributes;
    for (const key of path) value = Object(value)[key];
    return box.open(String(value));
  };
  expect(opened('a call', 'customer', 'name')).toBe('김철수');
  expect(opened('a dotted key', 'customer', 'name')).toBe('김철수');
  expect(opened('a binding', 'shipping', 'city')).toBe('서울');
  expect(opened('a binding', 'shipping', 'zip')).toBe('[1,2]');
  expect(opened('a context', 'order', 'memo')).toBe('문 앞에');
  expect(opened('GET / 200', 'client', 'address')).toBe('127.0.0.1');
  expect(testLog.assertLogged({ message: 'a call' }).attributes).toMatchObject({
    customer: { tier: 'gold' },
  });
  box.destroy(testLog.assertLogged({ kind: 'access' }).user_hash ?? '');
  expect(opened('a call', 'customer', 'name')).toBeUndefined();
});

test('no real id is in any file of a spool', async () => {
  const root = folder();
  const identity = { keys: keyFile(), session: { cookie: 'sid' } };
  const log = createLogger({
    service: 'shop',
    spoolDirectory: root,
    identity,
    personal: ['customer.name'],
    stdout: 'none',
    heartbeatMs: 0,
  });
  const handler = sillokHttp(
    (_request, response) => {
      identify(
        { user: 'RAW-USER', email: 'raw@example.kr', phone: '010-7777-8888', member: 'RAW-MEMBER' },
        { log },
      );
      log.info({ customer: { name: '홍길동' } }, 'paid');
      response.end(JSON.stringify(outgoingHeaders()));
    },
    { log },
  );
  const running = await listening(createServer(handler));
  const headers: unknown = await (
    await fetch(running.url, { headers: { cookie: 'sid=RAW-SESSION' } })
  ).json();
  await running.close();
  await log.close();
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const all = files.map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8')).join('\n');
  expect(all).toContain('"session_hash":"s1_');
  expect(all).toContain('identity.index');
  // Whole enough that neither a random id nor a time has them by chance.
  expect(all + JSON.stringify(headers)).not.toMatch(/RAW-|raw@|7777-?8888|홍길동/);
});
