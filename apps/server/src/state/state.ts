/** What the reading side asks of the writing side: gaps, freshness, waiting for one's own records, the live feed. */
import { nsToTime, parseTime, timeToNs, type Clock, type Kind } from '@sillok/record';
import type { SpoolPosition } from '@sillok/spool';

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
      const wait = new Wait(token, { ledger, visibility });
      if (wait.isOver()) return Promise.resolve({ state: 'visible' });
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
          if (wait.isOver()) done({ state: 'visible' });
        });
      });
    },

    halfInserted: () => visibility.halfInserted,
    onAdmitted: (listener) => feed.subscribe(listener),
    admittedSince: (position) => feed.since(position),
  };
}

/** First for the record to be here, then for what its boot had written by then. */
class Wait {
  readonly #token: FlushToken;
  readonly #of: Pick<StateOptions, 'ledger' | 'visibility'>;
  #last: ReadonlyMap<Kind, SpoolPosition> | undefined;

  constructor(token: FlushToken, of: Pick<StateOptions, 'ledger' | 'visibility'>) {
    this.#token = token;
    this.#of = of;
  }

  isOver(): boolean {
    const { ledger, visibility } = this.#of;
    if (this.#last === undefined) {
      if (!ledger.isSettled(this.#token)) return false;
      this.#last = visibility.lastOf(bootKey(this.#token));
    }
    return visibility.isVisible(this.#last);
  }
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
  return Number(timeToNs(parseTime(time) ?? time) / 1000n);
}
