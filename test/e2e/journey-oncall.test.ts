/**
 * A developer on call, on a phone of 390 px: from the message about a database that refuses connections to the line, the
 * statement, the reason, the retries, the callers, the first success, and the last message. No address is typed but that of
 * the message's link, no SQL is written. (Requests that go to fixed copies: test/e2e/debug-route.test.ts.)
 */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HookSink } from '../../apps/server/src/alert/sinks.fixture.js';
import { chromiumPath, launchChromium, runQuery } from '../lib/console.js';
import { Journey, openByMenu, signedInOnPhone } from '../lib/journey.js';
import { postUntilTaken, recordLine, timeAt } from '../lib/native.js';
import { startTestServer, until, type TestServer } from '../lib/server.js';

const ERRORS = 10_000;
const TRACES = 60;
const hook = new HookSink();
const seqs = new Map<string, number>();
let server: TestServer;
let browser: Browser;

beforeAll(async () => {
  if (chromiumPath === undefined) return;
  const url = await hook.start();
  server = await startTestServer({ SILLOK_ALLOW_PRIVATE_TARGETS: '1' });
  const target = { kind: 'slack_webhook', name: 'ops', url: `${url}/ops`, language: 'en' };
  const json = { 'content-type': 'application/json' };
  expect((await server.post('/api/alert-targets', JSON.stringify(target), json)).status).toBe(201);
  browser = await launchChromium();
});
afterAll(async () => {
  await browser?.close();
  await server?.dispose();
  hook.stop();
});

type Fields = Readonly<Record<string, unknown>>;

async function send(service: string, records: readonly { time: string; more: Fields }[]): Promise<void> {
  const lines = records.map(({ time, more }) => {
    const seq = (seqs.get(service) ?? 0) + 1;
    seqs.set(service, seq);
    return recordLine(seq, time, more);
  });
  await postUntilTaken(server, { producer: service, boot: 'b', service }, lines);
}

const traceId = (index: number): string => index.toString(16).padStart(32, 'c');
const isFailing = (index: number): boolean => index % 3 !== 0;

interface Hop {
  readonly index: number;
  readonly name: string;
  readonly parent?: string;
  readonly kind?: string;
  readonly route?: string;
  readonly attributes?: Fields;
}

/** A hop of one of the traces: web → gateway → nginx, which asks twice → orders → PostgreSQL. */
function hop(startMs: number, { index, name, parent, kind = 'access', route = '', attributes = {} }: Hop) {
  const status = isFailing(index) ? 502 : 201;
  const spanId = (of: string): string => Buffer.from(`${of}${index}`.padEnd(8, '_')).toString('hex');
  const at = startMs + index * 20;
  return {
    time: timeAt(at, kind === 'access' ? 10e6 : 0),
    more: {
      ...{ kind, trace_id: traceId(index), span_id: spanId(name), user_hash: `person-${index}` },
      ...(parent !== undefined && { parent_span_id: spanId(parent) }),
      level: isFailing(index) ? 'error' : 'info',
      message: kind === 'access' ? `POST ${route}` : name,
      attributes: {
        ...{ duration_ms: 10, 'http.response.status_code': status },
        ...(route !== '' && { 'http.request.method': 'POST', 'http.route': route, 'url.path': route }),
        ...(kind === 'span' && { 'span.kind': 'client', 'span.start_time': timeAt(at, 0) }),
        ...attributes,
      },
    },
  };
}

async function runTraces(startMs: number): Promise<void> {
  const all = Array.from({ length: TRACES }, (_, index) => index);
  const hops = (more: Omit<Hop, 'index'>) => all.map((index) => hop(startMs, { index, ...more }));
  const out = { kind: 'span', attributes: { 'server.address': '10.0.0.9' } };
  await send('web', [
    ...hops({ name: 'web', route: '/checkout' }),
    ...hops({ name: 'wout', parent: 'web', route: '/api/orders', ...out }),
  ]);
  await send('gateway', [
    ...all.map((index) =>
      hop(startMs, {
        ...{ index, name: 'gate', parent: 'wout', route: '/api/orders' },
        attributes: { 'payment.method': isFailing(index) ? 'points' : 'card' },
      }),
    ),
    ...hops({ name: 'gout', parent: 'gate', route: '/orders', ...out }),
  ]);
  const attempts = (index: number): Fields => {
    const statuses = isFailing(index) ? ['502', '502'] : ['201'];
    return {
      ...{ 'edge.kind': 'nginx', 'edge.upstream.attempts': statuses.length },
      ...{ 'edge.upstream.addresses': statuses.map((_, at) => `10.0.0.${at + 1}:80`) },
      ...{ 'edge.upstream.statuses': statuses, 'edge.upstream.durations_ms': statuses.map(() => 4) },
    };
  };
  const edge = { name: 'edge', parent: 'gout', route: '/orders' };
  await send(
    'nginx',
    all.map((index) => hop(startMs, { index, ...edge, attributes: attempts(index) })),
  );
  const query = { 'db.system.name': 'postgresql', 'db.query.text': 'SELECT total FROM carts WHERE id = $1' };
  await send('orders', [
    ...hops({ name: 'ord1', parent: 'edge', route: '/orders' }),
    ...all.filter(isFailing).map((index) => hop(startMs, { index, ...edge, name: 'ord2', parent: 'edge' })),
    ...hops({ name: 'sql', parent: 'ord1', kind: 'span', attributes: query }),
  ]);
}

