import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeRecord, type FlatRecord } from '@sillok/record';
import { listSegments, readGroups } from '@sillok/spool';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Logger } from '../logger.js';
import { withTrace } from '../scope.js';
import { sillok } from '../sillok.js';
import { Audit } from './audit.js';
import { audited, methodsWithoutRule } from './audited.js';
import { AuditDenied } from './errors.js';
import type { Execute, Transactions } from './outcomes.js';
import type { Rules } from './rule.js';

let root = '';
let logger: Logger;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sillok-audit-'));
  logger = open();
});
afterEach(async () => {
  await logger.close();
  rmSync(root, { recursive: true, force: true });
});

function open(): Logger {
  return sillok({ service: 'orders', spoolDirectory: root, stdout: 'none', captureFatal: false });
}

async function entries(): Promise<FlatRecord[]> {
  await logger.flush();
  const { producer, boot } = logger.runtime.recorder;
  const directory = join(root, producer, boot);
  if (listSegments({ directory }).length === 0) return [];
  return [...readGroups({ directory })]
    .flatMap(({ lines }) => lines.toString('utf8').split('\n'))
    .filter((line) => line.startsWith('{"seq":'))
    .map(decodeRecord)
    .filter(({ kind }) => kind === 'audit');
}

const outcomes = async (): Promise<unknown[]> =>
  (await entries()).map(({ attributes }) => attributes?.['audit.outcome']);

const CHANGE = {
  action: 'order.pay',
  entity: { type: 'order', id: '7' },
  actor: { type: 'admin', id: 'kim' },
} as const;

describe('record', () => {
  test('has actor, entity, difference and hidden fields', async () => {
    const audit = new Audit({ logger, hide: { order: ['card.number'] } });
    await audit.record({
      ...CHANGE,
      reason: 'asked by phone',
      before: { state: 'new', card: { number: '1', brand: 'v' } },
      after: { state: 'paid', card: { number: '2', brand: 'v' } },
    });
    const [entry] = await entries();
    expect(entry?.attributes).toMatchObject({
      'audit.action': 'order.pay',
      'audit.actor.id': 'kim',
      'audit.reason': 'asked by phone',
      'audit.after.card.brand': 'v',
    });
    const diff = JSON.stringify(entry?.attributes?.['audit.diff']);
    expect(diff).toContain('"path":"card.number"');
    expect(diff).not.toMatch(/"before":"[12]"/);
    expect(entry?.message).toBe('order.pay order/7 by admin kim: committed');
  });

  test('without an actor is the service’s own doing', async () => {
    const audit = new Audit({ logger });
    await audit.record({ action: 'job.run', entity: { type: 'job', id: 'nightly' } });
    expect((await entries())[0]?.attributes).toMatchObject({
      'audit.actor.type': 'system',
      'audit.actor.id': 'orders',
    });
  });
});

test('an entry stands in the trace and the scenario of the request that it was written in', async () => {
  const audit = new Audit({ logger });
  const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
  await withTrace({ traceparent, baggage: 'sillok.global_trace_id=g1' }, () =>
    audit.operation(CHANGE, async () => undefined),
  );
  const stands = { trace_id: 'a'.repeat(32), global_trace_id: 'g1' };
  expect(await entries()).toMatchObject([stands, stands]);
});

/** A database of one table, in memory: its faults are what is tested here. The real one is in test/sdk. */
class Memory implements Transactions<Memory> {
  readonly name = 'memory';
  readonly dialect = 'postgres';
  readonly rows = new Map<string, string>();
  fault: 'commit' | 'lost-answer' | 'away' | undefined;
  #staged: string[] = [];

  readonly execute: Execute = async (sql, [id = '']) => {
    if (this.fault === 'away') throw new Error('connection refused');
    if (sql.startsWith('SELECT')) return [{ outcome: this.rows.get(id) }];
    if (!this.rows.has(id)) this.rows.set(id, 'rolled_back');
    return [];
  };

