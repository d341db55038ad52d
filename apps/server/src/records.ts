/**
 * The rooms that hold records, put together: ledger, queue, admission, visibility, writer. Opened from disk at start;
 * knows nothing of HTTP.
 */
import { existsSync } from 'node:fs';

import { createClock, KINDS, newBoot, type Clock, type Kind } from '@sillok/record';
import { listSegments, SPOOL_START, type Disk, type SpoolPosition } from '@sillok/spool';

import { Committer, type CommittedBlock } from './admit/commit.js';
import { createConflicts } from './admit/conflicts.js';
import { ContentWindow } from './admit/content-window.js';
import { createForeignAdmission, type ForeignAdmission } from './admit/foreign.js';
import type { FirstTouch } from './admit/first-touch.js';
import { createNativeAdmission } from './admit/native.js';
import { createAside } from './aside.js';
import type { Ballast } from './ballast.js';
import type { Config } from './config.js';
import { ExpiredDays } from './expired.js';
import type { DataPaths } from './filenames.js';
import { Ledger } from './ledger/ledger.js';
import { loadSnapshot, saveSnapshot } from './ledger/snapshot.js';
import { PLACES_SEGMENTS } from './limits.js';
import type { Log } from './log.js';
import type { Metrics } from './metrics.js';
import { Places } from './queue/places.js';
import { Queue } from './queue/queue.js';
import { readBatches } from './queue/read-batches.js';
import { walkSegment } from './queue/walk.js';
import type { Admission, RecordState } from './seams.js';
import { LiveFeed } from './state/live-feed.js';
import { bootKey, createState } from './state/state.js';
import { Visibility } from './state/visibility.js';

export interface RecordsOptions {
  readonly paths: DataPaths;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly ballast: Ballast;
  readonly firstTouch: FirstTouch;
  readonly retention: Config['retention'];
  readonly disk?: Disk;
  readonly segmentBytesMax?: number;
  /** For tests: the server's own clock. */
  readonly nowMs?: () => number;
  /** Nothing can be acknowledged any more: stop. */
  onQueueFailure(error: unknown): void;
}

export interface Records {
  readonly admission: Admission;
  /** Records of the server itself; on disk when it returns, also while the disk is nearly full. */
  readonly admitNow: ForeignAdmission['admitNow'];
  readonly state: RecordState;
  readonly queue: Queue;
  readonly ledger: Ledger;
  readonly visibility: Visibility;
  readonly expired: ExpiredDays;
  readonly boot: string;
  /** Up to where the ledger's snapshot reaches: segments before it may go. */
  readonly covered: ReadonlyMap<Kind, SpoolPosition>;
  saveLedger(): Promise<void>;
  close(): Promise<void>;
}

export async function openRecords(options: RecordsOptions): Promise<Records> {
  const { paths, log, metrics } = options;
  const boot = newBoot();
  const clock = createClock(clockOf(options.nowMs));
  const queue = openQueue(options, boot);
  const places = new Places();
  const fresh = () => ({ ledger: new Ledger(), contents: new ContentWindow() });
  const { ledger, contents, positions } = await loadSnapshot(paths.ledger, fresh, log);
  replayHeaders({ queue, ledger, contents, places, positions, log });

  const visibility = new Visibility();
  const feed = new LiveFeed(queue);
  const pieces = new WeakMap<CommittedBlock, readonly Buffer[]>();
  const committer = new Committer({
    queue,
    ledger,
    clock,
    onAppended: (block, lines) => {
      const { header, from, to } = block;
      places.add(header, { from, to });
      contents.record(header);
      if (feed.hasListeners) pieces.set(block, lines);
      visibility.taken({ kind: header.class, time: header.observed_time, to, boot: bootKey(header) });
    },
    onSafe: (block) => feed.publish(block.header, { from: block.from, lines: pieces.get(block) ?? [] }),
  });
  const covered = new Map(positions);
  const saveLedger = async (): Promise<void> => {
    const written = positionsOf((kind) => queue.written(kind));
    if (existsSync(paths.ledger) && isSame(written, covered)) return;
    const now = { ledger, contents, positions: written, synced: () => queue.sync(KINDS) };
    await saveSnapshot(paths.ledger, now);
    for (const [kind, position] of written) covered.set(kind, position);
  };
  const { firstTouch } = options;
  const expired = new ExpiredDays(options.retention);
  const parts = {
    firstTouch,
    expired,
    paths,
    log,
    metrics,
    queue,
    places,
    ledger,
    committer,
    contents,
    clock,
    boot,
  };
  const foreign = createForeignAdmission(parts);
  return {
    admission: createAdmission(parts, foreign),
    admitNow: foreign.admitNow,
    state: createState({ ledger, visibility, feed, clock }),
    queue,
    ledger,
    visibility,
    expired,
    boot,
    covered,
    saveLedger,
    async close() {
      await saveLedger();
      await queue.close();
    },
  };
}

