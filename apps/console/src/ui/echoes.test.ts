import { expect, test } from 'vitest';
import { Echoes } from './echoes.js';

test('a late echo is told from a value that somebody else has set', () => {
  const echoes = new Echoes();
  for (const text of ['', 'S', 'SE']) echoes.sent(text);
  // React passes over values in between; the last one has not come yet.
  expect(echoes.isEcho('S')).toBe(true);
  expect(echoes.isEcho('SE')).toBe(true);
  expect(echoes.isEcho('SE')).toBe(false);
  echoes.sent('x');
  expect(echoes.isEcho('from the history')).toBe(false);
  expect(echoes.isEcho('x')).toBe(false);
});
