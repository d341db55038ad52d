import { expect, test } from 'vitest';
import { isName } from './header.js';
import { newBoot, newProducer, newSpanId, newTraceId } from './ids.js';

test('ids have the form of W3C and do not repeat', () => {
  const traces = Array.from({ length: 5000 }, newTraceId);
  expect(traces.every((id) => /^[0-9a-f]{32}$/.test(id))).toBe(true);
  expect(new Set(traces).size).toBe(5000);
  expect(newSpanId()).toMatch(/^[0-9a-f]{16}$/);
});

test('a boot is a UUID of version 7 and sorts by time', () => {
  const boot = newBoot();
  expect(boot).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  const ms = parseInt(boot.slice(0, 13).replace('-', ''), 16);
  expect(Math.abs(ms - Date.now())).toBeLessThan(60_000);
});

test('a producer is readable and safe as a folder name, whatever the service is called', () => {
  expect(newProducer('orders')).toMatch(/^orders-[0-9a-f]{8}$/);
  expect(newProducer('../../etc/passwd')).toMatch(/^etc-passwd-[0-9a-f]{8}$/);
  expect(newProducer('주문')).toMatch(/^service-[0-9a-f]{8}$/);
  expect(isName(newProducer('x'.repeat(500)))).toBe(true);
});
