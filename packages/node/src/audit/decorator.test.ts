import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeRecord, type FlatRecord } from '@sillok/record';
import { readGroups } from '@sillok/spool';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Logger } from '../logger.js';
import { sillok } from '../sillok.js';
import { Audit } from './audit.js';
import { Audited } from './decorator.js';

let root = '';
let logger: Logger;
let audit: Audit;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sillok-decorator-'));
  logger = sillok({ service: 'orders', spoolDirectory: root, stdout: 'none', captureFatal: false });
  audit = new Audit({ logger });
});
afterEach(async () => {
  await logger.close();
  rmSync(root, { recursive: true, force: true });
});

async function entries(): Promise<FlatRecord[]> {
  await logger.flush();
  const { producer, boot } = logger.runtime.recorder;
  return [...readGroups({ directory: join(root, producer, boot) })]
    .flatMap(({ lines }) => lines.toString('utf8').split('\n'))
    .filter((line) => line.startsWith('{"seq":'))
    .map(decodeRecord)
    .filter(({ kind }) => kind === 'audit');
}

class Orders {
  #city = 'Seoul';

  find(): { city: string } {
    return { city: this.#city };
  }

  async move(_id: string, city: string): Promise<string> {
    if (city === '') throw new Error('no city');
    this.#city = city;
    return city;
  }

  async *each(): AsyncGenerator<number> {
    yield 1;
    yield 2;
  }
}

const rule = {
  action: 'order.move',
  entity: (id: string) => ({ type: 'order', id }),
  before: (orders: Orders) => orders.find(),
  after: (orders: Orders) => orders.find(),
};

/** As the compiler calls a decorator of `experimentalDecorators`, on a class of its own. */
function nestLike(): Orders {
  class Own extends Orders {}
  for (const [key, decorate] of [
    ['move', Audited<Orders, Orders['move']>(rule, { audit: () => audit })],
    [
      'each',
      Audited<Orders, Orders['each']>(
        { ...rule, entity: () => ({ type: 'order', id: 'all' }) },
        { audit: () => audit },
      ),
    ],
  ] as const) {
    const descriptor = Object.getOwnPropertyDescriptor(Orders.prototype, key) ?? {};
    // Which decorator fits which method is checked in the compiler's own use of it.
    (decorate as (target: object, key: string, descriptor: PropertyDescriptor) => void)(
      Own.prototype,
      key,
      descriptor,
    );
    Object.defineProperty(Own.prototype, key, descriptor);
  }
  return new Own();
}

test('a method is recorded with intent, before and after, and keeps its own object', async () => {
  expect(await nestLike().move('7', 'Busan')).toBe('Busan');
  const [intent, outcome] = await entries();
  expect(intent?.attributes).toMatchObject({ 'audit.outcome': 'intent', 'audit.entity.id': '7' });
  expect(outcome?.attributes).toMatchObject({
    'audit.outcome': 'committed',
    'audit.before.city': 'Seoul',
    'audit.after.city': 'Busan',
  });
});

test('what it throws is recorded as failed and thrown on', async () => {
  await expect(nestLike().move('7', '')).rejects.toThrow('no city');
  expect((await entries()).map(({ attributes }) => attributes?.['audit.outcome'])).toEqual([
    'intent',
    'failed',
  ]);
});

test('an async generator is one change, from its first item to its last', async () => {
  const seen: number[] = [];
  for await (const each of nestLike().each()) seen.push(each);
  expect(seen).toEqual([1, 2]);
  expect((await entries()).at(-1)?.attributes).toMatchObject({
    'audit.result.items': 2,
    'audit.result.whole': true,
  });
});

test('the standard decorators work too, and a field is refused', async () => {
  const decorate = Audited<Orders, Orders['move']>(rule, { audit: () => audit });
  // As the compiler calls a standard decorator; nothing of the context is used.
  const move = decorate(Orders.prototype.move, {} as ClassMethodDecoratorContext);
  expect(await move.call(new Orders(), '8', 'Jeju')).toBe('Jeju');
  expect((await entries()).at(-1)?.attributes).toMatchObject({ 'audit.after.city': 'Jeju' });
  expect(() => decorate({}, 'x', { value: 1 } as never)).toThrow('stands on a method');
});
