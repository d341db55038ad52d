/**
 * Every way in which a request comes more than once, really produced, and the verdict on each. The truth is what the shop was
 * told to do; it stands in no record. `SILLOK_CASES=200` is the long form.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CAUSES, produce, type Cause, type ProducedCase } from '../../examples/shop/produce.mjs';
import { startShop, type Shop } from '../../examples/shop/shop.mjs';
import { command } from '../lib/programs.js';
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

// Without the edge's log, short runs look at those causes only that need no browser.
describe.each([{ shipEdge: true }, { shipEdge: false }])('with the edge’s log: $shipEdge', ({ shipEdge }) => {
  let server: TestServer;
  let shop: Shop;
  let browser: Browser | undefined;
  let folder: string;

  beforeAll(async () => {
    server = await startTestServer();
    folder = mkdtempSync(join(tmpdir(), 'sillok-shop-causes-'));
    shop = await startShop({ url: server.url, key: server.key, folder, shipEdge });
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
  const possible = causes.filter(
    (cause) => CAUSES[cause].inBrowser !== true || (executablePath !== undefined && (shipEdge || count > 10)),
  );
  test.each(possible)('%s is what is said', async (cause) => {
    const cases = await produce(shop, { cause, count, ...(browser ? { browser } : {}) });
    expect(new Set(cases.map(({ scenario }) => scenario)).size).toBe(count);
    const verdicts: string[] = [];
    for (const each of cases) verdicts.push(await verdictOn(each));
    const right = verdicts.filter((verdict) => verdict === cause).length;
    const undetermined = verdicts.filter((verdict) => verdict === 'undetermined').length;
    const wrong = count - right - undetermined;
    if (count > 10)
      process.stdout.write(
        `${cause} edge=${shipEdge}: ${right}/${count} right, ${undetermined} undetermined\n`,
      );
    expect(wrong, `${cause}: ${verdicts.join(', ')}`).toBeLessThanOrEqual(Math.floor(count * 0.01));
    if (shipEdge) expect(right, `${cause}: ${verdicts.join(', ')}`).toBeGreaterThanOrEqual(count * 0.95);
  });

  async function verdictOn({ cause, scenario, traces }: ProducedCase): Promise<string> {
    const evidence = EVIDENCE[cause];
    await server.waitFor({ q: `global_trace_id:${scenario} ${evidence.q}`, from: '-1h' }, evidence.count);
    if (CAUSES[cause].inBrowser === true) {
      const requests = `global_trace_id:${scenario} service.name:shop-page url.path:/api/orders`;
      await server.waitFor({ q: requests, from: '-1h' }, 2);
    }
    // Each request is judged by its whole way: the edge's log comes by a follower of its own. A page asks twice in all.
    const each = CAUSES[cause].inBrowser === true ? 2 / traces.length : 1;
    for (const trace of traces) {
      const way = `trace_id:${trace} url.path:/api/orders kind:access`;
      await server.waitFor({ q: `${way} service.name:gateway`, from: '-1h' }, each);
      if (shipEdge) await server.waitFor({ q: `${way} edge.kind:*`, from: '-1h' }, each);
    }
    const { groups } = await server.get<RetriesAnswer>(`/api/retries?id=${scenario}&from=-1h`);
    // A click that asks twice makes everything behind it come twice; the group is told where it became several.
    const verdicts = [...new Set(groups.map(({ verdict }) => verdict))];
    return verdicts.length === 1
      ? (verdicts[0] ?? 'none')
      : `${verdicts.length} verdicts: ${JSON.stringify(groups.map(({ what, verdict }) => `${what} ${verdict}`))}`;
  }
});
