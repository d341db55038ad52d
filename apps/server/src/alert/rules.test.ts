/** Rules over searches in a whole server whose clock the test sets, up to the message that the webhook received. */
import type { AlertRuleBody } from '@sillok/api';
import type { FlatRecord } from '@sillok/record';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { until } from '../server.fixture.js';
import { ClockedServer, minute, second } from './clocked.fixture.js';

const clocked = new ClockedServer();

beforeAll(() => clocked.start());
afterAll(() => clocked.dispose());

async function makeRule(rule: AlertRuleBody): Promise<string> {
  const made = await clocked.ask('POST', '/api/alert-rules', rule);
  expect(made.status).toBe(201);
  return String(made.body['id']);
}

interface Status {
  readonly id: string;
  readonly status: { readonly error: string | null; readonly evaluated_at: string | null } | null;
}

async function statusOf(id: string): Promise<Status['status']> {
  const { body } = await clocked.ask('GET', '/api/alert-rules');
  // The answer of GET /api/alert-rules.
  return (body['rules'] as Status[]).find((rule) => rule.id === id)?.status ?? null;
}

describe('absence', () => {
  test('is told when nothing comes any more, not while something does, and ends when it comes again', async () => {
    await makeRule({
      name: 'orders come in',
      q: 'service.name:till "order placed"',
      kind: 'absence',
      window_s: 300,
      value: 1,
      severity: 'critical',
    });
    const record = { message: 'order placed' };
    await clocked.arrives({ service: 'till', seqs: [1], record });
    await clocked.evaluate();
    expect(await clocked.told('orders come in')).toEqual([]);
    clocked.nowMs += 6 * minute;
    // The service is alive and says other things: it is not silent, and yet there are no orders.
    await clocked.arrives({ service: 'till', seqs: [2], record: { message: 'health ok' } });
    await clocked.evaluate();
    const [text = ''] = await clocked.told('orders come in');
    expect(text.split('\n').slice(0, 3)).toEqual([
      '🔴 *New · nothing arrives · orders come in*',
      '`0 &lt; 1 in 300 s`',
      `since ${new Date(clocked.nowMs).toISOString().slice(0, 19)}Z`,
    ]);
    await clocked.arrives({ service: 'till', seqs: [3], record });
    await clocked.evaluate();
    clocked.nowMs += 2 * minute + second;
    await clocked.evaluate();
    const texts = await clocked.told('orders come in');
    expect(texts).toHaveLength(2);
    expect(texts[1]).toMatch(/^✅ \*Resolved · nothing arrives · orders come in\*/);
  });
});

describe('the error rate against before', () => {
  const answer = (isGood: boolean): Partial<FlatRecord> =>
    isGood ? { message: 'paid' } : { level: 'error', message: 'card refused by bank' };

  /** 40 requests, `bad` of them failed. */
  async function requests(first: number, bad: number): Promise<void> {
    const seqs = Array.from({ length: 40 }, (_, index) => first + index);
    await clocked.arrives({ service: 'bank', seqs: seqs.slice(bad), record: answer(true) });
    await clocked.arrives({ service: 'bank', seqs: seqs.slice(0, bad), record: answer(false) });
  }

  test('is told when errors are so many times as frequent, with both rates and the newest line', async () => {
    await makeRule({
      name: 'payments fail more',
      q: 'service.name:bank',
      kind: 'error_rate',
      window_s: 300,
      before_s: 3_600,
      factor: 4,
      errors_min: 10,
      by: 'service.name',
    });
    await requests(1, 2);
    clocked.nowMs += 10 * minute;
    // 3 of 40: no more than before by the factor, and too few.
    await requests(101, 3);
    await clocked.evaluate();
    expect(await clocked.told('payments fail more')).toEqual([]);
    clocked.nowMs += 10 * minute;
    await requests(201, 20);
    const since = new Date(clocked.nowMs).toISOString().slice(0, 19);
    await clocked.evaluate();
    const [text = ''] = await clocked.told('payments fail more');
    expect(text.split('\n').slice(0, 3)).toEqual([
      '🟠 *New · error rate · payments fail more*',
      '`bank: 50 % errors, before 6.3 % — card refused by bank`',
      `20 times · service bank · release 2.0.0 · since ${since}Z`,
    ]);
    // The link opens the 20 that were counted, not all 40.
    const address = new URL(/<(https:[^|]+)\|/.exec(text)?.[1]?.replaceAll('&amp;', '&') ?? '');
    const [q = '', from = '', to = ''] = ['q', 'from', 'to'].map(
      (name) => address.searchParams.get(name) ?? '',
    );
    const asked = new URLSearchParams({ q: `${q} | stats count()`, from, to });
    const { body } = await clocked.ask('GET', `/api/search?${asked}`);
    expect(body['rows']).toEqual([[20]]);
  });
});

