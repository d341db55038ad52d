/**
 * The shipping of one spool, one batch at a time: cursor → batch → send → verdict → cursor.
 *
 * Exactly once: the cursor moves only behind what the server has confirmed, so a batch whose answer was lost is
 * sent again, and the server knows its records by (`producer`, `boot`, `seq`). Whoever calls `step` decides when;
 * a step never throws.
 */
import {
  openCursor,
  readHeaderLine,
  type Cursor,
  type Damage,
  type Disk,
  type SpoolPosition,
} from '@sillok/spool';
import type { Backoff } from './backoff.js';
import { nextBatch, type Batch } from './batch.js';
import { deliver, type Delivery } from './deliver.js';
import { CURSOR_NAME } from './filenames.js';
import { openRejects, type Rejects } from './rejects.js';
import type { OnReport } from './report.js';
import type { Rejected, Verdict } from './verdict.js';

export interface ShipmentOptions {
  readonly directory: string;
  readonly disk: Disk;
  readonly delivery: Delivery;
  readonly backoff: Backoff;
  readonly report: OnReport;
  readonly recordsMax: number;
  readonly bytesMax: number;
  /** The end of what may be sent; undefined for everything. */
  readonly until: () => SpoolPosition | undefined;
  readonly verifiedOnly: boolean;
  /** Used when no header line of the spool can be read. */
  readonly fallbackHeader?: string | undefined;
}

export type Step =
  | { readonly type: 'sent'; readonly isFull: boolean }
  | { readonly type: 'idle' }
  | { readonly type: 'wait'; readonly waitMs: number };

export interface ShipmentCounts {
  sent: number;
  rejected: number;
  batches: number;
  failures: number;
}

export class Shipment {
  readonly directory: string;
  readonly counts: ShipmentCounts = { sent: 0, rejected: 0, batches: 0, failures: 0 };
  /** The server has confirmed everything up to this seq. */
  settledThrough: number;
  readonly #options: ShipmentOptions;
  readonly #cursor: Cursor;
  readonly #rejects: Rejects;
  #recordsMax: number;
  #headerLine: string | undefined;
  #isDenied = false;
  #damageTold = new Set<string>();

  constructor(options: ShipmentOptions) {
    const { directory, disk } = options;
    this.#options = options;
    this.directory = directory;
    this.#cursor = openCursor({ directory, disk, name: CURSOR_NAME });
    this.#rejects = openRejects(disk, directory);
    this.#recordsMax = options.recordsMax;
    this.settledThrough = settledIn(this.#cursor);
  }

  get position(): SpoolPosition {
    return this.#cursor.value;
  }

  async step(signal: AbortSignal): Promise<Step> {
    try {
      return await this.#step(signal);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#options.report({ type: 'trouble', directory: this.directory, reason });
      return { type: 'wait', waitMs: this.#options.backoff.next() };
    }
  }

  async #step(signal: AbortSignal): Promise<Step> {
    const batch = this.#nextBatch();
    if (batch === undefined) return { type: 'idle' };
    const headerLine = this.#header();
    if (headerLine === undefined) throw new Error('no header line can be read');
    const verdict = await deliver(this.#options.delivery, { headerLine, batch, signal });
    switch (verdict.type) {
      case 'accepted':
        return this.#accept(batch, verdict);
      case 'too-large':
        return this.#split(batch);
      case 'denied':
        return this.#deny(verdict);
      case 'retry':
        return this.#retry(verdict.reason, verdict.waitMs);
    }
  }

  #nextBatch(): Batch | undefined {
    const { directory, disk, bytesMax, verifiedOnly } = this.#options;
    const until = this.#options.until();
    return nextBatch({
      directory,
      disk,
      until,
      bytesMax,
      verifiedOnly,
      from: this.#cursor.value,
      recordsMax: this.#recordsMax,
      onDamage: (damage) => this.#tellDamage(damage),
    });
  }

  #header(): string | undefined {
    const { directory, disk, fallbackHeader } = this.#options;
    this.#headerLine ??= readHeaderLine({ directory, disk }) ?? fallbackHeader;
    return this.#headerLine;
  }

  async #accept(batch: Batch, verdict: Extract<Verdict, { type: 'accepted' }>): Promise<Step> {
    const lastSent = batch.lines.findLast((line) => line.seq <= verdict.through);
    if (lastSent === undefined) return this.#retry(`accepted only through ${verdict.through}`, undefined);
    const isWhole = lastSent.seq === batch.lastSeq;
    this.#keepRejected(verdict.rejected, batch);
    await this.#advance(isWhole ? batch.to : lastSent.end, lastSent.seq);
    const { lines } = batch;
    this.counts.sent += isWhole ? lines.length : lines.indexOf(lastSent) + 1;
    this.counts.batches += 1;
    this.#recover();
    this.#recordsMax = Math.min(this.#recordsMax * 2, this.#options.recordsMax);
    return { type: 'sent', isFull: batch.isFull || !isWhole };
  }

  #keepRejected(rejected: readonly Rejected[], batch: Batch): void {
    const records = this.#rejects.keep(rejected, batch.lines);
    if (records === 0) return;
    this.counts.rejected += records;
    this.#options.report({ type: 'rejected', directory: this.directory, records });
  }

  async #advance(to: SpoolPosition, seq: number): Promise<void> {
    const { segment, offset } = to;
    await this.#cursor.writeLater({ segment, offset, extra: { settled: seq } });
    this.settledThrough = Math.max(this.settledThrough, seq);
  }

  /** 413: half as many records; a single one that is still too large is kept aside and passed over. */
  async #split(batch: Batch): Promise<Step> {
    const [only, ...others] = batch.lines;
    if (only === undefined || others.length > 0) {
      this.#recordsMax = Math.ceil(batch.lines.length / 2);
      return { type: 'sent', isFull: true };
    }
    this.#keepRejected(
      [{ seq: only.seq, code: 'too_large', reason: 'the server takes no body of this size' }],
      batch,
    );
    await this.#advance(batch.to, only.seq);
    return { type: 'sent', isFull: true };
  }

  #deny(verdict: Extract<Verdict, { type: 'denied' }>): Step {
    const { status, reason, waitMs } = verdict;
    this.counts.failures += 1;
    if (!this.#isDenied) this.#options.report({ type: 'denied', directory: this.directory, status, reason });
    this.#isDenied = true;
    return { type: 'wait', waitMs };
  }

  #retry(reason: string, serverWaitMs: number | undefined): Step {
    const { backoff, report } = this.#options;
    this.counts.failures += 1;
    const isFirst = backoff.failures === 0;
    const ownWaitMs = backoff.next();
    const waitMs = Math.max(serverWaitMs ?? 0, ownWaitMs);
    if (isFirst) report({ type: 'unreachable', directory: this.directory, reason, waitMs });
    return { type: 'wait', waitMs };
  }

  #recover(): void {
    const { backoff, report } = this.#options;
    const { failures } = backoff;
    backoff.reset();
    this.#isDenied = false;
    if (failures > 0) report({ type: 'reachable', directory: this.directory, failures });
  }

  /** The same damage is met at every reading of its segment and told once. */
  #tellDamage(lost: Damage): void {
    const name = `${lost.segment}:${lost.from}`;
    if (this.#damageTold.has(name)) return;
    this.#damageTold.add(name);
    this.#options.report({ type: 'damaged', directory: this.directory, lost });
  }
}

function settledIn(cursor: Cursor): number {
  const { extra } = cursor.value;
  if (typeof extra !== 'object' || extra === null || !('settled' in extra)) return 0;
  return typeof extra['settled'] === 'number' ? extra['settled'] : 0;
}
