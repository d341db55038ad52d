import { expect, test } from 'vitest';
import { hrefOf, matchPath } from './address.js';
import { fixedRange, momentOf } from './range.js';

test('a path matches its pattern with decoded values, and nothing that is longer or shorter', () => {
  expect(matchPath('/trace/:traceId', '/trace/a%2Fb')).toEqual({ traceId: 'a/b' });
  expect(matchPath('/trace/:traceId', '/trace/')).toBeUndefined();
  expect(matchPath('/trace/:traceId', '/trace/a/b')).toBeUndefined();
  expect(matchPath('/', '/')).toEqual({});
  expect(matchPath('/trace/:traceId', '/trace/%E0%A4%A')).toEqual({ traceId: '%E0%A4%A' });
});

test('an address leaves out what is empty and keeps what is hostile as text', () => {
  expect(hrefOf('/search', { q: '', from: undefined })).toBe('/search');
  expect(hrefOf('/reports/1', { 'v.customer': '' }), 'all, where the report has a value of its own').toBe(
    '/reports/1?v.customer=',
  );
  expect(hrefOf('/search', { q: '"><script>&x=1' })).toBe('/search?q=%22%3E%3Cscript%3E%26x%3D1');
});

test('a shared range keeps its moment and not its distance from now', () => {
  const now = Date.parse('2026-11-21T10:00:00Z');
  expect(fixedRange({ from: '-1h', to: undefined }, now)).toEqual({
    from: '2026-11-21T09:00:00.000Z',
    to: '2026-11-21T10:00:00.000Z',
  });
  const fixed = { from: '2026-11-01T00:00:00.000000001Z', to: '2026-11-02' };
  expect(fixedRange(fixed, now)).toEqual(fixed);
  expect(fixedRange({ from: undefined, to: undefined }, now).from).toBeUndefined();
  expect(momentOf('-2w', now)).toBe(now - 14 * 86_400_000);
  expect(momentOf('yesterday', now)).toBeUndefined();
});
