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
  let waiting: Waiting[] = [];
  let waitingBytes = 0;
  let droppedSinceLast = 0;
  let pumping: Promise<void> | undefined;
  let stopAtMs = Number.POSITIVE_INFINITY;
  const listeners: (() => void)[] = [];

  const isFull = (): boolean =>
    waiting.length >= SYSLOG_PENDING_MAX || waitingBytes >= SYSLOG_PENDING_BYTES_MAX;

  function start(): void {
    pumping ??= pump().finally(() => {
      pumping = undefined;
      if (waiting.length > 0 && Date.now() < stopAtMs) start();
    });
  }

  async function pump(): Promise<void> {
    while (waiting.length > 0 && Date.now() < stopAtMs) {
      const batch = waiting.slice(0, SYSLOG_BATCH_MAX);
      const dropped = droppedSinceLast;
      await admitUntilTaken(batch, dropped);
      droppedSinceLast -= dropped;
      waiting = waiting.slice(batch.length);
      for (const { bytes } of batch) waitingBytes -= bytes;
      if (!isFull()) for (const listener of listeners) listener();
    }
  }

  async function admitUntilTaken(batch: readonly Waiting[], dropped: number): Promise<void> {
    for (
      let waitMs = SYSLOG_RETRY_MS_MIN;
      Date.now() < stopAtMs;
      waitMs = Math.min(waitMs * 2, SYSLOG_RETRY_MS_MAX)
    ) {
      try {
        return await admit(batch, dropped);
      } catch (error) {
        options.log.warn('syslog waits: the queue does not take records', { waiting: waiting.length, error });
        await new Promise((resolve) => setTimeout(resolve, waitMs));
      }
    }
    options.log.error('syslog messages were received and could not be stored before the stop', {
      messages: batch.length,
    });
  }

  async function admit(batch: readonly Waiting[], dropped: number): Promise<void> {
    const records = createRequestRecords();
    for (const { message } of batch) records.add(message.resource, message.record);
    if (dropped > 0) records.add({}, droppedRecord(dropped));
    // No hash: the protocol has no retries that could be told from news.
    await admitRequest(options.admission, records, {
      project: options.project,
      protocol: 'syslog',
      content: undefined,
    });
  }

  return {
    add(message, bytes) {
      waiting.push({ message, bytes });
      waitingBytes += bytes;
      start();
    },
    drop() {
      droppedSinceLast += 1;
      options.dropped.add();
    },
    get full() {
      return isFull();
    },
    onRoom: (listener) => void listeners.push(listener),
    async stop() {
      stopAtMs = Date.now() + SYSLOG_STOP_MS_MAX;
      await pumping;
    },
  };
}

function droppedRecord(dropped: number): { readonly [field: string]: unknown } {
  return {
    level: 'warn',
    message: `Sillok dropped ${dropped} syslog datagrams: the queue was full, and UDP cannot be told to wait`,
    'sillok.dropped': dropped,
  };
}
