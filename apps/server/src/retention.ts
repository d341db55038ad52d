/**
 * Retention, per class: by days, and by disk (rows and segments together; the oldest day goes first, the newest stays).
 *
 * Rows go before their segments, so that a store that is filled again holds nothing that was gone. A segment goes when all
 * its records have gone, the store has no more need of it, and the ledger's snapshot covers it: numbers outlive segments.
 */
import { KINDS, type Kind } from '@sillok/record';
import { listSegments, removeSegment, type SegmentInfo, type SpoolPosition } from '@sillok/spool';
import type { Store } from '@sillok/store';

import type { Config } from './config.js';
import { DAY_MS } from './limits.js';
import type { Log } from './log.js';
import type { Metrics } from './metrics.js';
import type { SegmentFacts } from './queue/segment-facts.js';

export interface RetentionDeps {
  readonly retention: Config['retention'];
  readonly store: Store;
  readonly facts: SegmentFacts;
  readonly log: Log;
  readonly metrics: Metrics;
  directoryOf(kind: Kind): string;
  /** All its records are in the store, and the ledger does without it. */
  isDone(kind: Kind, segment: number): boolean;
  onDayGone(kind: Kind, day: string): void;
  readonly nowMs?: number;
}

type Partition = Awaited<ReturnType<Store['partitions']>>[number];

/** Once over all classes. */
export async function applyRetention(deps: RetentionDeps): Promise<void> {
  const partitions = await deps.store.partitions();
  for (const kind of KINDS) {
    const own = partitions.filter((partition) => partition.class === kind);
    await applyToClass(
      deps,
      kind,
      own.toSorted((a, b) => (a.day < b.day ? -1 : 1)),
    );
  }
}

async function applyToClass(
  deps: RetentionDeps,
  kind: Kind,
  partitions: readonly Partition[],
): Promise<void> {
  const { days, diskBytes } = deps.retention[kind];
  const nowMs = deps.nowMs ?? Date.now();
  const cutoff = firstDayKept(days, nowMs);
  const kept: Partition[] = [];
  for (const partition of partitions) {
    if (partition.day < cutoff) await dropDay(deps, kind, partition);
    else kept.push(partition);
  }
  removeSegments(deps, { kind, isGone: (lastDay) => lastDay < cutoff });
  if (diskBytes > 0) await applyDiskLimit(deps, { kind, kept, diskBytes });
}

/** `2026-01-31`; empty when all days are kept. */
export function firstDayKept(days: number, nowMs: number): string {
  return days === 0 ? '' : new Date(nowMs - days * DAY_MS).toISOString().slice(0, 10);
}

interface DiskLimit {
  readonly kind: Kind;
  /** Oldest first. */
  readonly kept: readonly Partition[];
  readonly diskBytes: number;
}

async function applyDiskLimit(deps: RetentionDeps, { kind, kept, diskBytes }: DiskLimit): Promise<void> {
  let rowBytes = kept.reduce((sum, { bytes }) => sum + bytes, 0);
  for (const partition of kept.slice(0, -1)) {
    const segmentBytes = segmentsOf(deps, kind).reduce((sum, { bytes }) => sum + bytes, 0);
    if (rowBytes + segmentBytes <= diskBytes) return;
    await dropDay(deps, kind, partition);
    rowBytes -= partition.bytes;
    removeSegments(deps, { kind, isGone: (lastDay) => lastDay <= partition.day });
  }
}

async function dropDay(
  { store, log, metrics, onDayGone }: RetentionDeps,
  kind: Kind,
  { day, rows }: Partition,
): Promise<void> {
  onDayGone(kind, day);
  await store.dropDay(kind, day);
  metrics.counter('sillok_records_expired_total', 'Records removed by retention', { class: kind }).add(rows);
  log.info('a day has expired', { class: kind, day, rows });
}

function removeSegments(
  deps: RetentionDeps,
  { kind, isGone }: { kind: Kind; isGone: (lastDay: string) => boolean },
): void {
  const directory = deps.directoryOf(kind);
  const removed: { kind: Kind; segment: number }[] = [];
  let expired = 0;
  // The newest is the one that is being written.
  for (const segment of segmentsOf(deps, kind).slice(0, -1)) {
    if (!segment.sealed || !deps.isDone(kind, segment.segment)) break;
    const { lastDay, records } = deps.facts.of(kind, { ...segment, directory });
    if (records > 0 && !isGone(lastDay)) {
      // Of the audit log only its beginning may go: a hole in the middle is what somebody makes who hides something.
      if (kind === 'audit') break;
      continue;
    }
    removeSegment({ directory, segment: segment.segment });
    removed.push({ kind, segment: segment.segment });
    if (records > 0) expired += 1;
  }
  deps.facts.forget(removed);
  // Segments without a record (one per start of a class that nobody uses) go without a word.
  if (expired > 0) deps.log.info('segments have expired', { class: kind, segments: expired });
}

function segmentsOf({ directoryOf }: RetentionDeps, kind: Kind): SegmentInfo[] {
  return listSegments({ directory: directoryOf(kind) });
}

/** Whether nothing waits in a segment. `next`: the first batch that waits. */
export function isBehind(segment: number, next: SpoolPosition | undefined): boolean {
  return next === undefined || next.segment > segment;
}
