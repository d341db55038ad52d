/** Times of hops as they are shown: on one clock, or as recorded. */
import { nsToTime } from '@sillok/record';
import type { Times } from './critical-path.js';
import type { Hop } from './hop.js';
import type { Skews } from './skew.js';

export interface Clock {
  timesOf(hop: Hop): Times;
  offsetOf(clock: string): number;
  /** A moment of that many milliseconds from the base. */
  moment(ms: number): string;
}

export function createClock(skews: Skews, isOn: boolean, baseNs: bigint): Clock {
  const offsetOf = (clock: string): number => (isOn ? (skews.offsetOf.get(clock) ?? 0) : 0);
  return {
    offsetOf,
    timesOf(hop) {
      const offset = offsetOf(hop.clock);
      return { startMs: hop.startMs - offset, endMs: hop.endMs - offset };
    },
    moment: (ms) => nsToTime(baseNs + BigInt(Math.round(ms * 1e6))),
  };
}