describe('a new pattern', () => {
  test('is told once, though its numbers differ; what the first round saw is usual', async () => {
    await makeRule({
      name: 'new words',
      q: 'service.name:words',
      kind: 'new_pattern',
      window_s: 300,
    });
    await clocked.arrives({ service: 'words', seqs: [1], record: { message: 'order 17 placed in 3 ms' } });
    await clocked.evaluate();
    await clocked.arrives({ service: 'words', seqs: [2], record: { message: 'order 18 placed in 9 ms' } });
    await clocked.evaluate();
    expect(await clocked.told('new words')).toEqual([]);
    const record = { message: 'stock of item 4711 is negative' };
    await clocked.arrives({ service: 'words', seqs: [3], record });
    await clocked.evaluate();
    await clocked.arrives({
      service: 'words',
      seqs: [4],
      record: { message: 'stock of item 12 is negative' },
    });
    await clocked.evaluate();
    const [text = '', ...others] = await clocked.told('new words');
    expect(others).toEqual([]);
    expect(text.split('\n').slice(0, 2)).toEqual([
      '🟠 *New · new kind of message · new words*',
      '`stock of item 4711 is negative`',
    ]);
  });
});

// An engine that somebody else runs is not ours to kill.
const isExternal = process.env['SILLOK_CLICKHOUSE_URL'] !== undefined;
describe.skipIf(isExternal)('a rule that cannot be evaluated', () => {
  test('an engine that hangs in a round holds up the round only: what arrives is told meanwhile', async () => {
    const id = await makeRule({ name: 'stuck', q: 'service.name:stuck', kind: 'threshold', value: 1_000 });
    await clocked.evaluate();
    expect(await statusOf(id)).toMatchObject({ error: null });
    process.kill(clocked.server.running.enginePid ?? 0, 'SIGSTOP');
    const round = clocked.server.running.alerts.evaluateNow();
    const record = { level: 'error', message: 'connect ECONNREFUSED 10.0.0.9:5432' } as const;
    await clocked.arrives({ service: 'meanwhile', seqs: [1, 2, 3], record });
    await until(async () => (await clocked.told('meanwhile → 10.0.0.9:5432')).length === 1);
    await round;
    expect((await statusOf(id))?.error).not.toBeNull();
    // The watchdog replaces it, and the next round knows nothing of it.
    await clocked.evaluate();
    expect(await statusOf(id)).toMatchObject({ error: null });
  });

  test('says so after three rounds, in its status and in a message, and recovers by itself', async () => {
    const id = await makeRule({
      name: 'watch the till',
      q: 'service.name:till',
      kind: 'threshold',
      value: 1_000,
    });
    await clocked.evaluate();
    expect(await statusOf(id)).toMatchObject({ error: null });
    const { enginePid } = clocked.server.running;
    expect(enginePid).toBeGreaterThan(0);
    process.kill(enginePid ?? 0, 'SIGKILL');
    await until(() => !clocked.server.isReady());
    for (let round = 1; round <= 3; round += 1) {
      expect(await clocked.told('“watch the till” cannot be evaluated')).toEqual([]);
      await clocked.server.running.alerts.evaluateNow();
    }
    const [text = ''] = await clocked.told('“watch the till” cannot be evaluated');
    expect(text.split('\n')[0]).toBe('🟠 *New · rule cannot be evaluated · A rule cannot be evaluated*');
    expect(text.split('\n')[1]).toMatch(/cannot be evaluated: .*engine/i);
    expect((await statusOf(id))?.error).toMatch(/engine/i);

    await clocked.evaluate();
    expect(await statusOf(id)).toMatchObject({ error: null });
    clocked.nowMs += 2 * minute + second;
    await clocked.evaluate();
    expect((await clocked.told('“watch the till” cannot be evaluated')).at(-1)).toMatch(/^✅ \*Resolved/);
  });
});
