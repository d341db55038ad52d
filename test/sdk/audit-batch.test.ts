/** A process dies in an audited call that changes many: each entity keeps its intent, and none is said to be done that was not. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readBoots } from './spools.js';

const program = join(import.meta.dirname, 'fixtures', 'batched-orders.mjs');
/** More than are written in one turn of the event loop. */
const ORDERS = 1_200;
let spool = '';

beforeEach(() => {
  spool = mkdtempSync(join(tmpdir(), 'sillok-audit-batch-'));
});
afterEach(() => rmSync(spool, { recursive: true, force: true }));

async function run(point: string): Promise<NodeJS.Signals | null> {
  const child = spawn(process.execPath, [program, spool, point, String(ORDERS)], { stdio: 'inherit' });
  await once(child, 'close');
  return child.signalCode;
}

/** By order: its outcomes, as they were written. */
function outcomes(): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const { kind, attributes = {} } of readBoots(spool).flatMap(({ records }) => records)) {
    if (kind !== 'audit') continue;
    const order = String(attributes['audit.entity.id']);
    found.set(order, [...(found.get(order) ?? []), String(attributes['audit.outcome'])]);
  }
  return found;
}

function countsOf(found: ReadonlyMap<string, readonly string[]>): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const each of found.values()) counts[each.join(' ')] = (counts[each.join(' ')] ?? 0) + 1;
  return counts;
}

test('killed in the work, every entity keeps its intent, and its end is unknown', async () => {
  expect(await run('in-work')).toBe('SIGKILL');
  expect(countsOf(outcomes())).toEqual({ intent: ORDERS });
  expect(await run('settle')).toBeNull();
  expect(countsOf(outcomes())).toEqual({ 'intent unknown': ORDERS });
  // Once only.
  expect(await run('settle')).toBeNull();
  expect(countsOf(outcomes())).toEqual({ 'intent unknown': ORDERS });
});

test('killed while the ends are written, those that are written stand, and the others are unknown', async () => {
  expect(await run('between-ends')).toBe('SIGKILL');
  const { intent: open = 0, 'intent committed': committed = 0 } = countsOf(outcomes());
  expect(open + committed).toBe(ORDERS);
  expect(Math.min(open, committed)).toBeGreaterThan(0);
  expect(await run('settle')).toBeNull();
  expect(countsOf(outcomes())).toEqual({ 'intent committed': committed, 'intent unknown': open });
});
