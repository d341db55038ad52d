import { expect, test } from 'vitest';

import { reportMessage } from './report-message.js';
import { checkSchedule, dueAt, nextAfter } from './schedule.js';
import { comparable, ratioOf, releaseWindows, rollingWindows } from './windows.js';

const DAY_MS = 86_400_000;
const at = Date.parse('2026-11-23T00:00:00Z');

test('20,000 in five weeks against 43,200 in one week is ×10.8', () => {
  const windows = rollingWindows(at, { now: 7, before: 35 });
  expect(windows.now).toEqual({ from: '2026-11-16T00:00:00.000Z', to: '2026-11-23T00:00:00.000Z' });
  expect(windows.before).toEqual({ from: '2026-10-12T00:00:00.000Z', to: '2026-11-16T00:00:00.000Z' });
  const before = comparable(20_000, windows);
  expect(before).toBe(4_000);
  expect(ratioOf(43_200, before)).toBeCloseTo(10.8, 10);
  expect(ratioOf(5, 0)).toBe(null);
});

test('a release two days ago is compared with as much as was before it', () => {
  const windows = releaseWindows(at, at - 2 * DAY_MS, 28);
  expect(comparable(28_000, windows)).toBe(2_000);
});

const monday = { schedule: '0 9 * * 1', timezone: 'Asia/Seoul' };

test('Monday nine o’clock in Seoul, whatever the clock of the server', () => {
  expect(nextAfter(monday, at)).toBe(Date.parse('2026-11-23T00:00:00Z') + 7 * DAY_MS);
  expect(nextAfter(monday, at - 1)).toBe(at);
  expect(
    nextAfter({ schedule: '30 2 * * *', timezone: 'Europe/Berlin' }, Date.parse('2026-03-28T12:00:00Z')),
  ).toBe(
    // 02:30 does not exist on the day of summer time: it comes at 03:00.
    Date.parse('2026-03-29T01:00:00Z'),
  );
});

test('what was missed while the server did not run is due once, for its latest time', () => {
  const lastMs = at - 21 * DAY_MS;
  expect(dueAt(monday, { lastMs, nowMs: at + 5_000 })).toBe(at);
  expect(dueAt(monday, { lastMs: at, nowMs: at + 5_000 })).toBe(undefined);
  expect(dueAt({ ...monday, schedule: '' }, { lastMs, nowMs: at })).toBe(undefined);
});

test.each([
  ['every day', 'UTC'],
  ['0 9 * * 1', 'Mars/Olympus'],
  ['* * * * *', 'UTC'],
  ['0 0 30 2 *', 'UTC'],
])('%s in %s is refused', (schedule, timezone) => {
  expect(() => checkSchedule({ schedule, timezone })).toThrow();
});

test('a message has a line per card, with what it is compared to', () => {
  const card = { unit: '', better: 'up', calls: 43_200, people: 812 } as const;
  const answer = {
    name: '주간',
    now: { from: '2026-11-16T00:00:00Z', to: '2026-11-23T00:00:00Z' },
    before: { from: '2026-10-12T00:00:00Z', to: '2026-11-16T00:00:00Z' },
    release: null,
    cards: [
      {
        ...card,
        title: '주문',
        measure: 'calls',
        now: 43_200,
        before: 20_000,
        before_comparable: 4_000,
        ratio: 10.8,
      },
      {
        ...card,
        title: '오류율',
        measure: 'error_rate',
        now: 0.0123,
        before: null,
        before_comparable: null,
        ratio: null,
      },
    ],
    cost: { rows_read: 0, bytes_read: 0, elapsed_ms: 0 },
  } as const;
  const { facts, headline, title } = reportMessage(answer, {
    language: 'ko',
    link: 'https://s.example',
    isLate: true,
    narrowed: ['customer.id: acme'],
  });
  expect(title).toMatch(/ · customer\.id: acme$/);
  expect(headline).toBe('보고서 · 주간');
  expect(facts).toEqual([
    '주문: 43,200 (이전 4,000) · ×10.8 · 사람 812',
    '오류율: 1.2 % (이전 데이터 없음) · 호출 43,200 · 사람 812',
    '늦음: 예정 시각에 서버가 실행 중이 아니었습니다',
  ]);
});
