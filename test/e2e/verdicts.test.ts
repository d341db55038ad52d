/**
 * Who sent it several times, by causes that are really produced: nginx in front of two gateways, retries of a service, messages
 * that are delivered again. Each case is an order in the shop. Clicks and pages are in browser/repeats.test.ts; what is
 * said without the edge's lines is in apps/server/src/analysis/retries.
 *
 * SILLOK_LONG=1 makes 200 cases of each; otherwise 6.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient, type Client, type RetryVerdict } from '@sillok/api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startShop, type Shop } from '../../examples/shop/shop.mjs';
import { createCustomer, order, readStories, signIn } from '../../examples/shop/traffic.mjs';
import { startTestServer, type TestServer } from '../lib/server.js';

const CASES = process.env['SILLOK_LONG'] === '1' ? 200 : 6;
/** For the slowest way in; and for all cases on a busy machine. */
const WAIT_MS = 20_000;
const TEST_MS = 120_000 + CASES * 30_000;
let server: TestServer;
let client: Client;
let shop: Shop;
let folder: string;

beforeAll(async () => {
  server = await startTestServer();
  client = createClient({ url: server.url, key: server.key });
  folder = mkdtempSync(join(tmpdir(), 'sillok-verdicts-'));
  shop = await startShop({ url: server.url, key: server.key, folder });
});
afterAll(async () => {
  await shop.stop();
  await server.dispose();
  rmSync(folder, { recursive: true, force: true });
});

/** What each story makes of an order, and which service takes it several times. */
const CAUSES: readonly { story: string; service: string; verdict: RetryVerdict }[] = [
  { story: 'retrying-proxy', service: 'gateway', verdict: 'edge_retry' },
  { story: 'failing-payments', service: 'payments', verdict: 'service_retry' },
  { story: 'redelivered-message', service: 'worker', verdict: 'redelivery' },
];

describe.each(CAUSES)('$story', ({ story, service, verdict }) => {
  test(
    `is ${verdict} in ${CASES} orders`,
    async () => {
      await tell(story, true);
      const scenarios: string[] = [];
      for (let index = 0; index < CASES; index += 1) {
        const customer = createCustomer(index, shop, {
          subject: `${story}-${index}`,
          provider: 'haneul',
          nickname: 'Minji',
        });
        await readStories(customer);
        // The proxy takes its two gateways in turn, and only one of them breaks off: every other order meets it.
        if (index % 2 === 1) await fetch(`${shop.url}/health`);
        expect(await signIn(customer)).toBe(true);
        expect((await order(customer, 'tea')).status).toBe(201);
        scenarios.push(customer.scenario);
      }
      const said = new Map<string, number>();
      for (const scenario of scenarios) {
        const word = await verdictOf(scenario, service);
        said.set(word, (said.get(word) ?? 0) + 1);
      }
      // Not before: what waits in the queue is under the story, too.
      await tell(story, false);
      // Where nothing was sent twice, the cause did not happen.
      const produced = CASES - (said.get('nothing') ?? 0);
      expect(produced).toBeGreaterThanOrEqual(CASES / 3);
      expect((said.get(verdict) ?? 0) / produced).toBeGreaterThanOrEqual(0.95);
      expect((said.get('undetermined') ?? 0) / produced).toBeLessThanOrEqual(0.05);
    },
    TEST_MS,
  );
});

async function tell(story: string, isOn: boolean): Promise<void> {
  const answer = await fetch(`${shop.url}/stories/${story}/${isOn ? 'on' : 'off'}`, { method: 'POST' });
  expect(answer.ok).toBe(true);
}

/** Until what the order left has arrived: the edge's line comes by a file, after the services' records. */
async function verdictOf(scenario: string, service: string): Promise<string> {
  const deadline = performance.now() + WAIT_MS;
  for (;;) {
    const { groups } = await client.retries({ id: scenario }).catch(() => ({ groups: [] }));
    const found = groups.find((group) => group.service === service);
    const isKnown = found !== undefined && found.verdict !== 'undetermined';
    if (isKnown || performance.now() > deadline) return found?.verdict ?? 'nothing';
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}
