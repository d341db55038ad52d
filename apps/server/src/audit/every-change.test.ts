/**
 * Every call that changes something leaves an entry in the signed log before it is answered. The routes are those of the table
 * that server, clients and docs share: one that is added there without a line here fails this test.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { ROUTES } from '@sillok/api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { dataPaths } from '../filenames.js';
import { TestBrowser } from '../people/browser.fixture.js';
import { readBatches } from '../queue/read-batches.js';
import { line, ServerUnderTest, until } from '../server.fixture.js';
import { readHeld, verifyAuditLog } from './verify.js';

const METHODS = ['POST', 'PUT', 'PATCH', 'DELETE'] as const;

/** Calls that need no entry, each with its reason. */
const WITHOUT: Readonly<Record<string, string>> = {
  'POST /api/sql': 'reads, by POST since a statement is long',
  'DELETE /api/sql/:queryId': 'ends a running read',
  'POST /api/estimate': 'reads',
  'POST /api/panels/run': 'reads',
  'POST /api/panels/estimate': 'reads',
  'POST /api/wall/run': 'reads, with the secret of a wall whose making is an entry',
  'POST /api/reports/:id/run': 'reads',
  'POST /api/reports/preview': 'reads',
  'POST /api/alert-rules/preview': 'reads',
  'POST /api/debug-route/verify': 'reads',
  'DELETE /api/databases/:name/query/:queryId': 'ends a running read, whose beginning is an entry',
  'POST /api/admin/:service/*': 'the service that does it writes the entry, whoever calls it: packages/admin',
  'POST /v1/records': 'takes records in',
  'POST /v1/audit': 'takes entries in',
};

/** Tested where the other side of the call is: they need a database, or an identity provider. */
const ELSEWHERE: Readonly<Record<string, readonly [file: string, looksFor: string]>> = {
  'POST /api/databases/:name/query': [
    'database/postgres.test.ts',
    'each statement is audited before and after',
  ],
  'POST /api/sign-in/saml/return': ['people/saml.test.ts', 'session.sign_in'],
  'DELETE /api/users/:id/sign-in': ['people/saml.test.ts', 'user.change'],
  'POST /api/person/open': ['identity/identity.test.ts', 'person.open'],
  'POST /api/person/erase': ['identity/erase.test.ts', 'person.erase'],
};

interface How {
  /** Name under which an earlier call kept the id that stands in the path. */
  readonly id?: string;
  readonly json?: object | (() => object);
  /** Name under which the id of the answer is kept. */
  readonly keep?: string;
  /** When it is no good one: the message could not be told to a target that is not there. */
  readonly status?: number;
  readonly query?: string;
}

