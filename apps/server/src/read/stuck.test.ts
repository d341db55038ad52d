/** What readers see of an engine that hangs or dies: typed errors, a live tail that goes on, and search that comes back. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testRecord } from './engine.fixture.js';
import { startTestServer, type TestServer } from './server.fixture.js';

let test1: TestServer;
beforeAll(async () => {
  test1 = await startTestServer();
  await test1.send({ records: [testRecord(1, { message: 'before' })] });
  await test1.client.search({ after: test1.token('orders-1', 1) });
});
afterAll(() => test1.stop());

function signal(name: 'SIGSTOP' | 'SIGKILL'): number {
  const { enginePid } = test1.server;
  if (enginePid === undefined) throw new Error('no engine');
  process.kill(enginePid, name);
  return enginePid;
}

async function untilSearchFinds(q: string): Promise<void> {
  const found = (): Promise<number> =>
    test1.client.search({ q }).then(
      ({ records }) => records.length,
      () => 0,
    );
  await expect.poll(found, { timeout: 50_000, interval: 200 }).toBe(1);
}

test('a statement in a hanging engine is cancelled by replacing the engine, and ingest does not notice', async () => {
  const query = 'SELECT count() FROM numbers(1000000000000) WHERE cityHash64(number) = 1';
  const running = test1.client.sql({ query, query_id: 'hangs' }).catch((error: unknown) => error);
  await expect.poll(() => test1.client.estimateSql({ query: 'SELECT 1' }).then(() => true)).toBe(true);
  const stopped = signal('SIGSTOP');
  const cancelled = test1.client.cancelSql('hangs');
  await test1.send({ producer: 'meanwhile', records: [testRecord(1, { message: 'meanwhile' })] });
  await cancelled;
  expect(await running).toMatchObject({ status: expect.any(Number) });
  await untilSearchFinds('meanwhile');
  expect(test1.server.enginePid).not.toBe(stopped);
});

test('while the engine is gone search says so, the live tail goes on, and nothing is lost', async () => {
  const live = test1.client.live({ q: 'after-the-kill' });
  await live.next();
  signal('SIGKILL');
  const answer = await test1.client.search({ q: 'x' }).catch((error: unknown) => error);
  if (answer instanceof Error) expect(answer).toMatchObject({ status: 503, code: 'engine_unavailable' });
  await test1.send({ producer: 'later', records: [testRecord(1, { message: 'after-the-kill' })] });
  const event = await live.next();
  expect(event.value).toMatchObject({ type: 'record', record: { message: 'after-the-kill' } });
  await live.return(undefined);
  await untilSearchFinds('after-the-kill');
});