/** A clock that jumps must take its monotonic side along, or it would be followed only after a second. */
function clockOf(nowMs: (() => number) | undefined): Parameters<typeof createClock>[0] {
  if (nowMs === undefined) return {};
  return { wallNowMs: nowMs, monotonicNs: () => BigInt(Math.trunc(nowMs() * 1000)) * 1000n };
}

function openQueue(
  { paths, ballast, onQueueFailure, disk, segmentBytesMax }: RecordsOptions,
  boot: string,
): Queue {
  return new Queue({
    directory: paths.queue,
    boot,
    onFailure: onQueueFailure,
    tryFreeSpace: () => ballast.giveUp(),
    ...(disk && { disk }),
    ...(segmentBytesMax !== undefined && { segmentBytesMax }),
  });
}

interface AdmissionParts extends Pick<RecordsOptions, 'paths' | 'log' | 'metrics' | 'firstTouch'> {
  readonly queue: Queue;
  readonly places: Places;
  readonly ledger: Ledger;
  readonly committer: Committer;
  readonly contents: ContentWindow;
  readonly expired: ExpiredDays;
  readonly clock: Clock;
  readonly boot: string;
}

function createAdmission(parts: AdmissionParts, foreign: ForeignAdmission): Admission {
  const { firstTouch, expired, paths, log, metrics, queue, places, ledger, committer } = parts;
  const counter = metrics.counter(
    'sillok_identity_conflicts_total',
    'Records kept aside: their identity was taken',
  );
  const conflicts = createConflicts({
    places,
    directoryOf: (kind) => queue.directoryOf(kind),
    aside: createAside({ path: paths.conflicts, log, counter }),
    unchecked: metrics.counter('sillok_known_unchecked_total', 'Known records that were not compared'),
  });
  return {
    admitNative: createNativeAdmission({ firstTouch, expired, ledger, committer, conflicts, metrics }),
    admitForeign: foreign.admit,
  };
}

interface Replay {
  readonly queue: Queue;
  readonly ledger: Ledger;
  readonly contents: ContentWindow;
  readonly places: Places;
  readonly positions: ReadonlyMap<Kind, SpoolPosition>;
  readonly log: Log;
}

/** What was taken after the snapshot. Headers only; records are jumped over. */
function replayHeaders({ queue, ledger, contents, places, positions, log }: Replay): void {
  for (const kind of KINDS) {
    const from = positions.get(kind) ?? SPOOL_START;
    rememberPlaces(places, { directory: queue.directoryOf(kind), until: from });
    const onDamage = (damage: object) =>
      log.error('the queue is damaged; the stretch is passed over', { kind, ...damage });
    for (const batch of readBatches({ directory: queue.directoryOf(kind), from, onDamage })) {
      ledger.record(batch.header);
      contents.record(batch.header);
      places.add(batch.header, batch);
    }
  }
}

/** The latest batches before the snapshot, so that a record sent again can be compared after a restart too. */
function rememberPlaces(
  places: Places,
  { directory, until }: { directory: string; until: SpoolPosition },
): void {
  const plain = listSegments({ directory }).filter(
    (each) => !each.compressed && each.segment <= until.segment,
  );
  for (const { segment, path, bytes } of plain.slice(-PLACES_SEGMENTS)) {
    const end = segment === until.segment ? until.offset : bytes;
    walkSegment({ path, from: 0, until: end }, (batch) => {
      places.add(batch.header, {
        from: { segment, offset: batch.start },
        to: { segment, offset: batch.end },
      });
      return true;
    });
  }
}

function isSame(a: ReadonlyMap<Kind, SpoolPosition>, b: ReadonlyMap<Kind, SpoolPosition>): boolean {
  return KINDS.every((kind) => {
    const [left, right] = [a.get(kind), b.get(kind)];
    return left?.segment === right?.segment && left?.offset === right?.offset;
  });
}

function positionsOf(of: (kind: Kind) => SpoolPosition): Map<Kind, SpoolPosition> {
  return new Map(KINDS.map((kind) => [kind, of(kind)]));
}
