/**
 * Which records were here and have gone: retention has removed their day. Who sends one of them again is told so, for
 * "already there" would be looked for in vain.
 */
import type { Kind } from '@sillok/record';

import type { Config } from './config.js';
import { DAY_MS } from './limits.js';

const MICROS_PER_MILLI = 1000;

export class ExpiredDays {
  readonly #retention: Config['retention'];
  /** Removed before their time, because the disk was wanted. Since this start. */
  readonly #gone = new Map<Kind, Set<string>>();

  constructor(retention: Config['retention']) {
    this.#retention = retention;
  }

  dayGone(kind: Kind, day: string): void {
    const days = this.#gone.get(kind) ?? new Set();
    this.#gone.set(kind, days.add(day));
  }

  /** By the record's own time, in microseconds. */
  has(kind: Kind, timeUs: number, nowMs: number = Date.now()): boolean {
    const day = dayOf(timeUs / MICROS_PER_MILLI);
    const { days } = this.#retention[kind];
    const isPast = days > 0 && day < dayOf(nowMs - days * DAY_MS);
    return isPast || this.#gone.get(kind)?.has(day) === true;
  }
}

function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