  async run<T>(work: (tx: Memory, execute: Execute) => Promise<T>): Promise<T> {
    this.#staged = [];
    const value = await work(this, async (_sql, [id = '']) => {
      this.#staged.push(id);
      return [];
    });
    if (this.fault === 'commit') throw new Error('could not serialize access');
    for (const id of this.#staged) this.rows.set(id, 'committed');
    if (this.fault !== undefined) throw new Error('connection lost');
    return value;
  }
}

describe('transaction', () => {
  test('is committed, rolled back or denied, and its intent comes first', async () => {
    const audit = new Audit({ logger });
    const memory = new Memory();
    expect(await audit.transaction(CHANGE, memory, async () => 42)).toBe(42);
    const fails = audit.transaction(CHANGE, memory, () => Promise.reject(new Error('declined')));
    await expect(fails).rejects.toThrow('declined');
    const denied = audit.transaction(CHANGE, memory, () => Promise.reject(new AuditDenied('not yours')));
    await expect(denied).rejects.toThrow('not yours');
    expect(await outcomes()).toEqual(['intent', 'committed', 'intent', 'rolled_back', 'intent', 'denied']);
    expect(audit.open).toBe(0);
  });

  test('whose COMMIT failed is rolled back; whose answer was lost is committed and returns its value', async () => {
    const audit = new Audit({ logger });
    const memory = new Memory();
    memory.fault = 'commit';
    await expect(audit.transaction(CHANGE, memory, async () => 1)).rejects.toThrow('serialize');
    memory.fault = 'lost-answer';
    expect(await audit.transaction(CHANGE, memory, async () => 2)).toBe(2);
    expect(await outcomes()).toEqual(['intent', 'rolled_back', 'intent', 'committed']);
  });

  test('whose database is away is unknown until it answers, and settled once', async () => {
    const audit = new Audit({ logger });
    const memory = new Memory();
    memory.fault = 'away';
    await expect(audit.transaction(CHANGE, memory, async () => 1)).rejects.toThrow('connection lost');
    expect(await audit.settleOpen()).toEqual([]);
    memory.fault = undefined;
    const [first, second] = await Promise.all([audit.settleOpen(), audit.settleOpen()]);
    expect(first).toEqual([expect.objectContaining({ outcome: 'committed' })]);
    expect(second).toEqual(first);
    expect(await outcomes()).toEqual(['intent', 'unknown', 'committed']);
    expect(audit.open).toBe(0);
  });
});

test('two of them in one process do not disturb each other, also at the end', async () => {
  const memory = new Memory();
  memory.fault = 'away';
  const first = new Audit({ logger });
  const second = new Audit({ logger });
  await first.transaction(CHANGE, new Memory(), async () => 1);
  await expect(second.transaction(CHANGE, memory, async () => 1)).rejects.toThrow('connection lost');
  await logger.close();
  logger = open();
  expect(new Audit({ logger }).open).toBe(1);
});

describe('what an earlier boot left open', () => {
  test('is settled as soon as its database is known, also when that is first named by a transaction', async () => {
    const memory = new Memory();
    memory.fault = 'away';
    const first = new Audit({ logger });
    await expect(first.transaction(CHANGE, memory, async () => 1)).rejects.toThrow('connection lost');
    await logger.close();
    logger = open();
    memory.fault = undefined;
    const second = new Audit({ logger });
    expect(second.open).toBe(1);
    // Nobody can be asked yet.
    expect(await second.settleOpen()).toEqual([]);
    await new Promise((resolve) => setTimeout(resolve));
    await second.transaction({ ...CHANGE, action: 'order.other' }, memory, async () => 2);
    while (second.open > 0) await new Promise((resolve) => setImmediate(resolve));
    const ends = (await entries()).filter(({ attributes }) => attributes?.['audit.action'] === 'order.pay');
    expect(ends.map(({ attributes }) => attributes?.['audit.outcome'])).toEqual(['committed']);
  });
});

class Orders {
  #city = 'Seoul';

  async move(_id: string, city: string): Promise<string> {
    if (city === '') throw new Error('no city');
    this.#city = city;
    return city;
  }

