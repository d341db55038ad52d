import type { AuditChange } from '@sillok/api';
import { expect, test } from 'vitest';

import { REVIEW_BULK_HOUR_MIN } from '../limits.js';
import { monthRange, Review } from './review.js';

function access(time: string, more: Partial<AuditChange> = {}): AuditChange {
  return {
    id: time,
    outcome: 'committed',
    time,
    action: 'person.lookup',
    entity: { type: 'person', id: 'u1' },
    actor: { type: 'admin', id: 'kim' },
    is_read: true,
    diff: [],
    records: [],
    ...more,
  };
}

const kimOf = (accesses: readonly AuditChange[]) => {
  const review = new Review('Asia/Seoul');
  for (const each of accesses) review.add(each);
  const { actors } = review.result();
  return actors.find(({ id }) => id === 'kim');
};

test('a month begins and ends by the clock of its zone, also where the clocks are changed', () => {
  expect(monthRange('2026-10', 'Asia/Seoul')).toEqual({
    from: '2026-09-30T15:00:00.000Z',
    to: '2026-10-31T15:00:00.000Z',
  });
  expect(monthRange('2026-12', 'UTC').to).toBe('2027-01-01T00:00:00.000Z');
  expect(monthRange('2026-03', 'Europe/Berlin')).toEqual({
    from: '2026-02-28T23:00:00.000Z',
    to: '2026-03-31T22:00:00.000Z',
  });
});

test('night and weekend are those of the zone, and no sign on a program', () => {
  // A Tuesday 23:30 and a Saturday noon in Seoul.
  const late = access('2026-10-06T14:30:00.000000000Z');
  const saturday = access('2026-10-10T03:00:00.000000000Z');
  expect(kimOf([late, saturday])).toMatchObject({ night: 1, weekend: 1, signs: ['night', 'weekend'] });
  // The same moment is an afternoon in London.
  const review = new Review('Europe/London');
  review.add(late);
  expect(review.result().actors[0]?.signs).toEqual([]);
  const robot = { type: 'system', id: 'kim' };
  expect(kimOf([access(late.time, { actor: robot })])).toMatchObject({ night: 1, signs: [] });
});

test('many accesses within one hour are a sign, the same number over a day is none', () => {
  const at = (index: number, minutes: number): string =>
    new Date(Date.UTC(2026, 9, 6, 1) + index * minutes * 60_000).toISOString().replace('Z', '000000Z');
  const rushed = Array.from({ length: REVIEW_BULK_HOUR_MIN }, (_, index) => access(at(index, 1)));
  expect(kimOf(rushed)).toMatchObject({
    signs: ['bulk'],
    busiest_hour: { time: '2026-10-06T01:00:00Z', accesses: REVIEW_BULK_HOUR_MIN },
  });
  expect(kimOf(Array.from({ length: REVIEW_BULK_HOUR_MIN }, (_, i) => access(at(i, 9))))?.signs).toEqual([]);
});

test('a download is a sign, and one without a reason is two', () => {
  const download = access('2026-10-06T01:00:00.000000000Z', { action: 'member.export_csv', subject: 'u1' });
  expect(kimOf([download])).toMatchObject({ downloads: 1, people: 1, signs: ['download', 'no_reason'] });
  expect(kimOf([{ ...download, reason: 'asked by the customer' }])?.signs).toEqual(['download']);
});
