import { expect, test } from 'vitest';
import { nodeIds } from './id-source.js';

test('ids have their length, are hex and do not repeat, over many pools', () => {
  const ids = new Set<string>();
  for (let count = 0; count < 2000; count += 1) {
    ids.add(nodeIds.newTraceId());
    ids.add(nodeIds.newSpanId());
  }
  expect(ids.size).toBe(4000);
  for (const id of ids) expect(id).toMatch(/^(?:[0-9a-f]{32}|[0-9a-f]{16})$/);
});
