/**
 * How fast the disk confirms, and so where it is waited for. To hand an fdatasync to another thread and to hear of its end wakes
 * two threads, which takes 35 to 130 us (measured) where the disk itself needs 130: a lone caller is better off when this
 * thread waits. As soon as several wait, or the disk is slow for once, the other thread it is: then their time is worth more.
 *
 * A thread that is busy with other things hears late of the end of a sync elsewhere, which counts as slow, too: so it is not
 * stopped for syncs of this kind.
 */
import { HERE_AFTER_QUICK_SYNCS, QUICK_SYNC_MS_MAX } from './limits.js';

export class Pace {
  readonly #stopwatchMs: () => number;
  /** Quick ones that must still be seen: none at the start, when nothing speaks against the disk. */
  #left = 0;

  constructor(stopwatchMs: () => number) {
    this.#stopwatchMs = stopwatchMs;
  }

  /** The last syncs were quick, one after the other. */
  get isQuick(): boolean {
    return this.#left === 0;
  }

  /** Does the sync and notes how long it took. */
  async time(sync: () => Promise<void> | void): Promise<void> {
    const startMs = this.#stopwatchMs();
    const syncing = sync();
    if (syncing !== undefined) await syncing;
    if (this.#stopwatchMs() - startMs > QUICK_SYNC_MS_MAX) this.#left = HERE_AFTER_QUICK_SYNCS;
    else if (this.#left > 0) this.#left -= 1;
  }
}
