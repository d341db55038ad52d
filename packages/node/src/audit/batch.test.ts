import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeRecord, type FlatRecord } from '@sillok/record';
import { listSegments, readGroups } from '@sillok/spool';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { BATCH_ENTITIES_MAX } from '../limits.js';
import type { Logger } from '../logger.js';
import { sillok } from '../sillok.js';
import { Audit } from './audit.js';
import { audited } from './audited.js';
import { Audited } from './decorator.js';
import { AuditDenied } from './errors.js';
import type { BatchRule, Rules } from './rule.js';

let root = '';
let logger: Logger;
let audit: Audit;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sillok-batch-'));
  logger = sillok({ service: 'orders', spoolDirectory: root, stdout: 'none', captureFatal: false });
  audit = new Audit({ logger, hide: { order: ['card'] } });
});
afterEach(async () => {
  await logger.close();
  rmSync(root, { recursive: true, force: true });
});

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

/** `7 committed new→paid`: of each entity how it ended, and what its images say. */
async function ends(): Promise<string[]> {
  return (await entries())
    .map(({ attributes = {} }) => attributes)
    .filter((each) => each['audit.outcome'] !== 'intent')
    .map((each) => {
      const images = `${each['audit.before.state'] ?? '-'}→${each['audit.after.state'] ?? '-'}`;
      return `${each['audit.entity.id']} ${each['audit.outcome']} ${images}`;
    });
}

/** Orders that are paid one after the other, as an import or a page with tick boxes does. `x…` cannot be paid. */
class Orders {
  readonly #states = new Map<string, string>();

  constructor(ids: readonly string[]) {
    for (const id of ids) this.#states.set(id, 'new');
  }

  async pay(ids: readonly string[]): Promise<string[]> {
    for (const id of ids) {
      if (id.startsWith('x')) throw new Error(`${id} was declined`);
      this.#states.set(id, 'paid');
    }
    return ids.map((id) => `receipt ${id}`);
  }

  /** Goes on after a failure, and says at the end which did not work. */
  async tryPay(ids: readonly string[]): Promise<Map<string, Error>> {
    const failures = new Map<string, Error>();
    for (const id of ids) {
      try {
        await this.pay([id]);
      } catch (error) {
        failures.set(id, id === 'x2' ? new AuditDenied('not yours') : (error as Error)); // thrown by `pay`
      }
    }
    return failures;
  }

  async remove(ids: readonly string[]): Promise<void> {
    for (const id of ids) this.#states.delete(id);
  }