/** In this order: later ones use what earlier ones made. The second is the action of the entry. */
const CALLS: readonly (readonly [route: string, action: string, how?: How | (() => Promise<unknown>)])[] = [
  ['POST /api/users', 'user.create'],
  ['POST /api/session', 'session.sign_in'],
  ['POST /api/keys', 'key.create', { keep: 'key', json: { name: 'k', scopes: ['read'] } }],
  ['DELETE /api/keys/:id', 'key.revoke', { id: 'key' }],
  ['POST /api/projects', 'project.create', { keep: 'project', json: { id: 'blue' } }],
  ['PATCH /api/projects/:id', 'project.change', { id: 'project', json: { name: 'B' } }],
  ['POST /api/session/project', 'session.enter', { json: { project: 'default' } }],
  ['POST /api/invitations', 'invitation.create', { keep: 'invitation', json: { email: 'a@shop.example' } }],
  ['DELETE /api/invitations/:id', 'invitation.delete', { id: 'invitation' }],
  ['PUT /api/members/:id', 'member.change', { id: 'user', json: { role: 'member' } }],
  ['DELETE /api/members/:id', 'member.delete', { id: 'user' }],
  ['POST /api/users/:id/reset', 'invitation.create', { id: 'user' }],
  ['PATCH /api/users/:id', 'user.change', { id: 'user', json: { name: 'Lee' } }],
  ['DELETE /api/users/:id', 'user.delete', { id: 'user' }],
  ['POST /api/session/password', 'user.change', { json: () => NEW_PASSWORD }],
  ['DELETE /api/sessions/:id', 'session.end', endOtherSession],
  ['POST /api/saved', 'saved.create', { keep: 'saved', json: () => SAVED }],
  ['PUT /api/saved/:id', 'saved.change', { id: 'saved', json: () => SAVED }],
  ['PUT /api/saved/:id/star', 'star.create', { id: 'saved' }],
  ['DELETE /api/saved/:id/star', 'star.clear', { id: 'saved' }],
  ['DELETE /api/saved/:id', 'saved.delete', { id: 'saved' }],
  ['POST /api/alert-targets', 'alert_target.create', { keep: 'target', json: () => TARGET }],
  ['PUT /api/alert-targets/:id', 'alert_target.change', { id: 'target', json: () => TARGET }],
  ['POST /api/alert-targets/:id/test', 'alert_target.test', { id: 'target', status: 502 }],
  ['POST /api/alert-rules', 'alert_rule.create', { keep: 'rule', json: () => RULE }],
  ['PUT /api/alert-rules/:id', 'alert_rule.change', { id: 'rule', json: () => RULE }],
  ['POST /api/alert-rules/:id/mute', 'alert_rule.change', { id: 'rule', json: { minutes: 5 } }],
  ['DELETE /api/alert-rules/:id', 'alert_rule.delete', { id: 'rule' }],
  ['POST /api/alerts/:id/acknowledge', 'alert.acknowledge', { id: 'alert' }],
  ['POST /api/alerts/:id/mute', 'alert.mute', { id: 'alert', json: { minutes: 5 } }],
  ['POST /api/alerts/:id/resolve', 'alert.resolve', { id: 'alert' }],
  ['POST /api/dashboards', 'dashboard.create', { keep: 'dashboard', json: { name: 'd' } }],
  ['PUT /api/dashboards/:id', 'dashboard.change', { id: 'dashboard', json: { name: 'e' } }],
  ['POST /api/dashboards/:id/walls', 'wall.create', { id: 'dashboard', keep: 'wall' }],
  ['DELETE /api/walls/:id', 'wall.delete', { id: 'wall' }],
  ['DELETE /api/dashboards/:id', 'dashboard.delete', { id: 'dashboard' }],
  ['POST /api/reports', 'report.create', { keep: 'report', json: report }],
  ['PUT /api/reports/:id', 'report.change', { id: 'report', json: report }],
  ['POST /api/reports/:id/send', 'report.send', { id: 'report', status: 502 }],
  ['DELETE /api/reports/:id', 'report.delete', { id: 'report' }],
  ['DELETE /api/alert-targets/:id', 'alert_target.delete', { id: 'target' }],
  ['PUT /api/errors/:fingerprint/life', 'error.create', { id: 'error', json: { action: 'ignore' } }],
  ['PUT /api/error-links', 'error_links.create', { json: {} }],
  ['POST /api/browser/kills', 'browser.kill', { json: { app: 'shop' } }],
  ['DELETE /api/browser/kills', 'browser.restore', { json: { app: 'shop' } }],
  ['POST /api/browser/source-maps', 'source_maps.upload', uploadMap],
  ['DELETE /api/browser/source-maps', 'source_maps.delete', { query: '?app=shop&release=1' }],
  ['POST /api/person/lookup', 'person.lookup', { json: { query: 'kim@shop.example' } }],
  ['POST /api/debug-route', 'route.create', { keep: 'session', json: { targets: { orders: 'fix' } } }],
  ['DELETE /api/debug-route/:id', 'route.end', { id: 'session' }],
  ['DELETE /api/replays/:mode/:name', 'replay.forget', forgetReplay],
  [
    'POST /api/audit/review',
    'access_review.sign_off',
    { json: { month: '2026-01', zone: 'UTC', note: 'x' } },
  ],
  ['POST /api/audit/key-changes', 'signing_key.rotate', { json: { reason: 'yearly' } }],
  ['POST /api/demo', 'demo.start', {}],
  ['DELETE /api/demo', 'demo.stop', {}],
  ['DELETE /api/session', 'session.sign_out', {}],
];

const PASSWORD = 'a long password of the boss';
const NEW_PASSWORD = { current: PASSWORD, password: 'another long password' };
const SAVED = { name: 's', q: 'level:error', shared: true };
const TARGET = { kind: 'slack_webhook', name: 'ops', url: 'http://127.0.0.1:9/hook' };
const RULE = { name: 'r', q: 'level:error', kind: 'threshold', severity: 'warning' };
const MAP = { version: 3, sources: ['a.ts'], names: [], mappings: 'AAAA' };

const server = new ServerUnderTest({ allowPrivateTargets: true });
const made: Record<string, string> = { error: '0123456789abcdef' };
let verifier = '';
let page: TestBrowser;

