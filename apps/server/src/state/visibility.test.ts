import { expect, test } from 'vitest';

import { Visibility } from './visibility.js';

const at = (offset: number) => ({ segment: 1, offset });
const time = (ms: number) => new Date(Date.UTC(2026, 10, 21) + ms).toISOString().replace('Z', '000000Z');

test('a reader is not held up by what its boot writes later', () => {
  const visibility = new Visibility();
  visibility.taken({ kind: 'log', time: time(0), to: at(100), boot: 'b' });
  const last = visibility.lastOf('b');
  visibility.taken({ kind: 'log', time: time(50), to: at(200), boot: 'b' });
  expect(visibility.isVisible(last)).toBe(false);
  visibility.advance(new Map([['log', at(100)]]));
  expect(visibility.isVisible(last)).toBe(true);
  expect(visibility.isVisible(visibility.lastOf('b'))).toBe(false);
});

test('the oldest of all classes says how far search is behind', () => {
  const visibility = new Visibility();
  visibility.taken({ kind: 'span', time: time(10), to: at(10), boot: 'b' });
  visibility.taken({ kind: 'log', time: time(0), to: at(10), boot: 'b' });
  visibility.taken({ kind: 'log', time: time(30), to: at(20), boot: 'b' });
  expect(visibility.oldestInvisible()).toBe(time(0));
  visibility.advance(new Map([['log', at(10)]]));
  expect(visibility.oldestInvisible()).toBe(time(10));
  visibility.advance(
    new Map([
      ['log', at(10)],
      ['span', at(10)],
    ]),
  );
  expect(visibility.oldestInvisible()).toBe(time(30));
  visibility.advance(new Map([['log', at(20)]]));
  expect(visibility.oldestInvisible()).toBe(undefined);
});

test('what an earlier run of the server had taken counts for boots that this run has not heard of', () => {
  const visibility = new Visibility();
  visibility.startFrom(new Map([['log', at(500)]]));
  const last = visibility.lastOf('unknown');
  expect(visibility.isVisible(last)).toBe(false);
  visibility.advance(new Map([['log', at(500)]]));
  expect(visibility.isVisible(last)).toBe(true);
});

test('a day without engine does not fill the memory: marks are merged, and freshness stays on the safe side', () => {
  const visibility = new Visibility();
  for (let index = 0; index < 120_000; index += 1) {
    visibility.taken({ kind: 'log', time: time(index * 10), to: at(index + 1), boot: 'b' });
  }
  visibility.advance(new Map([['log', at(60_000)]]));
  const oldest = Date.parse(visibility.oldestInvisible() ?? '');
  expect(oldest).toBeLessThanOrEqual(Date.parse(time(600_000)));
  expect(oldest).toBeGreaterThan(Date.parse(time(590_000)));
});
