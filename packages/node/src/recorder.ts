/**
 * The last step of every record: number, time, and the synchronous write. When `write` returns true, the line is in
 * the file and survives a SIGKILL.
 *
 * Never throws. A record that could not be kept (full disk, quota) uses its number all the same; as soon as the
 * spool takes records again, one `sillok.dropped` record names the range and the reason, so that nobody has to
 * wonder about the gap.
 */
import { createClock, quote, type Clock, type Resource } from '@sillok/record';
import type { SpoolPosition } from '@sillok/spool';
import { WAITING_RECORDS_MAX } from './limits.js';
import { numberJson } from './values.js';

/** Where lines go: a spool, memory in tests, standard error when there is no disk. */
export interface Sink {
  /** One line without its newline; throws when it is not kept. */
  append(line: string): void;
  /** Several lines at once, all or none. */
  appendAll(lines: readonly string[]): void;
  /** A line costs a system call, so that several at once are worth waiting for. */
  readonly isDear: boolean;
  sync(): Promise<SpoolPosition | undefined>;
  /** The same for a caller that can do nothing until then. */
  confirm(): Promise<SpoolPosition | undefined>;
  syncNow(): void;
  close(): Promise<void>;
}

export interface RecorderOptions {
  readonly sink: Sink;
  readonly producer: string;
  readonly boot: string;
  readonly resource: Resource;
  readonly clock?: Clock | undefined;
}

interface Lost {
  readonly from: number;
  readonly to: number;
  readonly reason: string;
}

export class Recorder {
  readonly producer: string;
  readonly boot: string;
  readonly resource: Resource;
  readonly sink: Sink;
  readonly #clock: Clock;
  #seq = 0;
  #lost: Lost | undefined;
  #lostCount = 0;
  #isClosed = false;
  /** Lines with their numbers, waiting for the end of the turn. */
  #waiting: string[] = [];
  readonly #writeWaitingLater = (): void => this.writeWaiting();

  constructor(options: RecorderOptions) {
    this.sink = options.sink;
    this.producer = options.producer;
    this.boot = options.boot;
    this.resource = options.resource;
    this.#clock = options.clock ?? createClock();
  }

  /** The number of the last record, kept or not. */
  get seq(): number {
    return this.#seq;
  }

  /** Records that could not be kept. */
  get dropped(): number {
    return this.#lostCount;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** A time of the clock that records get theirs from: later than every record so far, earlier than all that follow. */
  now(): string {
    return this.#clock.now();
  }

  /** Writes a record, given as the text that follows `"time":"…",` in its line. */
  write(rest: string): boolean {
    if (!this.#isReady()) return this.#lose(this.#seq + 1, undefined);
    const seq = this.#seq + 1;
    return this.#append(seq, this.#lineOf(seq, rest));
  }

  /** Writes a record whose whole line is made by the caller, from its number and time. */
  writeWith(makeLine: (seq: number, time: string) => string): boolean {
    if (!this.#isReady()) return this.#lose(this.#seq + 1, undefined);
    const seq = this.#seq + 1;
    return this.#append(seq, makeLine(seq, this.#clock.now()));
  }

  /**
   * Writes a record at the end of this turn of the event loop, together with the others of the turn, and before any
   * other record. For records that no call of the host waits for: a busy server ends many requests in one turn. Where a line
   * is a store into memory, waiting (a `setImmediate` and a further turn of the loop) would cost more than the line.
   */
  writeSoon(rest: string): void {
    if (this.#lost !== undefined || !this.sink.isDear) {
      this.write(rest);
      return;
    }
    const seq = this.#seq + 1;
    this.#seq = seq;
    this.#waiting.push(this.#lineOf(seq, rest));
    if (this.#waiting.length === 1) setImmediate(this.#writeWaitingLater);
    else if (this.#waiting.length >= WAITING_RECORDS_MAX) this.writeWaiting();
  }

  /** What still waits for the end of the turn. */
  writeWaiting(): void {
    const lines = this.#waiting;
    if (lines.length === 0) return;
    this.#waiting = [];
    try {
      if (lines.length === 1) this.sink.append(lines[0] ?? '');
      else this.sink.appendAll(lines);
    } catch (error) {
      // Their numbers are used, and they are the last ones.
      for (let seq = this.#seq - lines.length + 1; seq <= this.#seq; seq += 1) this.#lose(seq, error);
    }
  }

  async close(): Promise<void> {
    this.writeWaiting();
    this.#isClosed = true;
    await this.sink.close();
  }

  #lineOf(seq: number, rest: string): string {
    return '{"seq":' + numberJson(seq) + ',"time":"' + this.#clock.now() + '",' + rest;
  }

  /** Whether nothing stands before the next record any more. */
  #isReady(): boolean {
    if (this.#waiting.length > 0) this.writeWaiting();
    return this.#lost === undefined || this.#reportLost(this.#lost);
  }

  #append(seq: number, line: string): boolean {
    try {
      this.sink.append(line);
      this.#seq = seq;
      return true;
    } catch (error) {
      return this.#lose(seq, error);
    }
  }

  #lose(seq: number, error: unknown): false {
    this.#seq = Math.max(this.#seq, seq);
    this.#lostCount += 1;
    const lost = this.#lost;
    this.#lost = { from: lost?.from ?? seq, to: seq, reason: lost?.reason ?? reasonOf(error) };
    return false;
  }

  /** Whether the report is written: it comes first, so that a reader meets it before the numbers after the gap. */
  #reportLost(lost: Lost): boolean {
    const seq = this.#seq + 1;
    const message = quote(`${lost.to - lost.from + 1} records were not kept: ${lost.reason}`);
    const attributes =
      `"sillok.dropped.from":${lost.from},"sillok.dropped.to":${lost.to},` +
      `"sillok.dropped.reason":${quote(lost.reason)}`;
    try {
      this.sink.append(
        `{"seq":${seq},"time":"${this.#clock.now()}","kind":"event","level":"warn","message":${message},` +
          `"event.name":"sillok.dropped","attributes":{${attributes}}}`,
      );
    } catch {
      return false;
    }
    this.#seq = seq;
    this.#lost = undefined;
    return true;
  }
}

/** A stable word for the reason; the spool's errors carry one. */
function reasonOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return 'unknown';
}
