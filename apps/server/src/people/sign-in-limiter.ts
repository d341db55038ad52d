/**
 * Slows down guessing: after some failures an account, and the address that they came from, have to wait, each time
 * longer. A success clears the account only: else an attacker would clear the address with an account of their own.
 */
import { tooManyAttempts } from './errors.js';
import {
  FAILURE_WAIT_MS_MAX,
  FAILURE_WAIT_MS_MIN,
  FAILURES_FREE,
  FAILURES_KEPT_MS,
  FAILURES_TRACKED_MAX,
} from './limits.js';

interface Failures {
  count: number;
  lastMs: number;
  blockedUntilMs: number;
}

export class SignInLimiter {
  readonly #failures = new Map<string, Failures>();
  readonly #nowMs: () => number;

  constructor(nowMs: () => number = Date.now) {
    this.#nowMs = nowMs;
  }

  /** Throws 429 while one of the names has to wait. Asked before the password is looked at. */
  check(names: readonly string[]): void {
    const now = this.#nowMs();
    const until = Math.max(0, ...names.map((name) => this.#failures.get(name)?.blockedUntilMs ?? 0));
    if (until > now) throw tooManyAttempts(Math.ceil((until - now) / 1000));
  }

  failed(names: readonly string[]): void {
    const now = this.#nowMs();
    for (const name of names) {
      const known = this.#failures.get(name);
      const isOld = known === undefined || now - known.lastMs > FAILURES_KEPT_MS;
      const count = isOld ? 1 : known.count + 1;
      const beyond = count - FAILURES_FREE;
      const waitMs = beyond < 0 ? 0 : Math.min(FAILURE_WAIT_MS_MIN * 2 ** beyond, FAILURE_WAIT_MS_MAX);
      this.#failures.delete(name);
      this.#failures.set(name, { count, lastMs: now, blockedUntilMs: now + waitMs });
    }
    for (const name of this.#failures.keys()) {
      if (this.#failures.size <= FAILURES_TRACKED_MAX) return;
      this.#failures.delete(name);
    }
  }

  succeeded(account: string): void {
    this.#failures.delete(account);
  }
}
