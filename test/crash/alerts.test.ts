/** The server is killed while alerts are counted and told: each record counts once, and each message is told at least once. */
import { afterAll, beforeAll, expect, test } from 'vitest';

import { HookSink } from '../../apps/server/src/alert/sinks.fixture.js';
import { postBatch, recordLine, timeAt } from '../lib/native.js';
import { startTestServer, until, type TestServer } from '../lib/server.js';

const hook = new HookSink();
let server: TestServer;

interface Shown {
  readonly title: string;
  readonly count: number;
  readonly people: number | null;
}

beforeAll(async () => {
  const url = await hook.start();
  server = await startTestServer({ SILLOK_ALLOW_PRIVATE_TARGETS: '1' });
  const target = { kind: 'slack_webhook', name: 'ops', url };
  const made = await server.post('/api/alert-targets', JSON.stringify(target), {
    'content-type': 'application/json',
  });
  expect(made.status).toBe(201);
});
afterAll(async () => {
  await server.dispose();
  hook.stop();
});

async function alerts(): Promise<readonly Shown[]> {
  const headers = { authorization: `Bearer ${server.key}` };
  const response = await fetch(`${server.url}/api/alerts`, { headers });
  // The answer of GET /api/alerts.
  return ((await response.json()) as { alerts: Shown[] }).alerts;
}

test('after kills at any moment nothing is lost and no record is counted twice', async () => {
  const producer = { producer: 'killed', boot: 'b1', service: 'pay' };
  const startMs = Date.now();
  let seq = 0;
  const kinds = ['하나', '둘', '셋'];
  for (const kind of kinds) {
    const sent: Promise<Response>[] = [];
    for (let batch = 0; batch < 20; batch += 1) {
      const lines = Array.from({ length: 50 }, () => {
        seq += 1;
        const more = { level: 'error', message: `결제 실패 ${kind}`, user_hash: `p${seq % 70}` };
        return recordLine(seq, timeAt(startMs, seq), more);
      });
      sent.push(postBatch(server, producer, lines));
      if (batch % 5 === 0) await sent.at(-1);
    }
    const answers = await Promise.all(sent);
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    // All of it is acknowledged; how much of it was counted, kept or told by now is chance.
    await server.stop('SIGKILL');
    await server.start();
  }
  await until('all is counted', 60_000, async () => {
    const found = (await alerts()).filter(({ title }) => title.startsWith('결제 실패'));
    return found.length === kinds.length && found.every(({ count }) => count >= 1_000);
  });
  const found = await alerts();
  expect(found.map(({ count, people }) => ({ count, people }))).toEqual(
    kinds.map(() => ({ count: 1_000, people: 70 })),
  );
  await until('all is told', 60_000, async () => kinds.every((kind) => told(kind).length > 0));
  // Documented: a kill between telling and noting it tells once more, under the same id.
  for (const kind of kinds) {
    expect(told(kind).length).toBeLessThanOrEqual(2);
    expect(new Set(told(kind).map(({ headers }) => headers['x-sillok-delivery'])).size).toBe(1);
  }
});

function told(kind: string) {
  return hook.received.filter(({ body }) => String(body['text']).includes(`결제 실패 ${kind}`));
}
