/** What every answer says about itself: how fresh it is, what is missing in its range, what it cost. */
import type { Cost, Freshness, GapShape, Hint } from '@sillok/api';
import type { QueryHint } from '@sillok/query';
import type { RecordState } from '../seams.js';
import { GAPS_LISTED_MAX } from './limits.js';
import { TIME_FIRST, TIME_LAST, type Range } from './reading.js';

export interface Trust {
  readonly freshness: Freshness;
  readonly gaps: readonly GapShape[];
  /** Only there, and true, when there are more gaps than are listed. */
  readonly gaps_truncated?: true;
  readonly cost: Cost;
  readonly hints?: readonly Hint[];
}

export function gapsIn(
  state: RecordState,
  project: string,
  range: Range,
): Pick<Trust, 'gaps' | 'gaps_truncated'> {
  const found = state.gaps({
    project,
    from: range.from ?? TIME_FIRST,
    to: range.to ?? TIME_LAST,
    limit: GAPS_LISTED_MAX + 1,
  });
  if (found.length <= GAPS_LISTED_MAX) return { gaps: found };
  return { gaps: found.slice(0, GAPS_LISTED_MAX), gaps_truncated: true };
}

export function hintsShown(hints: readonly QueryHint[]): Pick<Trust, 'hints'> {
  return hints.length === 0 ? {} : { hints };
}

/** Sum of what several statements read. */
export function sumCost(costs: readonly Cost[]): Cost {
  const total = { rows_read: 0, bytes_read: 0, elapsed_ms: 0 };
  for (const cost of costs) {
    total.rows_read += cost.rows_read;
    total.bytes_read += cost.bytes_read;
    total.elapsed_ms += cost.elapsed_ms;
  }
  return total;
}
