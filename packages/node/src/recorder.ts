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

/** Where lines go: a spool, memory in tests, standard error when there is no disk. */
export interface Sink {
  /** One line without its newline; throws when it is not kept. */
  append(line: string): void;
  sync(): Promise<SpoolPosition | undefined>;
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

  /** Writes a record, given as the text that follows `"time":"…",` in its line. */
  write(rest: string): boolean {
    if (this.#lost !== undefined && !this.#reportLost(this.#lost)) return this.#lose(this.#seq + 1, undefined);
    const seq = this.#seq + 1;
    try {
      this.sink.append(`{"seq":${seq},"time":"${this.#clock.now()}",${rest}`);
      this.#seq = seq;
      return true;
    } catch (error) {
      return this.#lose(seq, error);
    }
  }

  /** Writes a record whose whole line is made by the caller, from its number and time. For the slow way. */
  writeWith(makeLine: (seq: number, time: string) => string): boolean {
    if (this.#lost !== undefined && !this.#reportLost(this.#lost)) return this.#lose(this.#seq + 1, undefined);
    const seq = this.#seq + 1;
    try {
      this.sink.append(makeLine(seq, this.#clock.now()));
      this.#seq = seq;
      return true;
    } catch (error) {
      return this.#lose(seq, error);
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.sink.close();
  }

  #lose(seq: number, error: unknown): false {
    this.#seq = seq;
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
