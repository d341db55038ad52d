import { expect, test } from 'vitest';

import { EvaluationError } from './errors.js';
import { TITLE_CHARS_MAX } from './limits.js';
import {
  bothLanguages,
  ours,
  reasonIn,
  titleIn,
  type ReasonCode,
  type Says,
  type TitleCode,
} from './titles.js';

const HANGUL = /[가-힣]/;
const TITLES: Readonly<Record<TitleCode, number>> = {
  ...{ silent: 3, lag: 2, gaps: 4, bulk_deletion: 2, count: 4, rate: 2, number: 4, cannot_evaluate: 2 },
  ...{ replay_silent: 2, replay_failing: 1, replay_behind: 1, script_silent: 3 },
};
const REASONS: Readonly<Record<ReasonCode, number>> = {
  ...{ search_behind: 1, search_unreadable: 1, search_pipes: 0, replica_behind: 2, column_missing: 1 },
  ...{ number_missing: 0, no_row: 0, several_rows: 0, column_null: 1, column_no_number: 1 },
};
// Numbers, since some are counted: below two minutes they stand as they are.
const valuesOf = (count: number): string[] => Array.from({ length: count }, (_, index) => `${71 + index}`);

// The keys of a record of all codes.
test.each(Object.entries(TITLES) as [TitleCode, number][])(
  'a title of ours has words and all of its values in both languages: %s',
  (code, count) => {
    const says: Says = { code, values: valuesOf(count), about: '/pay', line: 'it failed' };
    const { en, ko } = bothLanguages((language) => titleIn(language, { title: '', says }));
    expect(ko).toMatch(HANGUL);
    expect(en).not.toMatch(HANGUL);
    for (const text of [en, ko]) {
      for (const value of says.values) expect(text).toContain(value);
      expect(text).toMatch(/^\/pay: .* — it failed$/);
    }
    expect(ours(says)).toEqual({ title: en, says });
  },
);

test.each(Object.entries(REASONS) as [ReasonCode, number][])(
  'why a rule cannot be evaluated, in both languages: %s',
  (code, count) => {
    const { message, reason } = new EvaluationError(code, ...valuesOf(count));
    expect(message).toBe(reasonIn('en', reason));
    expect(reasonIn('ko', reason)).toMatch(HANGUL);
    for (const value of valuesOf(count)) expect(reasonIn('ko', reason)).toContain(value);
    const says: Says = { code: 'cannot_evaluate', values: ['my rule'], reason };
    expect(titleIn('ko', { title: '', says })).toBe(
      `“my rule” 규칙을 평가할 수 없음: ${reasonIn('ko', reason)}`,
    );
  },
);

test('the text of a record is the same in both languages, and what others name is cut', () => {
  expect(bothLanguages((language) => titleIn(language, { title: 'it failed' }))).toEqual({
    ko: 'it failed',
    en: 'it failed',
  });
  const { says } = ours({ code: 'lag', values: ['x'.repeat(5_000), '3'], line: 'y'.repeat(5_000) });
  expect(JSON.stringify(says).length).toBeLessThan(3 * TITLE_CHARS_MAX);
});
