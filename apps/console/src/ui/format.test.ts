/** Numbers and times in both languages: what people read aloud on the telephone. */
import { afterEach, describe, expect, test } from 'vitest';
import { languageStore } from '../words/dictionary.js';
import {
  formatAgo,
  formatDuration,
  formatMoment,
  formatNumber,
  formatPercent,
  formatShort,
  weekdayName,
} from './format.js';

afterEach(() => languageStore.set('en'));

const inBoth = <T>(make: () => T): { readonly en: T; readonly ko: T } => {
  languageStore.set('en');
  const en = make();
  languageStore.set('ko');
  return { en, ko: make() };
};

describe('numbers', () => {
  test('are grouped, shortened by ten thousands in Korean, and shares keep a digit when they are small', () => {
    expect(inBoth(() => formatNumber(1_234_567))).toEqual({ en: '1,234,567', ko: '1,234,567' });
    expect(inBoth(() => formatShort(34_000))).toEqual({ en: '34K', ko: '3.4만' });
    expect(inBoth(() => formatShort(1_200_000))).toEqual({ en: '1.2M', ko: '120만' });
    expect([0.004, 0.25, 1].map(formatPercent)).toEqual(['0.4%', '25%', '100%']);
  });

  test('of a duration have the unit that makes them short', () => {
    expect([0.85, 9.06, 12.4, 3_400].map(formatDuration)).toEqual(['850 µs', '9.1 ms', '12 ms', '3.4 s']);
    expect(inBoth(() => formatDuration(150_000))).toEqual({ en: '2.5 min', ko: '2.5분' });
    expect(inBoth(() => formatDuration(7_200_000))).toEqual({ en: '2 h', ko: '2시간' });
    expect([Number.NaN, Number.POSITIVE_INFINITY].map(formatDuration)).toEqual(['–', '–']);
  });
});

describe('times', () => {
  const time = new Date(2026, 10, 5, 9, 3, 7).getTime();

  test('say the month in words, with 24 hours and seconds', () => {
    const { en, ko } = inBoth(() => formatMoment(time));
    expect(en).toMatch(/5 Nov.*09:03:07/);
    expect(ko).toMatch(/11월 5일.*09:03:07|11월 5일.*9시 3분 7초/);
  });

  test('that are near say how long ago, or how soon', () => {
    expect(inBoth(() => formatAgo(time - 180_000, time))).toEqual({ en: '3 minutes ago', ko: '3분 전' });
    expect(inBoth(() => formatAgo(time - 86_400_000, time))).toEqual({ en: 'yesterday', ko: '어제' });
    expect(inBoth(() => formatAgo(time + 7_200_000, time))).toEqual({ en: 'in 2 hours', ko: '2시간 후' });
    expect(inBoth(() => formatAgo(time - 400, time))).toEqual({ en: 'now', ko: '지금' });
  });

  test('of a week begin with Sunday', () => {
    expect(inBoth(() => [0, 1, 6].map(weekdayName))).toEqual({
      en: ['Sunday', 'Monday', 'Saturday'],
      ko: ['일요일', '월요일', '토요일'],
    });
  });
});
