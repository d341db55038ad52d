/**
 * Every way in which a request comes more than once, really produced, and the verdict on each: first without the edge's log, then
 * the same cases with it. The truth is what the shop was told to do; it stands in no record. `SILLOK_CASES=200`, as in
 * `npm run soak -- verdicts`, is the long form.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CAUSES, produce, type Cause, type ProducedCase } from '../../examples/shop/produce.mjs';
import { startShop, type Shop } from '../../examples/shop/shop.mjs';
import { command, runCli } from '../lib/programs.js';
import { startTestServer, type TestServer } from '../lib/server.js';

const count = Number(process.env['SILLOK_CASES'] ?? 2);
const executablePath = command('chromium');
/** What must be there of a case before it can be judged: the evidence, wherever it is recorded. */
const EVIDENCE: { readonly [cause in Cause]: { readonly q: string; readonly count: number } } = {
  user: { q: 'event.name:browser.click', count: 2 },
  client_bug: { q: 'service.name:shop-page url.path:/api/orders', count: 2 },
  client_retry: { q: 'service.name:shop-page url.path:/api/orders', count: 2 },
  edge_retry: { q: 'service.name:gateway url.path:/api/orders', count: 2 },
  service_retry: { q: 'service.name:payments kind:access', count: 2 },
  redelivery: { q: 'service.name:worker messaging.delivery_attempt:2', count: 1 },
};

interface RetriesAnswer {
  readonly groups: readonly { readonly what: string; readonly verdict: string; readonly received: number }[];
}

let server: TestServer;
let shop: Shop;
let browser: Browser | undefined;
let folder: string;

beforeAll(async () => {
  server = await startTestServer();
  folder = mkdtempSync(join(tmpdir(), 'sillok-shop-causes-'));
  shop = await startShop({ url: server.url, key: server.key, folder, shipEdge: false });
  if (executablePath) browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
});
afterAll(async () => {
  await browser?.close();
  await shop.stop();
  await server.dispose();
  rmSync(folder, { recursive: true, force: true });
});

// The names of CAUSES.
const causes = Object.keys(CAUSES) as Cause[];
const possible = causes.filter((cause) => CAUSES[cause].inBrowser !== true || executablePath !== undefined);

test.each(possible)(
  '%s is what is said, and without the edge’s log nothing else',
  async (cause) => {
    const cases = await produce(shop, { cause, count, ...(browser ? { browser } : {}) });
    expect(new Set(cases.map(({ scenario }) => scenario)).size).toBe(count);
    const without = await judge(cases, recordsOf);
    await shipEdgeLog();
    const withEdge = await judge(cases, edgesOf);
    report(cause, { withEdge, without });
    expect(share(without, isWrong(cause)), without.join(', ')).toBeLessThanOrEqual(0.01);
    expect(share(withEdge, isWrong(cause)), withEdge.join(', ')).toBeLessThanOrEqual(0.01);
    expect(
      share(withEdge, (verdict) => verdict === cause),
      withEdge.join(', '),
    ).toBeGreaterThanOrEqual(0.95);
  },
  120_000 + count * 10_000,
);

/** Waits for what a case left, each where it is recorded, before any of them is judged. */
async function judge(
  cases: readonly ProducedCase[],
  expected: (each: ProducedCase) => readonly (readonly [q: string, count: number])[],
): Promise<string[]> {
  const verdicts: string[] = [];
  for (const each of cases) {
    for (const [q, records] of expected(each)) await server.waitFor({ q, from: '-1h' }, records);
    verdicts.push(await verdictOn(each.scenario));
  }
  return verdicts;
}

function recordsOf({ cause, scenario, traces }: ProducedCase): (readonly [string, number])[] {
  const own = `global_trace_id:${scenario}`;
  const evidence = EVIDENCE[cause];
  return [
    [`${own} ${evidence.q}`, evidence.count],
    ...(CAUSES[cause].inBrowser === true
      ? [[`${own} service.name:shop-page url.path:/api/orders`, 2] as const]
      : []),
    ...traces.map((trace) => [`${wayOf(trace)} service.name:gateway`, requestsIn(cause, traces)] as const),
  ];
}

/** Each request is judged by its whole way. */
function edgesOf({ cause, traces }: ProducedCase): (readonly [string, number])[] {
  return traces.map((trace) => [`${wayOf(trace)} edge.kind:*`, requestsIn(cause, traces)] as const);
}

function wayOf(trace: string): string {
  return `trace_id:${trace} url.path:/api/orders kind:access`;
}

/** A page asks twice in all. */
function requestsIn(cause: Cause, traces: readonly string[]): number {
  return CAUSES[cause].inBrowser === true ? 2 / traces.length : 1;
}

async function verdictOn(scenario: string): Promise<string> {
  const { groups } = await server.get<RetriesAnswer>(`/api/retries?id=${scenario}&from=-1h`);
  // A click that asks twice makes everything behind it come twice; the group is told where it became several.
  const verdicts = [...new Set(groups.map(({ verdict }) => verdict))];
  return verdicts.length === 1
    ? (verdicts[0] ?? 'none')
    : `${verdicts.length} verdicts: ${JSON.stringify(groups.map(({ what, verdict }) => `${what} ${verdict}`))}`;
}

/** All that nginx has written by now; where it was read to before is in the state. */
async function shipEdgeLog(): Promise<void> {
  const args = [
    '--follow',
    join(folder, 'logs', 'edge.log'),
    '--once',
    '--state',
    join(folder, 'edge-state'),
  ];
  const { code, output } = await runCli(server, ['ship', ...args]);
  expect(code, output).toBe(0);
}

const isWrong =
  (cause: Cause) =>
  (verdict: string): boolean =>
    verdict !== cause && verdict !== 'undetermined';

function share(verdicts: readonly string[], is: (verdict: string) => boolean): number {
  return verdicts.filter(is).length / verdicts.length;
}

/** The long form says what it found. */
function report(cause: Cause, said: Readonly<Record<string, readonly string[]>>): void {
  if (count <= 10) return;
  for (const [name, verdicts] of Object.entries(said)) {
    const of = (is: (verdict: string) => boolean): number => verdicts.filter(is).length;
    const right = of((verdict) => verdict === cause);
    const open = of((verdict) => verdict === 'undetermined');
    const line = `${cause} ${name}: ${right} of ${count} right, ${open} undetermined, ${of(isWrong(cause))} wrong\n`;
    process.stdout.write(line);
  }
}