  async images(ids: readonly string[]): Promise<Map<string, object>> {
    const found = ids.filter((id) => this.#states.has(id)).toReversed();
    return new Map(found.map((id) => [id, { state: this.#states.get(id), card: `4111-${id}` }]));
  }
}

const rule = {
  entities: (ids: readonly string[]) => ids.map((id) => ({ type: 'order', id })),
  images: (orders: Orders, ids: readonly string[]) => orders.images(ids),
};
const RULES: Rules<Orders> = {
  pay: { ...rule, action: 'order.pay' },
  tryPay: { ...rule, action: 'order.pay', failures: ({ result = new Map() }) => result },
  remove: { ...rule, action: 'order.delete' },
};
const orders = (ids: readonly string[], rules: Rules<Orders> = RULES): Orders =>
  audited(audit, new Orders(ids), rules).service;

describe('a call that changes many', () => {
  test('has an intent, images and an end for each, joined by one id, in two syncs of the disk', async () => {
    const syncs = vi.spyOn(logger.runtime.recorder.sink, 'confirm');
    expect(await orders(['1', '2', '3']).pay(['1', '2', '3'])).toEqual([
      'receipt 1',
      'receipt 2',
      'receipt 3',
    ]);
    expect(syncs).toHaveBeenCalledTimes(2);
    syncs.mockRestore();
    const found = (await entries()).map(({ attributes = {} }) => attributes);
    expect(found.map((each) => `${each['audit.outcome']} ${each['audit.entity.id']}`)).toEqual([
      'intent 1',
      'intent 2',
      'intent 3',
      'committed 1',
      'committed 2',
      'committed 3',
    ]);
    expect(await ends()).toEqual(['1 committed new→paid', '2 committed new→paid', '3 committed new→paid']);
    expect(new Set(found.map((each) => each['audit.batch.id'])).size).toBe(1);
    expect(new Set(found.map((each) => each['audit.batch.size']))).toEqual(new Set([3]));
    expect(new Set(found.map((each) => each['audit.id'])).size).toBe(3);
    expect(JSON.stringify(found)).not.toContain('4111');
    expect(audit.open).toBe(0);
  });

  test('that deletes leaves the image before, and the sign that nothing is there after', async () => {
    await orders(['1', '2']).remove(['1', '2']);
    expect(await ends()).toEqual(['1 committed new→-', '2 committed new→-']);
  });

  test('that goes on after failures says of each what became of it', async () => {
    await orders(['1', '3']).tryPay(['1', 'x1', 'x2', '3']);
    expect(await ends()).toEqual([
      '1 committed new→paid',
      'x1 failed -→-',
      'x2 denied -→-',
      '3 committed new→paid',
    ]);
    const failed = (await entries()).find(({ attributes }) => attributes?.['audit.outcome'] === 'failed');
    expect(failed).toMatchObject({ level: 'warn', 'exception.message': 'x1 was declined' });
  });

  test('that rejects in the middle is failed, with what it changed nevertheless', async () => {
    const service = orders(['1', 'x1', '2']);
    await expect(service.pay(['1', 'x1', '2'])).rejects.toThrow('x1 was declined');
    expect(await ends()).toEqual(['1 failed new→paid', 'x1 failed new→new', '2 failed new→new']);
    expect(audit.open).toBe(0);
  });

  test('that rejects in the middle and can say which is committed for the others', async () => {
    const failures: BatchRule<Orders, Orders['pay']>['failures'] = ({ error }, [ids]) =>
      new Map(ids.slice(ids.indexOf('x1')).map((id) => [id, error]));
    const service = orders(['1', 'x1', '2'], { pay: { ...rule, action: 'order.pay', failures } });
    await expect(service.pay(['1', 'x1', '2'])).rejects.toThrow('x1 was declined');
    expect(await ends()).toEqual(['1 committed new→paid', 'x1 failed new→new', '2 failed new→new']);
  });

  test('is committed when only its images afterwards cannot be read', async () => {
    let asked = 0;
    const images = async (object: Orders, ids: readonly string[]): Promise<Map<string, object>> => {
      asked += 1;
      if (asked === 2) throw new Error('the replica is away');
      return object.images(ids);
    };
    const service = orders(['1'], { pay: { ...rule, action: 'order.pay', images } });
    expect(await service.pay(['1'])).toEqual(['receipt 1']);
    // An image before it alone would say that the order was deleted.
    expect(await ends()).toEqual(['1 committed -→-']);
  });

  test('is not made when the images before it cannot be read', async () => {
    const images = (): never => {
      throw new Error('the database is away');
    };
    const object = new Orders(['1']);
    const { service } = audited(audit, object, { pay: { ...rule, action: 'order.pay', images } });
    await expect(service.pay(['1'])).rejects.toThrow('the database is away');
    expect((await object.images(['1'])).get('1')).toMatchObject({ state: 'new' });
    expect(await ends()).toEqual(['1 failed -→-']);
  });

  test('names an entity once that is twice in its list, and nothing when the list is empty', async () => {
    const service = orders(['1']);
    await service.pay(['1', '1']);
    await service.pay([]);
    expect(await ends()).toEqual(['1 committed new→paid']);
  });

  test('of more entities than one call may name is refused before anything is changed', async () => {
    const ids = Array.from({ length: BATCH_ENTITIES_MAX + 1 }, (_, index) => String(index));
    const object = new Orders(ids);
    const { service } = audited(audit, object, RULES);
    await expect(service.pay(ids)).rejects.toMatchObject({ code: 'audit_batch_too_large' });
    expect((await object.images(['0'])).get('0')).toMatchObject({ state: 'new' });
    expect(await entries()).toEqual([]);
    expect(audit.open).toBe(0);
  });

  test('says of each entity whom it concerns and what was asked', async () => {
    const service = orders(['1', '2'], {
      pay: {
        action: 'order.pay',
        entities: rule.entities,
        each: ({ id }, [ids]) => ({ subject: `u1_${id}`, arguments: { place: ids.indexOf(id) } }),
        reason: (ids) => `${ids.length} by hand`,
        actor: () => ({ type: 'admin', id: 'kim' }),
      },
    });
    await service.pay(['1', '2']);
    const last = (await entries()).at(-1)?.attributes;
    expect(last).toMatchObject({
      'audit.subject': 'u1_2',
      'audit.arguments.place': 1,
      'audit.reason': '2 by hand',
      'audit.actor.id': 'kim',
    });
  });

  test('is recorded the same by a decorator', async () => {
    class Decorated extends Orders {}
    const pay = Object.getOwnPropertyDescriptor(Orders.prototype, 'pay') ?? {};
    const decorate = Audited<Decorated, Orders['pay']>(
      { ...rule, action: 'order.pay' },
      { audit: () => audit },
    );
    decorate(Decorated.prototype, 'pay', pay);
    Object.defineProperty(Decorated.prototype, 'pay', pay);
    await new Decorated(['1', '2']).pay(['1', '2']);
    expect(await ends()).toEqual(['1 committed new→paid', '2 committed new→paid']);
  });
});

test('a report counts the calls whose records said nothing of what changed', async () => {
  const { service, report } = audited(audit, new Orders(['1']), {
    pay: { action: 'order.pay', entities: rule.entities },
    remove: { ...rule, action: 'order.delete' },
  });
  await service.pay(['1']);
  await service.pay(['1']);
  await service.remove(['1']);
  expect(report()).toEqual([
    { method: 'pay', calls: 2, empty: 2 },
    { method: 'remove', calls: 1, empty: 0 },
  ]);
});
