import type { Envelope } from '@sillok/record';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KEPT_RECORDS_MAX } from '../limits.js';
import { createArrivals, NOTHING, reduce, type Arrived, type LiveState } from './live-state.js';

/** Only the number matters here. */
const recordOf = (seq: number): Envelope => ({ seq }) as Envelope;

function arrived(count: number, from = 1): Arrived {
  const arrivals = createArrivals();
  for (let seq = from; seq < from + count; seq += 1) arrivals.add(recordOf(seq));
  return arrivals.take();
}

const after = (state: LiveState, count: number, hold: boolean): LiveState =>
  reduce(state, { type: 'arrived', ...arrived(count), hold });

test('records that a tab in the background had no room for between two drawings are counted', () => {
  const state = after(NOTHING, KEPT_RECORDS_MAX * 2 + 500, false);
  expect(state.shown[0]?.seq).toBe(KEPT_RECORDS_MAX * 2 + 500);
  expect(state.shown).toHaveLength(KEPT_RECORDS_MAX);
  expect(state.skipped).toBe(KEPT_RECORDS_MAX + 500);
});

test('what came while the page stood still is announced in full, and what is left of it at the end counted', () => {
  const held = after(after(NOTHING, KEPT_RECORDS_MAX * 3, true), 7, true);
  expect(held.heldCount).toBe(KEPT_RECORDS_MAX * 3 + 7);
  expect(held.skipped).toBe(0);
  const resumed = reduce(held, { type: 'resume' });
  expect(resumed.skipped).toBe(KEPT_RECORDS_MAX * 2 + 7);
  expect(resumed.heldCount).toBe(0);
});

test('a record that leaves the end of the list after it was shown is not skipped', () => {
  let state = NOTHING;
  for (let round = 0; round < 20; round += 1) state = after(state, 200, false);
  expect(state.shown).toHaveLength(KEPT_RECORDS_MAX);
  expect(state.skipped).toBe(0);
});

test('whatever comes and however often is drawn, each record was shown or is counted as skipped', () => {
  const step = fc.record({ count: fc.nat(KEPT_RECORDS_MAX * 3), hold: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 8 }), (steps) => {
      let state = NOTHING;
      let seq = 1;
      const seen = new Set<number>();
      for (const { count, hold } of steps) {
        state = reduce(state, { type: 'arrived', ...arrived(count, seq), hold });
        seq += count;
        for (const record of state.shown) seen.add(record.seq);
      }
      state = reduce(state, { type: 'resume' });
      for (const record of state.shown) seen.add(record.seq);
      expect(seen.size + state.skipped).toBe(seq - 1);
    }),
    { numRuns: 50 },
  );
});
