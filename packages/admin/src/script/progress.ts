/** How far a run is: counts, rate and time left; one moving line on a terminal, a plain line every ten seconds elsewhere. */
import { PROGRESS_INTERVAL_MS, PROGRESS_TTY_INTERVAL_MS, RATE_WINDOW_MS } from '../limits.js';
import type { ItemState } from './run-state.js';

export interface Screen {
  write(text: string): unknown;
  readonly isTTY?: boolean;
}

export interface ProgressCounts {
  readonly done: number;
  readonly failed: number;
  readonly skipped: number;
  readonly known: number;
}

export class Progress {
  readonly #screen: Screen;
  #total: number | undefined;
  readonly #counts = { done: 0, failed: 0, skipped: 0, known: 0 };
  readonly #times: number[] = [];
  readonly #timer: NodeJS.Timeout;
  readonly #startedMs = performance.now();
  #restedMs = 0;

  constructor(screen: Screen) {
    this.#screen = screen;
    const interval = screen.isTTY === true ? PROGRESS_TTY_INTERVAL_MS : PROGRESS_INTERVAL_MS;
    this.#timer = setInterval(() => this.#show(), interval).unref();
  }

  /** How many items there will be, where that is known. */
  expect(total: number | undefined): void {
    this.#total = total;
  }

  get counts(): ProgressCounts {
    return this.#counts;
  }

  /** When the last item ended, by `performance.now()`. */
  get lastMs(): number {
    return Math.max(this.#times.at(-1) ?? this.#startedMs, this.#restedMs);
  }

  /** `known`: it had ended in an earlier part of the run. */
  add(state: ItemState | 'known'): void {
    this.#counts[state] += 1;
    const now = performance.now();
    this.#times.push(now);
    while ((this.#times[0] ?? now) < now - RATE_WINDOW_MS) this.#times.shift();
  }

  /** Nothing ended because nothing was to begin. */
  rested(): void {
    this.#restedMs = performance.now();
  }

  line(): string {
    const { done, failed, skipped, known } = this.#counts;
    const count = done + failed + skipped + known;
    const first = this.#times[0];
    const seconds = first === undefined ? 0 : (performance.now() - first) / 1000;
    const rate = seconds < 0.5 ? 0 : this.#times.length / seconds;
    const parts = [
      this.#total === undefined ? numberText(count) : `${numberText(count)} of ${numberText(this.#total)}`,
    ];
    if (rate > 0) parts.push(`${numberText(Math.round(rate))}/s`);
    if (rate > 0 && this.#total !== undefined && count < this.#total)
      parts.push(`${leftText((this.#total - count) / rate)} left`);
    if (failed > 0) parts.push(`${numberText(failed)} failed`);
    if (skipped > 0) parts.push(`${numberText(skipped)} skipped`);
    if (known > 0) parts.push(`${numberText(known)} before`);
    return parts.join(' · ');
  }

  stop(): void {
    clearInterval(this.#timer);
    if (this.#screen.isTTY === true) this.#screen.write(`\r\u001b[2K`);
  }

  #show(): void {
    this.#screen.write(this.#screen.isTTY === true ? `\r\u001b[2K${this.line()}` : `${this.line()}\n`);
  }
}

function numberText(count: number): string {
  return count.toLocaleString('en-US');
}

function leftText(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}
