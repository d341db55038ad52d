import type { Envelope } from '@sillok/record';
import { expect, test } from 'vitest';
import { faultIn } from './text.js';

const failed = (message: string, exception: object, level: Envelope['level'] = 'error'): string => {
  const record = { seq: 1, time: '', kind: 'span', level, message, attributes: { exception } };
  // Only what is read of it.
  return faultIn({ ...record, resource: {}, producer: 'p', boot: 'b' } as unknown as Envelope);
};

test('a failed span says what was thrown, and one that says so itself does not say it twice', () => {
  const thrown = { type: 'DatabaseError', message: 'value too long\n  at line 2' };
  expect(failed('INSERT members', thrown)).toBe('DatabaseError: value too long');
  expect(failed('join failed: value too long', thrown)).toBe('');
  expect(failed('INSERT members', thrown, 'info')).toBe('');
  expect(failed('INSERT members', {})).toBe('');
  expect(failed('INSERT members', { message: 'a\u202eb' })).toBe('a⟨U+202E⟩b');
});
