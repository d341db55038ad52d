/**
 * Syslog messages between the socket and the queue's fsync.
 *
 * One pump hands batches to admission, as many messages as arrived while the batch before was written. When the
 * queue refuses, it waits and tries again; meanwhile this fills up. A full buffer tells TCP to pause and datagrams to be
 * dropped, counted, and named in a record of their own as soon as the queue takes records again.
 */
import type { Log } from '../log.js';
import type { Counter } from '../metrics.js';
import type { Admission } from '../seams.js';
import { admitRequest, createRequestRecords } from './groups.js';
import {
  SYSLOG_BATCH_MAX,
  SYSLOG_PENDING_BYTES_MAX,
  SYSLOG_PENDING_MAX,
  SYSLOG_RETRY_MS_MAX,
  SYSLOG_RETRY_MS_MIN,
  SYSLOG_STOP_MS_MAX,
} from './limits.js';
import type { SyslogMessage } from './syslog-parse.js';

export interface SyslogPending {
  /** Takes the message even when full: who can wait looks at `full` after it, who cannot, before. */
  add(message: SyslogMessage, bytes: number): void;
  /** Counts a datagram that was not taken. */
  drop(): void;
  readonly full: boolean;
  /** Called when there is room again. */
  onRoom(listener: () => void): void;
  /** Resolves when all is in the queue, or after SYSLOG_STOP_MS_MAX. */
  stop(): Promise<void>;
}

export interface SyslogPendingOptions {
  readonly admission: Admission;
  readonly project: string;
  readonly log: Log;
  readonly dropped: Counter;
}

interface Waiting {
  readonly message: SyslogMessage;
  readonly bytes: number;
}

export function createSyslogPending(options: SyslogPendingOptions): SyslogPending {
  return new Pending(options);
}

class Pending implements SyslogPending {
  readonly #options: SyslogPendingOptions;
  readonly #listeners: (() => void)[] = [];
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #droppedSinceLast = 0;
  #pumping: Promise<void> | undefined;
  #stopAtMs = Number.POSITIVE_INFINITY;

  constructor(options: SyslogPendingOptions) {
    this.#options = options;
  }

  get full(): boolean {
    return this.#waiting.length >= SYSLOG_PENDING_MAX || this.#waitingBytes >= SYSLOG_PENDING_BYTES_MAX;
  }

  add(message: SyslogMessage, bytes: number): void {
    this.#waiting.push({ message, bytes });
    this.#waitingBytes += bytes;
    this.#start();
  }

  drop(): void {
    this.#droppedSinceLast += 1;
    this.#options.dropped.add();
  }

  onRoom(listener: () => void): void {
    this.#listeners.push(listener);
  }

  async stop(): Promise<void> {
    this.#stopAtMs = Date.now() + SYSLOG_STOP_MS_MAX;
    await this.#pumping;
  }

  #start(): void {
    this.#pumping ??= this.#pump().finally(() => {
      this.#pumping = undefined;
      if (this.#waiting.length > 0 && Date.now() < this.#stopAtMs) this.#start();
    });
  }

  async #pump(): Promise<void> {
    while (this.#waiting.length > 0 && Date.now() < this.#stopAtMs) {
      const batch = this.#waiting.slice(0, SYSLOG_BATCH_MAX);
      const dropped = this.#droppedSinceLast;
      await this.#admitUntilTaken(batch, dropped);
      this.#droppedSinceLast -= dropped;
      this.#waiting = this.#waiting.slice(batch.length);
      for (const { bytes } of batch) this.#waitingBytes -= bytes;
      if (!this.full) for (const listener of this.#listeners) listener();
    }
  }

  async #admitUntilTaken(batch: readonly Waiting[], dropped: number): Promise<void> {
    const { log } = this.#options;
    let waitMs = SYSLOG_RETRY_MS_MIN;
    while (Date.now() < this.#stopAtMs) {
      try {
        return await this.#admit(batch, dropped);
      } catch (error) {
        log.warn('syslog waits: the queue does not take records', { waiting: this.#waiting.length, error });
        await new Promise((resolve) => setTimeout(resolve, waitMs));
        waitMs = Math.min(waitMs * 2, SYSLOG_RETRY_MS_MAX);
      }
    }
    log.error('syslog messages could not be stored before the stop', { messages: batch.length });
  }

  async #admit(batch: readonly Waiting[], dropped: number): Promise<void> {
    const records = createRequestRecords();
    for (const { message } of batch) records.add(message.resource, message.record);
    if (dropped > 0) records.add({}, droppedRecord(dropped));
    const { admission, project } = this.#options;
    // No hash: the protocol has no retries that could be told from news.
    await admitRequest(admission, records, { project, protocol: 'syslog', content: undefined });
  }
}

function droppedRecord(dropped: number): { readonly [field: string]: unknown } {
  return {
    level: 'warn',
    message: `Sillok dropped ${dropped} syslog datagrams: the queue was full, and UDP cannot be told to wait`,
    'sillok.dropped': dropped,
  };
}