function report(): object {
  const windows = { kind: 'rolling' };
  return { name: 'r', cards: [{ title: 'c', measure: 'calls' }], windows, targets: [made['target']] };
}

async function boss(route: string, json?: unknown, status = 0): Promise<Record<string, unknown>> {
  const [method = '', path = ''] = route.split(' ');
  const answer = await page.ask(method, path, json);
  if (status === 0 ? answer.status >= 300 : answer.status !== status)
    throw new Error(`${route}: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body;
}

async function call(route: string, { id = '', json, keep, status, query = '' }: How): Promise<void> {
  const where = route.replace(/:\w+/, made[id] ?? '') + query;
  // No other object can be called.
  const body = typeof json === 'function' ? (json as () => object)() : json;
  const answer = await boss(where, body, status);
  if (keep !== undefined) made[keep] = String(answer['id']);
}

const invite = (email: string): Promise<Record<string, unknown>> =>
  boss('POST /api/invitations', { email, role: 'viewer' });

async function signIn(body: object): Promise<TestBrowser> {
  const browser = new TestBrowser(server.running.url);
  const { status } = await browser.ask('POST', '/api/session', body);
  if (status !== 200) throw new Error(`the sign-in failed: ${status}`);
  return browser;
}

async function endOtherSession(): Promise<void> {
  await signIn({ email: 'boss@shop.example', password: NEW_PASSWORD.password });
  // The shape of the documented answer.
  const { sessions } = (await boss('GET /api/sessions')) as { sessions: { id: string; own: boolean }[] };
  await boss(`DELETE /api/sessions/${sessions.find(({ own }) => !own)?.id}`);
}

async function uploadMap(): Promise<void> {
  const response = await server.post(
    '/api/browser/source-maps?app=shop&release=1&file=a.js',
    JSON.stringify(MAP),
  );
  expect(response.status).toBe(201);
}

/** One that was heard of by a record of it. */
async function forgetReplay(): Promise<void> {
  const attributes = { event: { name: 'replay.stopped' }, replay: { name: 'copy', mode: 'follow' } };
  await server.verdict({ producer: 'copier', boot: 'b' }, [line(1, { attributes })]);
  await until(async () => JSON.stringify(await boss('GET /api/replays')).includes('"copy"'));
  await boss('DELETE /api/replays/follow/copy');
}

async function readable(path: string): Promise<string> {
  const { url, devKey } = server.running;
  return (await fetch(url + path, { headers: { authorization: `Bearer ${devKey}` } })).text();
}

interface Entry {
  readonly project: string;
  readonly action: string;
  readonly outcome: string;
  readonly actor: string;
  /** From where it was asked for. */
  readonly address: string | undefined;
}

interface Line {
  readonly attributes: Record<string, string>;
  readonly 'client.address'?: string;
}

/** What is on the disk now. */
function entries(): Entry[] {
  const directory = join(dataPaths(server.directory).queue, 'audit');
  return [...readBatches({ directory })].flatMap(({ header, records }) =>
    records
      .toString('utf8')
      .split('\n')
      .filter(Boolean)
      .map((text) => {
        // A canonical line of our own queue.
        const { attributes, 'client.address': address } = JSON.parse(text) as Line;
        const of = (name: string): string => attributes[`audit.${name}`] ?? '';
        const { project } = header;
        return { project, action: of('action'), outcome: of('outcome'), actor: of('actor.id'), address };
      }),
  );
}

beforeAll(async () => {
  const { url, signInUrl } = await server.start();
  page = new TestBrowser(url);
  await page.signInBy(signInUrl);
  const user = { email: 'boss@shop.example', name: 'Boss', password: PASSWORD };
  expect((await page.ask('POST', '/api/users', user)).status).toBe(201);
  page = await signIn({ email: user.email, password: PASSWORD });
  const lee = await invite('lee@shop.example');
  const secret = /#invitation=(.+)$/.exec(String(lee['link']))?.[1];
  await signIn({ invitation: secret, name: 'Lee', password: PASSWORD });
  // The shape of the documented answer.
  const { members } = (await boss('GET /api/members')) as { members: { id: string; name: string }[] };
  made['user'] = members.find(({ name }) => name === 'Lee')?.id ?? '';
  await server.verdict({ producer: 'p', boot: 'b' }, [line(1, { level: 'error', message: 'it broke' })]);
  await until(async () => {
    // The shape of the documented answer.
    const { alerts } = (await boss('GET /api/alerts')) as { alerts: { id: string }[] };
    made['alert'] = alerts[0]?.id ?? '';
    return made['alert'] !== '';
  });
  verifier = await readable('/api/audit/verifier');
});
afterAll(() => server.dispose());

test('every route that is no GET has a line here', async () => {
  const registered: string[] = [];
  for (const path of new Set(Object.values(ROUTES))) {
    for (const method of METHODS) {
      // Nobody asks, so nothing happens: a route that is there says who may.
      const url = server.running.url + path.replace(/:\w+|\*/g, 'x');
      const response = await fetch(url, { method });
      const text = await response.text();
      if (!(response.status === 404 && text.includes(`There is no ${method} `)))
        registered.push(`${method} ${path}`);
    }
  }
  const isTaken = (route: string): boolean => {
    const [method = '', path = ''] = route.split(' ');
    // A name that stands where another route has an id: `DELETE /api/reports/preview` is `DELETE /api/reports/:id`.
    return registered.some((each) => {
      const pattern = new RegExp(`^${each.replace(/:\w+/g, '[^/]+').replace('*', '.*')}$`);
      return each !== route && pattern.test(`${method} ${path}`);
    });
  };
  const named = [...CALLS.map(([route]) => route), ...Object.keys(WITHOUT), ...Object.keys(ELSEWHERE)];
  const onlyWithProvider = ['POST /api/sign-in/saml/return'];
  expect(registered.filter((route) => !isTaken(route)).toSorted()).toEqual(
    named.filter((route) => !onlyWithProvider.includes(route)).toSorted(),
  );
});

test.each(Object.entries(ELSEWHERE))('%s is looked at in a test of its own', (_, [file, looksFor]) => {
  expect(readFileSync(join(import.meta.dirname, '..', file), 'utf8')).toContain(looksFor);
});

test('no route is registered that the table does not know, but those that take records in', () => {
  const source = join(import.meta.dirname, '..');
  const unknown: string[] = [];
  for (const name of readdirSync(source, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.ts') || /\.(test|fixture|fuzz)\.ts$/.test(name) || name.startsWith('ingest/'))
      continue;
    const text = readFileSync(join(source, name), 'utf8');
    for (const [, path = ''] of text.matchAll(
      /\b(?:app|scope|room|upload)\.(?:post|put|patch|delete)(?:<.*?>)?\(\s*'([^']+)'/g,
    )) {
      if (!Object.values<string>(ROUTES).includes(path)) unknown.push(`${name}: ${path}`);
    }
  }
  expect(unknown).toEqual([]);
});

describe('an entry is on the disk before the answer', () => {
  const calls = CALLS.flatMap(([route, action, how]) => (how === undefined ? [] : [{ route, action, how }]));
  test.each(calls)('$route: $action', async ({ route, action, how }) => {
    const before = entries().length;
    await (typeof how === 'function' ? how() : call(route, how));
    const written = entries()
      .slice(before)
      .filter((entry) => entry.action === action);
    expect(written.map(({ outcome }) => outcome)).toContain('committed');
    expect(written.every(({ actor }) => actor !== '')).toBe(true);
    expect(written.map(({ address }) => address)).toEqual(written.map(() => '127.0.0.1'));
  });

  test('the first user, the sign-in by link and by password were there before these', () => {
    const actions = entries().map(({ action, outcome }) => `${action} ${outcome}`);
    for (const action of ['user.create', 'session.sign_in', 'member.create'])
      expect(actions).toContain(`${action} committed`);
  });
});

test('the log holds no secret and no whole address of a person, and a verification covers all of it', async () => {
  const held = readHeld([await readable('/api/audit/checkpoint')], [verifier.trim()]);
  await server.stop();
  const directory = join(dataPaths(server.directory).queue, 'audit');
  const text = readdirSync(directory)
    .map((name) => readFileSync(join(directory, name), 'latin1'))
    .join('');
  expect(text).toContain('***@shop.example');
  for (const secret of ['boss@shop.example', PASSWORD, '127.0.0.1:9/hook'])
    expect(text.includes(secret), secret).toBe(false);
  const verdict = await verifyAuditLog(server.directory, held.checkpoints);
  expect(verdict.damage).toEqual([]);
  const own = entries().filter(({ project }) => project === 'default');
  expect(verdict.projects.find(({ project }) => project === 'default')).toMatchObject({
    findings: [],
    covered: own.length,
  });
});
