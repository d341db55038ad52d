/**
 * Sends batches to the server until they are settled: waits and repeats when the answer is "later", takes another
 * producer when this one belongs to another project, and gives records whose place is taken a name of their own.
 */
import { ApiError } from '@sillok/api';
import type { Client, NativeAnswer } from '@sillok/api';
import type { Resource } from '@sillok/record';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { PRODUCER_TRIES_MAX, SEND_ATTEMPTS_MAX, SEND_RETRY_MS_MAX, SEND_RETRY_MS_MIN } from '../limits.js';
import { bodyOf } from './batch.js';
import type { Batch, BatchItem } from './batch.js';
import { conflictBoot } from './identity.js';

const gzipAsync = promisify(gzip);

/** What became of a batch's records. */
export interface Settled {
  readonly taken: number;
  readonly known: number;
  /** They were here, and retention has removed them. */
  readonly expired: number;
  readonly refused: readonly {
    readonly lineNumber: number;
    readonly code: string;
    readonly reason: string;
  }[];
}

export interface SenderOptions {
  readonly client: Pick<Client, 'postRecords'>;
  /** Attempts per batch. Without an end when following: what cannot be sent waits in its file. */
  readonly attemptsMax?: number;
  /** Records without a time of their own are sent again under a name of their own when their place is taken. */
  readonly keepUntimedConflicts: boolean;
  readonly signal?: AbortSignal;
  readonly onWait?: (error: ApiError) => void;
}

export interface Sender {
  send(batch: Batch): Promise<Settled>;
  /** A body that has its header already. */
  post(body: string | Uint8Array): Promise<NativeAnswer>;
}

interface Target {
  readonly producer: string;
  readonly boot: string;
  readonly resource: Resource;
}

export function createSender(options: SenderOptions): Sender {
  /** How often a producer was found to be another project's. */
  const shifts = new Map<string, number>();

  async function post(body: string | Uint8Array): Promise<NativeAnswer> {
    const packed = await gzipAsync(body, { level: 1 });
    const attemptsMax = options.attemptsMax ?? SEND_ATTEMPTS_MAX;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await options.client.postRecords(packed, { gzip: true });
      } catch (error) {
        if (!(error instanceof ApiError) || !isPassing(error) || attempt >= attemptsMax) throw error;
        const waitMs = waitBefore(attempt);
        options.onWait?.(error);
        await pause(waitMs, options.signal);
      }
    }
  }

  async function postLines(target: Target, lines: readonly string[]): Promise<NativeAnswer> {
    for (let shift = shifts.get(target.producer) ?? 1; ; shift += 1) {
      const producer = shift === 1 ? target.producer : `${target.producer}~${shift}`;
      try {
        return await post(bodyOf({ ...target, producer }, lines));
      } catch (error) {
        const isTaken = error instanceof ApiError && error.code === 'producer_of_other_project';
        if (!isTaken || shift >= PRODUCER_TRIES_MAX) throw error;
        shifts.set(target.producer, shift + 1);
      }
    }
  }

  async function sendGroup(target: Target, items: readonly BatchItem[]): Promise<Settled> {
    const answer = await postLines(
      target,
      items.map(({ line }) => line),
    );
    const bySeq = new Map(items.map((item) => [item.seq, item]));
    const refused: { lineNumber: number; code: string; reason: string }[] = [];
    let known = countOf(answer, 'known');
    const expired = countOf(answer, 'expired');
    for (const { seq, code, reason } of answer.rejected) {
      const item = bySeq.get(seq);
      if (code === 'identity_conflict' && item && (item.timed || options.keepUntimedConflicts)) {
        const again = await postLines(...underOwnName(target, item));
        known += countOf(again, 'known');
      } else if (code === 'identity_conflict') {
        // Its text was sent before, with the time of that moment.
        known += 1;
      } else {
        refused.push({ lineNumber: item?.entry.lineNumber ?? 0, code, reason });
      }
    }
    const taken = items.length - refused.length - known;
    return { taken, known: known - expired, expired, refused };
  }

  return {
    post,
    async send(batch) {
      const { producer, boot } = batch;
      const settled: Settled[] = [];
      for (const { resource, items } of batch.groups)
        settled.push(await sendGroup({ producer, boot, resource }, items));
      return total(settled);
    },
  };
}

function total(settled: readonly Settled[]): Settled {
  const sum = (of: 'taken' | 'known' | 'expired'): number => settled.reduce((all, each) => all + each[of], 0);
  const refused = settled.flatMap((each) => each.refused);
  return { taken: sum('taken'), known: sum('known'), expired: sum('expired'), refused };
}

function underOwnName(target: Target, item: BatchItem): [Target, string[]] {
  const boot = conflictBoot(target.boot, item.seq, item.entry.lines.join('\n'));
  return [{ ...target, boot }, [item.line.replace(/^\{"seq":\d+/, '{"seq":1')]];
}

/** Servers say how many records they knew, and how many of these have gone since. */
export function countOf(answer: NativeAnswer, name: 'known' | 'expired'): number {
  const count: unknown = Reflect.get(answer, name);
  return typeof count === 'number' ? count : 0;
}

function isPassing(error: ApiError): boolean {
  return error.status === 0 || error.status === 429 || error.status >= 500;
}

function waitBefore(attempt: number): number {
  const most = Math.min(SEND_RETRY_MS_MAX, SEND_RETRY_MS_MIN * 2 ** (attempt - 1));
  return most / 2 + (most / 2) * Math.random();
}

export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(aborted());
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', stop, { once: true });
    function done(): void {
      signal?.removeEventListener('abort', stop);
      resolve();
    }
    function stop(): void {
      clearTimeout(timer);
      reject(aborted());
    }
  });
}

function aborted(): Error {
  return new DOMException('interrupted', 'AbortError');
}
