/**
 * What the live page holds. Only the newest are kept; those that leave the end of the list were shown. A record that arrived and was
 * never shown, because too many came between two drawings or while the page stood still, is counted as skipped. Pure.
 */
import type { Envelope } from '@sillok/record';
import { KEPT_RECORDS_MAX } from '../limits.js';

export interface LiveState {
  /** Newest first. */
  readonly shown: readonly Envelope[];
  /** What came while the page stood still. */
  readonly held: readonly Envelope[];
  /** How many came while it stood still, also those that `held` has no room for. */
  readonly heldCount: number;
  /** Never shown here: too many for the server's stream, or for this page. */
  readonly skipped: number;
}

export type Action =
  | ({ readonly type: 'arrived'; readonly hold: boolean } & Arrived)
  | { readonly type: 'skipped'; readonly count: number }
  | { readonly type: 'resume' }
  | { readonly type: 'clear' };

export const NOTHING: LiveState = { shown: [], held: [], heldCount: 0, skipped: 0 };

export function reduce(state: LiveState, action: Action): LiveState {
  switch (action.type) {
    case 'arrived': {
      const newest = action.records.toReversed();
      const held = [...newest, ...state.held].slice(0, KEPT_RECORDS_MAX);
      const heldCount = state.heldCount + newest.length + action.passed;
      const now = { ...state, held, heldCount };
      return action.hold ? now : showHeld(now);
    }
    case 'skipped':
      return { ...state, skipped: state.skipped + action.count };
    case 'resume':
      return showHeld(state);
    case 'clear':
      return NOTHING;
  }
}

function showHeld({ shown, held, heldCount, skipped }: LiveState): LiveState {
  return {
    shown: [...held, ...shown].slice(0, KEPT_RECORDS_MAX),
    held: [],
    heldCount: 0,
    skipped: skipped + heldCount - held.length,
  };
}

export interface Arrived {
  /** Oldest first. */
  readonly records: readonly Envelope[];
  /** How many more came before them since the last drawing, and are not kept. */
  readonly passed: number;
}

/** What comes between two drawings: a fifth of a second, or a minute in a tab that is not looked at. */
export function createArrivals(): { add: (record: Envelope) => void; take: () => Arrived } {
  let records: Envelope[] = [];
  let passed = 0;
  return {
    add(record) {
      records.push(record);
      // Cut at twice the length, so that a record costs no copy of all.
      if (records.length < KEPT_RECORDS_MAX * 2) return;
      passed += records.length - KEPT_RECORDS_MAX;
      records = records.slice(-KEPT_RECORDS_MAX);
    },
    take() {
      const kept = records.slice(-KEPT_RECORDS_MAX);
      const arrived = { records: kept, passed: passed + records.length - kept.length };
      records = [];
      passed = 0;
      return arrived;
    },
  };
}
