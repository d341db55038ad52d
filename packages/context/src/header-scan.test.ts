import { expect, test } from 'vitest';
import { createHeaderScan } from './header-scan.js';
import { DEFAULT_ALIAS_HEADERS, TRACE_HEADERS, extractTraceContext } from './propagate.js';

test('every header that is asked for is one that the scan looks for', () => {
  const asked = new Set<string>();
  extractTraceContext((name) => void asked.add(name));
  const known = [...TRACE_HEADERS, ...DEFAULT_ALIAS_HEADERS.map(({ header }) => header)];
  expect([...asked].sort()).toEqual([...known].sort());
});

test('a header is found in any case and at any place, and others of its length are not', () => {
  const scan = createHeaderScan([...TRACE_HEADERS, 'x-request-id']);
  for (const name of [...TRACE_HEADERS, 'x-request-id']) {
    for (const written of [name, name.toUpperCase(), name[0]?.toUpperCase() + name.slice(1)]) {
      expect(scan([written, 'v'])).toBe(true);
      expect(scan(['Host', 'shop.example', written, 'v', 'Accept', '*/*'])).toBe(true);
    }
    expect(scan([`${name}x`, 'v'])).toBe(false);
    expect(scan([name.replace(/.(?=.$)/, '_'), 'v'])).toBe(false);
  }
  const browser = [
    'Host',
    'Connection',
    'User-Agent',
    'Accept',
    'Accept-Encoding',
    'Cookie',
    'X-Forwarded-For',
  ];
  expect(scan(browser.flatMap((name) => [name, 'traceparent']))).toBe(false);
  expect(scan([])).toBe(false);
});
