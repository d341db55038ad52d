/** What the reading side asks of the writing side: gaps, freshness, waiting for one's own records, the live feed. */
import { nsToTime, timeToNs, type Clock } from '@sillok/record';

import type { Ledger } from '../ledger/ledger.js';
import type { FlushToken, RecordState, WaitOutcome } from '../seams.js';
import type { LiveFeed } from './live-feed.js';
import type { Visibility } from './visibility.js';

export interface StateOptions {
  readonly ledger: Ledger;
  readonly visibility: Visibility;
  readonly feed: LiveFeed;
  readonly clock: Clock;
}

export function createState({ ledger, visibility, feed, clock }: StateOptions): RecordState {
  const isVisible = (token: FlushToken) =>
    ledger.isSettled(token) && visibility.isBootVisible(bootKey(token));

  return {
    gaps: ({ project, from, to, limit }) =>
      ledger.gaps({ project, fromUs: toUs(from), toUs: toUs(to), limit }),

    freshness() {
      const now = clock.now();
      const oldest = visibility.oldestInvisible();
      if (oldest === undefined) return { visible_through: now, lag_ms: 0 };
      const lag = Date.parse(now) - Date.parse(oldest);
      // One nanosecond before the first record that is not visible. At least 1: something waits.
      return { visible_through: nsToTime(timeToNs(oldest) - 1n), lag_ms: Math.max(1, lag) };
    },

    waitVisible(token, timeoutMs) {
      if (isVisible(token)) return Promise.resolve({ state: 'visible' });
      return new Promise<WaitOutcome>((resolve) => {
        const done = (outcome: WaitOutcome) => {
          clearTimeout(timer);
          unsubscribe();
          resolve(outcome);
        };
        const timer = setTimeout(() => {
          done({ state: 'timeout', safe: ledger.isSettled(token) ? 'queue' : 'unknown' });
        }, timeoutMs);
        const unsubscribe = visibility.onChange(() => {
          if (isVisible(token)) done({ state: 'visible' });
        });
      });
    },

    onAdmitted: (listener) => feed.subscribe(listener),
    admittedSince: (position) => feed.since(position),
  };
}

export function bootKey({
  project,
  producer,
  boot,
}: Pick<FlushToken, 'project' | 'producer' | 'boot'>): string {
  return `${project}\n${producer}\n${boot}`;
}

/** A range of the API: any precision that `Date` reads, or nine digits. */
function toUs(time: string): number {
  return Number(timeToNs(time) / 1000n);
}
