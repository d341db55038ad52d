import { expect, test } from 'vitest';

import { TURNS_WAITING_MAX } from './limits.js';
import { Turns } from './turns.js';

test('batches begin one after the other, in the order in which they came, also when one fails', async () => {
  const turns = new Turns();
  const begun: number[] = [];
  const works = [1, 2, 3, 4].map((index) =>
    turns.take(async () => {
      begun.push(index);
      if (index === 2) throw new Error('refused');
      return index;
    }),
  );
  const results = await Promise.allSettled(works);
  expect(begun).toEqual([1, 2, 3, 4]);
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
});

test('while batches are read, timers and requests of others get their turn in between', async () => {
  const turns = new Turns();
  const order: string[] = [];
  const hold = async (name: string): Promise<void> => {
    order.push(name);
    const untilMs = performance.now() + 10;
    while (performance.now() < untilMs);
  };
  const others = (async () => {
    for (let index = 0; index < 3; index += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      order.push('other');
    }
  })();
  await Promise.all([turns.take(() => hold('a')), turns.take(() => hold('b')), others]);
  expect(order).toEqual(['a', 'other', 'other', 'other', 'b']);
});

test('who would wait behind too many others is told to come again, and nobody is lost', async () => {
  const turns = new Turns();
  let openGate: (value: number) => void = () => undefined;
  const gate = new Promise<number>((resolve) => (openGate = resolve));
  const waiting = Array.from({ length: TURNS_WAITING_MAX }, () => turns.take(() => gate));
  await expect(turns.take(() => gate)).rejects.toMatchObject({ status: 429, code: 'overloaded' });
  openGate(1);
  expect(await Promise.all(waiting)).toHaveLength(TURNS_WAITING_MAX);
  expect(await turns.take(async () => 2)).toBe(2);
});
