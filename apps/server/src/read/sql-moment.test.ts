import { expect, test } from 'vitest';
import { momentBound } from './sql-moment.js';

test('a moment is bound with the digits that its type has, in UTC', () => {
  const moment = '2026-11-24T15:55:39.861000001Z';
  expect(momentBound('DateTime64(9)', moment)).toBe('2026-11-24 15:55:39.861000001');
  expect(momentBound("Nullable(DateTime64(3, 'UTC'))", moment)).toBe('2026-11-24 15:55:39.861');
  expect(momentBound('DateTime', '2026-11-24T15:55:39+09:00')).toBe('2026-11-24 06:55:39');
});

test('what is no moment, or is bound as something else, stays as it is', () => {
  expect(momentBound('String', '2026-11-24T15:55:39Z')).toBe('2026-11-24T15:55:39Z');
  expect(momentBound('DateTime64(9)', '2026-11-24 15:55:39')).toBe('2026-11-24 15:55:39');
  expect(momentBound('DateTime64(9)', 'Tuesday')).toBe('Tuesday');
  expect(momentBound('DateTime64(9)', 7)).toBe(7);
});
