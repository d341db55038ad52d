/**
 * Batches of browsers take turns: one at a time, and all together at most a quarter of the event loop's time. Reading a batch
 * holds the loop, and a services' request that comes meanwhile waits; so after each batch there is a pause three times as
 * long. Who waits too long behind others is told to come again.
 */
import { overloaded } from '../errors.js';
import {
  QUOTA_RETRY_AFTER_SECONDS,
  TURN_PAUSE_FACTOR,
  TURN_PAUSE_MS_MIN,
  TURNS_WAITING_MAX,
} from './limits.js';

export class Turns {
  #waiting = 0;
  #last: Promise<void> = Promise.resolve();
  /** Before this nobody's turn begins. */
  #pauseUntilMs = 0;

  /** `work` holds the event loop until it first awaits; only that is counted. Throws 429 when too many wait. */
  async take<T>(work: () => Promise<T>): Promise<T> {
    if (this.#waiting >= TURNS_WAITING_MAX)
      throw overloaded('too many pages send at once', QUOTA_RETRY_AFTER_SECONDS);
    this.#waiting += 1;
    const before = this.#last;
    let pass: () => void = () => undefined;
    this.#last = new Promise((resolve) => (pass = resolve));
    await before;
    try {
      const pauseMs = this.#pauseUntilMs - performance.now();
      if (pauseMs > TURN_PAUSE_MS_MIN) await new Promise((resolve) => setTimeout(resolve, pauseMs));
      const startedMs = performance.now();
      const result = work();
      const endedMs = performance.now();
      // Short turns add up until they are worth a pause.
      const owedMs = (endedMs - startedMs) * TURN_PAUSE_FACTOR;
      this.#pauseUntilMs = Math.max(this.#pauseUntilMs, endedMs) + owedMs;
      pass();
      return await result;
    } finally {
      this.#waiting -= 1;
      pass();
    }
  }
}
