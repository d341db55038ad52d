/**
 * The shop as a whole: nginx, PostgreSQL and Python where they are installed, and what stands in for them where they are not.
 * A sign-in that fails is found with its SQL statement's error, its hop at the edge and its service in Python.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startShop, type Shop } from '../../examples/shop/shop.mjs';
import { createCustomer, listOrders, order, readStories, signIn } from '../../examples/shop/traffic.mjs';
import { contentOf, filesUnder } from '../lib/files.js';
import { startTestServer, type SearchRecord, type TestServer } from '../lib/server.js';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.dispose());

const forms = [
  { name: 'with what is installed', options: {} },
  { name: 'with npm’s packages only', options: { pglite: true, nodeEdge: true } },
];

describe.each(forms)('the shop $name', ({ options }) => {
  let shop: Shop;
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sillok-shop-test-'));
    shop = await startShop({ url: server.url, key: server.key, folder, ...options });
  });
  afterAll(async () => {
    await shop.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test('a sign-in fails under one condition only, and its trace goes from the edge to the statement', async () => {
    await tell('social-login', true);
    const star = { subject: 'star', nickname: '별이🚀🌙✨', provider: 'dalbit', version: '3.2.0' };
    const failing = await comes(star);
    const others = [
      await comes({ ...star, subject: 'b', version: '3.1.4' }),
      await comes({ ...star, subject: 'c', provider: 'haneul' }),
      await comes({ ...star, subject: 'd', nickname: '한결' }),
    ];
    expect([failing.signedIn, ...others.map((other) => other.signedIn)]).toEqual([false, true, true, true]);
    const failed = `global_trace_id:${failing.customer.scenario} level:error`;
    const errors = await server.waitFor({ q: failed, from: '-1h' }, 4);
    const trace = await server.waitFor({ q: `trace_id:${errors[0]?.trace_id} kind:access`, from: '-1h' }, 3);
    expect(trace.map(serviceOf).sort()).toEqual(['edge', 'gateway', 'login']);
    expect(errors.some((record) => JSON.stringify(record).includes('value too long for type'))).toBe(true);
    expect(byService(trace, 'gateway')?.parent_span_id).toBe(byService(trace, 'edge')?.span_id);
    expect(byService(trace, 'login')?.parent_span_id).toBeDefined();
    await tell('social-login', false);
    if (!hasLog()) return;
    // What the database itself says stands in the same trace.
    const q = `trace_id:${errors[0]?.trace_id} service.name:postgresql level:error`;
    const [logged] = await server.waitFor({ q, from: '-1h' }, 1);
    expect(logged?.message).toBe('value too long for type character varying(16)');
  });

  test('why: the condition of the failing sign-ins comes first, and without it a second fault shows', async () => {
    await tell('social-login', true);
    await tell('in-app-browser', true);
    const scenarios: string[] = [];
    const everybody = everyKind();
    while (everybody.length > 0) {
      const some = await Promise.all(everybody.splice(0, 8).map(comes));
      scenarios.push(...some.map(({ customer }) => customer.scenario));
    }
    await tell('social-login', false);
    await tell('in-app-browser', false);
    const own = `service.name:login kind:access http.route:(/api/join or "/login/:provider/callback")`;
    await server.waitFor({ q: `global_trace_id:${scenarios.at(-1)} ${own}`, from: '-1h' }, 1);
    const failed = `service.name:login kind:access http.response.status_code:>=400`;
    const join = `service.name:login kind:access http.route:/api/join http.request.method:POST`;
    const first = await why(`${join} http.response.status_code:500`, join);
    expect(first.slice(0, 3).sort()).toEqual([
      'client.version=3.2.0',
      'login.name_has_emoji=true',
      'login.provider=dalbit',
    ]);
    const second = await why(failed, own, 'login.name_has_emoji:true');
    expect(second[0]).toBe('browser.in_app=true');
  });

  test('an order passes every service, the queue and the worker in one trace', async () => {
    const { customer, signedIn } = await comes({ subject: 'buyer', nickname: 'Minji', provider: 'haneul' });
    expect(signedIn).toBe(true);
    const answer = await order(customer, 'tea');
    expect(answer.status).toBe(201);
    // The answer of the shop's own API.
    const { id } = (await answer.json()) as { id: number };
    const [mail] = await server.waitFor(
      { q: `order.id:${id} service.name:worker "mail sent"`, from: '-1h' },
      1,
    );
    const trace = await server.waitFor({ q: `trace_id:${mail?.trace_id} kind:access`, from: '-1h' }, 6);
    expect([...new Set(trace.map(serviceOf))].sort()).toEqual([
      'edge',
      'gateway',
      'login',
      'orders',
      'payments',
      'stock',
    ]);
    const spans = await server.waitFor({ q: `trace_id:${mail?.trace_id} kind:span`, from: '-1h' }, 4);
    expect(spans.map(({ message }) => message)).toEqual(
      expect.arrayContaining(['charge', 'POST /payments', 'send order-placed', 'process order-placed']),
    );
  });

  test('the proxy asks the second gateway when the first breaks off', async () => {
    const { customer } = await comes({ subject: 'twice', nickname: 'Sora', provider: 'haneul' });
    await tell('retrying-proxy', true);
    await Promise.all([order(customer, 'cup'), order(customer, 'cup')]);
    await tell('retrying-proxy', false);
    // The edge's lines have no scenario of their own; the gateway's do.
    const gateway = await server.waitFor(
      { q: `global_trace_id:${customer.scenario} service.name:gateway url.path:/api/orders`, from: '-1h' },
      3,
    );
    // Only of these: a request of the shop itself may have been tried twice as well while the switch was on.
    const traces = [...new Set(gateway.map(({ trace_id }) => trace_id))].join(' or ');
    await server.waitFor(
      { q: `service.name:edge edge.upstream.attempts:2 trace_id:(${traces})`, from: '-1h' },
      1,
    );
  });

  test('the slow query: each statement is found in its request, also as the database’s log has it', async () => {
    const { customer } = await comes({ subject: 'patient', nickname: 'Nari', provider: 'haneul' });
    await order(customer, 'tea');
    await tell('slow-query', true);
    const answers = await Promise.all([1, 2, 3].map(() => listOrders(customer)));
    await tell('slow-query', false);
    const traces = answers.map(({ headers }) => headers.get('x-trace-id') ?? '');
    expect(new Set(traces).size).toBe(3);
    const statements = new Map<string, string | undefined>();
    for (const trace of traces) {
      const q = `trace_id:${trace} kind:span db.query.text:*pg_sleep* duration_ms:>=1000`;
      const [span]: readonly Hop[] = await server.waitFor({ q, from: '-1h' }, 1);
      statements.set(trace, span?.span_id);
    }
    if (!hasLog()) return;
    const own = traces.map((trace) => `trace_id:${trace}`).join(' or ');
    await server.waitFor({ q: `service.name:postgresql duration_ms:>=1000 (${own})`, from: '-1h' }, 3);
    // All of the run, not those alone that were looked for.
    const slow = await server.searchAll({ q: 'service.name:postgresql duration_ms:>=500', from: '-1h' });
    expect(slow).toHaveLength(3);
    const hops: readonly Hop[] = slow;
    expect(new Map(hops.map((hop) => [hop.trace_id, hop.span_id]))).toEqual(statements);
  });

  test('no session is in any file', async () => {
    const { customer } = await comes({ subject: 'private', nickname: 'Kim', provider: 'dalbit' });
    const session = customer.cookies.get('shop_session') ?? '';
    expect(session.length).toBeGreaterThan(10);
    await server.waitFor({ q: `global_trace_id:${customer.scenario} service.name:login`, from: '-1h' }, 3);
    const files = [folder, server.dataDirectory].flatMap(filesUnder);
    expect(files.length).toBeGreaterThan(5);
    expect(files.filter((file) => contentOf(file).includes(session))).toEqual([]);
    // The engine's own files are compressed, so it is asked.
    expect((await server.search({ q: `"${session}"`, from: '-1h' })).records).toEqual([]);
  });

  /** PGlite writes none. */
  function hasLog(): boolean {
    return shop.uses.includes('PostgreSQL');
  }

  /** Conditions, the most telling first. */
  async function why(q: string, base: string, except?: string): Promise<string[]> {
    const query = new URLSearchParams({
      q,
      base_q: base,
      from: '-1h',
      ...(except === undefined ? {} : { except }),
    });
    const { conditions } = await server.get<{ conditions: { field: string; value: string }[] }>(
      `/api/why?${query}`,
    );
    return conditions.map(({ field, value }) => `${field}=${value}`);
  }

  async function comes(choices: Parameters<typeof createCustomer>[2]) {
    const customer = createCustomer(0, shop, { version: '3.1.4', inApp: false, ...choices });
    await readStories(customer);
    return { customer, signedIn: await signIn(customer) };
  }

  /** As the page's switch does it; the answer of the gateway comes before the other processes know, so each is asked. */
  async function tell(name: string, on: boolean): Promise<void> {
    await fetch(`${shop.url}/stories/${name}/${on ? 'on' : 'off'}`, { method: 'POST' });
    for (let isOn = !on; isOn !== on;) {
      const answer = await fetch(`${shop.url}/stories`);
      // The gateway's own list.
      const stories = (await answer.json()) as { name: string; on: boolean }[];
      isOn = stories.find((story) => story.name === name)?.on ?? on;
    }
  }
});

/** Both versions, providers and kinds of name, evenly; some of those without an emoji in an in-app browser. */
function everyKind(): {
  subject: string;
  version: string;
  provider: string;
  nickname: string;
  inApp: boolean;
}[] {
  return Array.from({ length: 112 }, (_, index) => ({
    subject: `everybody-${index}`,
    version: index & 1 ? '3.1.4' : '3.2.0',
    provider: index & 2 ? 'dalbit' : 'haneul',
    nickname: index & 4 ? '별이🚀🌙✨' : '한결',
    inApp: (index & 4) === 0 && index % 7 === 0,
  }));
}

function serviceOf(record: SearchRecord): string {
  return String(record.resource['service.name']);
}

type Hop = SearchRecord & { readonly span_id?: string; readonly parent_span_id?: string };

function byService(records: readonly Hop[], service: string): Hop | undefined {
  return records.find((record) => serviceOf(record) === service);
}
