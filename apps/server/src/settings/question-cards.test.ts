import { fillCard, QUESTION_CARDS } from '@sillok/api';
import { parseQuery } from '@sillok/query';
import { expect, test } from 'vitest';

test.each(QUESTION_CARDS.map((card) => [card.id, card] as const))('%s can be asked', (_, card) => {
  const values = Object.fromEntries(card.params.map(({ name, preset }) => [name, preset || 'a b']));
  const q = fillCard(card.q, values);
  expect(parseQuery(q)).toMatchObject({ ok: true });
  expect(q).not.toMatch(/\{/);
  expect(card.title.ko).toMatch(/[가-힣]/);
});

test('what is filled in stays one value, and a blank that has none stays to be seen', () => {
  const hostile = 'x" OR level:info | limit 1';
  expect(fillCard('level:error user_hash:{user} {other}', { user: hostile }).endsWith(' {other}')).toBe(true);
  const parsed = parseQuery(fillCard('user_hash:{user}', { user: hostile }));
  expect(parsed).toMatchObject({ ok: true, query: { stages: [], filter: { type: 'equals' } } });
});

test('a number stays one: it can be compared', () => {
  const parsed = parseQuery(fillCard('duration_ms:>{ms}', { ms: '500' }));
  expect(parsed).toMatchObject({ ok: true, query: { filter: { type: 'number', value: 500 } } });
});