/** The process answers its health check all the while. */
async function refuseConnections(startMs: number): Promise<void> {
  const health = { kind: 'access', message: 'GET /health', attributes: { 'http.response.status_code': 200 } };
  await send('orders', [{ time: timeAt(startMs, 0), more: health }]);
  const failing = Array.from({ length: TRACES }, (_, index) => index).filter(isFailing);
  const errors = Array.from({ length: ERRORS }, (_, index) => {
    const message = { level: 'error', message: 'connect ECONNREFUSED 127.0.0.1:5432' };
    const person = { user_hash: `person-${index % 1_000}` };
    const trace = failing[index];
    // Most come from the background, where there is no request.
    if (trace === undefined) return { time: timeAt(startMs - 5_000, index), more: { ...message, ...person } };
    const span_id = Buffer.from(`ord1${trace}`.padEnd(8, '_')).toString('hex');
    return {
      time: timeAt(startMs + trace * 20, index),
      more: { ...message, ...person, trace_id: traceId(trace), span_id },
    };
  });
  for (let at = 0; at < ERRORS; at += 1_000) await send('orders', errors.slice(at, at + 1_000));
}

test.skipIf(chromiumPath === undefined)(
  'on call: one message, its link, the line, the statement, why, retries, callers, the first success (needs chromium)',
  { timeout: 240_000 },
  async () => {
    const journey = new Journey('Developer on call, from the message to the end');
    const startMs = Date.now() - 30_000;
    const told = (): string[] =>
      hook.texts('/ops').filter((text) => text.includes('orders → 127.0.0.1:5432'));
    await runTraces(startMs);
    await journey.step('a message about 10,000 errors', async () => {
      await refuseConnections(startMs);
      await until('it is told', 60_000, async () => told().length > 0);
    });
    const q = 'service.name:orders ECONNREFUSED | stats count()';
    await until('all of it can be searched', 60_000, async () => {
      const { rows } = await server.get<{ rows: number[][] }>(`/api/search?${new URLSearchParams({ q })}`);
      return rows[0]?.[0] === ERRORS;
    });
    expect(told()).toHaveLength(1);
    expect(told()[0]).toMatch(/people/);
    expect(told()[0]).toContain('1.0.0');

    const page = await signedInOnPhone(browser, server);
    const link = /<(http[^|]+)\|/.exec(told()[0] ?? '')?.[1]?.replaceAll('&amp;', '&') ?? '';
    await journey.step('its link opens exactly that search', async () => {
      await page.goto(link);
      await page.locator('.row').filter({ hasText: 'ECONNREFUSED' }).first().waitFor();
    });
    await journey.step('the failing line', async () => {
      await page.locator('.row').first().tap(); // first tap
      const detail = page.getByRole('complementary', { name: 'Record' });
      await detail.getByText('connect ECONNREFUSED 127.0.0.1:5432').first().waitFor();
    });
    await journey.step('the trace, from the request to the SQL statement', async () => {
      await page.getByRole('link', { name: 'Trace', exact: true }).tap(); // second tap
      await page.getByText('Where it broke').waitFor();
      await page.getByText('SELECT total FROM carts').first().waitFor();
    });
    const trace = /\/trace\/(\w+)/.exec(page.url())?.[1] ?? '';
    await journey.step('why different?', async () => {
      await openByMenu(page, 'Why different?');
      await runQuery(page, 'service.name:gateway kind:access level:error');
      await page.locator('.reason').first().waitFor();
    });
    expect(await page.locator('.reason').first().innerText()).toContain('points');
    await journey.step('were these retries?', async () => {
      await openByMenu(page, 'Retries');
      await page.getByRole('searchbox').fill(trace);
      await page.getByRole('button', { name: 'Examine' }).tap();
      await page.getByText('The load balancer retried').first().waitFor();
    });
    await journey.step('who calls it, two levels up', async () => {
      await openByMenu(page, 'Endpoints');
      await page
        .getByRole('row')
        .filter({ hasText: 'orders' })
        .getByRole('link', { name: 'POST /orders' })
        .tap();
      await page.getByRole('link', { name: 'gateway: POST /api/orders' }).waitFor();
      await page.getByRole('link', { name: 'web: POST /checkout' }).waitFor();
    });
    await journey.step('live shows the first success', async () => {
      await page.getByRole('link', { name: 'Live' }).tap();
      await runQuery(page, 'service.name:orders level:info message:recovered');
      await page.getByText('following').waitFor();
      await send('orders', [{ time: timeAt(Date.now(), 0), more: { message: 'recovered: order placed' } }]);
      await page.locator('.row').filter({ hasText: 'recovered: order placed' }).waitFor();
    });
    await journey.step('resolved, and the message says how long', async () => {
      await openByMenu(page, 'Alerts');
      await page.locator('.alert-row').filter({ hasText: '127.0.0.1:5432' }).first().tap();
      await page.getByRole('button', { name: 'Resolve' }).tap();
      await until('the last message', 60_000, async () => /went unnoticed for/.test(told().at(-1) ?? ''));
    });
    expect(told().at(-1)).toMatch(/lasted/);
    journey.report();
    await page.close();
  },
);
