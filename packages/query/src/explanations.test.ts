/** Sentences about searches that cannot be read: found by code, whatever was written stands in them as it was. */
import { expect, test } from 'vitest';
import { EXPLANATIONS, explained, fillExplanation } from './explanations.js';
import { parseQuery } from './parse-query.js';

const errorOf = (q: string) => {
  const parsed = parseQuery(q);
  return parsed.ok ? undefined : parsed.errors[0];
};

test.each([
  ['level:eror', 'level_unknown_like', ['eror', expect.stringContaining('error'), 'error']],
  ['kind:', 'value_after_colon', []],
  ['"open', 'quote_open', []],
  ['(a', 'group_open', []],
  ['duration_ms:{1}', 'number_invalid', ['duration_ms', '{1}']],
  ['a | stat count()', 'stage_unknown_like', ['stat', expect.stringContaining('stats'), 'stats']],
  ['a | stats p95()', 'function_needs_field', ['p95']],
  ['a | sort level', 'sort_by_time', []],
] as const)('%s is told by the code %s', (q, code, values) => {
  const error = errorOf(q);
  expect(error).toMatchObject({ code, values });
  const [message, help] = EXPLANATIONS[code];
  expect(error?.message).toBe(fillExplanation(message, error?.values ?? []));
  expect(error?.help).toBe(fillExplanation(help, error?.values ?? []));
});

test('what was written is no place for another value', () => {
  expect(explained('number_invalid', 'seq', '{0}').message).toBe('seq is a number, and “{0}” is none');
});
