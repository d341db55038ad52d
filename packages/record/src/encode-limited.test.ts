import { expect, test } from 'vitest';
import { encodeLimited } from './encode-limited.js';
import { encodeRecord } from './encode.js';
import { emptyFlat } from './flat.js';
import { ATTRIBUTES_MAX, LINE_BYTES_MAX } from './limits.js';
import type { FlatRecord } from './types.js';

function record(attributes: FlatRecord['attributes'] & object): FlatRecord {
  const head = { seq: 1, time: '2026-11-21T10:00:00.000000001Z', kind: 'log', level: 'info' } as const;
  return { ...head, message: 'm', attributes };
}

test('a record that has outgrown a line is cut down, and keeps its number', () => {
  const line = encodeLimited(record({ a: '가'.repeat(LINE_BYTES_MAX / 2) }));
  expect(Buffer.byteLength(line)).toBeLessThanOrEqual(LINE_BYTES_MAX);
  expect(line).toMatch(/^\{"seq":1,/);
});

test('attributes beyond the limit are set aside', () => {
  const many = emptyFlat();
  for (let index = 0; index <= ATTRIBUTES_MAX; index += 1) many[`k${index}`] = index;
  const { attributes } = JSON.parse(encodeLimited(record(many)));
  expect(Object.keys(attributes).length).toBeLessThanOrEqual(ATTRIBUTES_MAX);
});

test('any other record is written as it is', () => {
  expect(encodeLimited(record({ a: '7' }))).toBe(encodeRecord(record({ a: '7' })));
});