  async *each(count: number): AsyncGenerator<number> {
    for (let item = 0; item < count; item += 1) yield item;
    if (count > 2) throw new Error('too many');
  }

  find(): { city: string } {
    return { city: this.#city };
  }

  forgotten(): void {}
}

const RULES: Rules<Orders> = {
  move: {
    action: 'order.move',
    entity: (id) => ({ type: 'order', id }),
    before: (orders) => orders.find(),
    after: (orders) => orders.find(),
  },
  each: { action: 'order.scan', entity: () => ({ type: 'order', id: '*' }) },
  find: false,
};

describe('audited', () => {
  test('records before and after around a method, and its failure', async () => {
    const audit = new Audit({ logger });
    const { service } = audited(audit, new Orders(), RULES);
    expect(await service.move('7', 'Busan')).toBe('Busan');
    expect(service.find()).toEqual({ city: 'Busan' });
    await expect(service.move('7', '')).rejects.toThrow('no city');
    const found = await entries();
    expect(found.map(({ attributes }) => attributes?.['audit.outcome'])).toEqual([
      'intent',
      'committed',
      'intent',
      'failed',
    ]);
    expect(found[1]?.attributes?.['audit.diff']).toEqual([{ path: 'city', before: 'Seoul', after: 'Busan' }]);
    expect(found[3]).toMatchObject({ level: 'warn', 'exception.message': 'no city' });
  });

  test('a change is committed, and no deletion, when only the image after it cannot be read', async () => {
    const audit = new Audit({ logger });
    const after = (): never => {
      throw new Error('the replica is away');
    };
    const move = { action: 'order.move', entity: (id: string) => ({ type: 'order', id }) };
    const rules: Rules<Orders> = { move: { ...move, before: (orders) => orders.find(), after } };
    expect(await audited(audit, new Orders(), rules).service.move('7', 'Busan')).toBe('Busan');
    const end = (await entries()).at(-1)?.attributes ?? {};
    expect(end['audit.outcome']).toBe('committed');
    expect(Object.keys(end).filter((key) => /before|diff/.test(key))).toEqual([]);
  });

  test('says of the arguments, the person, the reason and the actor what its rule does', async () => {
    const move: Rules<Orders>['move'] = {
      action: 'order.move',
      entity: (id) => ({ type: 'order', id }),
      arguments: (_id, city) => ({ city }),
      subject: (id) => `u1_${id}`,
      reason: () => 'asked by phone',
      actor: () => ({ type: 'admin', id: 'kim' }),
    };
    await audited(new Audit({ logger }), new Orders(), { move }).service.move('7', 'Busan');
    for (const { attributes } of await entries())
      expect(attributes).toMatchObject({
        'audit.arguments.city': 'Busan',
        'audit.subject': 'u1_7',
        'audit.reason': 'asked by phone',
        'audit.actor.id': 'kim',
      });
    expect(await entries()).toHaveLength(2);
  });

  test('passes on what a generator yields, and records how it ended', async () => {
    const audit = new Audit({ logger });
    const { service, report } = audited(audit, new Orders(), RULES);
    const items: number[] = [];
    for await (const item of service.each(2)) items.push(item);
    for await (const item of service.each(2)) if (item === 0) break;
    const failing = async (): Promise<void> => {
      for await (const item of service.each(3)) items.push(item);
    };
    await expect(failing()).rejects.toThrow('too many');
    expect(items).toEqual([0, 1, 0, 1, 2]);
    const ends = (await entries()).filter(({ attributes }) => attributes?.['audit.outcome'] !== 'intent');
    expect(ends.map(({ attributes }) => attributes?.['audit.outcome'])).toEqual([
      'committed',
      'committed',
      'failed',
    ]);
    expect(ends.map(({ attributes }) => attributes?.['audit.result.whole'])).toEqual([
      true,
      false,
      undefined,
    ]);
    expect(report()).toEqual([{ method: 'each', calls: 3, empty: 0 }]);
  });

  test('lists the methods that nobody has thought about', () => {
    expect(methodsWithoutRule(new Orders(), RULES)).toEqual(['forgotten']);
  });
});
