/** Exponential waits with jitter, so that a thousand services do not come back in the same second. */
import { BACKOFF_MAX_MS } from './limits.js';

export interface Backoff {
  /** How many failures in a row. */
  readonly failures: number;
  /** The next wait, between half of its step and the whole. */
  next(): number;
  reset(): void;
}

export function createBackoff(firstMs: number, random: () => number): Backoff {
  let failures = 0;
  return {
    get failures() {
      return failures;
    },
    next: () => {
      const stepMs = Math.min(firstMs * 2 ** failures, BACKOFF_MAX_MS);
      failures += 1;
      return stepMs / 2 + (random() * stepMs) / 2;
    },
    reset: () => {
      failures = 0;
    },
  };
}
