/**
 * What has to be done again and again: save the ledger, expire, compress what is in the store, keep the ballast, and look at
 * the free space of the disk. Admission asks here whether there is room.
 */
import { ENDPOINT_COLUMNS } from '@sillok/query';
import { KINDS, type Kind } from '@sillok/record';
import { compressSegment, listSegments, SPOOL_START } from '@sillok/spool';

import { freeBytes, type Ballast } from './ballast.js';
import type { Config } from './config.js';
import type { EngineLink } from './engine-link.js';
import { diskFull } from './errors.js';
import type { DataPaths } from './filenames.js';
import {
  COMPRESS_LEVEL,
  COMPRESS_SEGMENTS_MAX,
  DISK_FULL_RETRY_AFTER_SECONDS,
  FREE_SPACE_INTERVAL_MS,
  ROLLUP_DAYS_MAX,
  ROLLUP_HOURS_MAX,
  UPKEEP_INTERVAL_MS,
} from './limits.js';
import type { Log } from './log.js';
import type { Metrics } from './metrics.js';
import { readBatches } from './queue/read-batches.js';
import { SegmentFacts } from './queue/segment-facts.js';
import type { Records } from './records.js';
import { applyRetention, isBehind } from './retention.js';
import type { Admission } from './seams.js';
import type { Writing } from './writing.js';

export interface UpkeepOptions {
  readonly config: Config;
  readonly paths: DataPaths;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly records: Records;
  readonly ballast: Ballast;
  readonly engine: EngineLink;
  readonly writing: Writing;
  /** For tests: the clock by which days expire. */
  readonly nowMs?: (() => number) | undefined;
}

export interface Upkeep {
  /** The same admission, closed while the disk is nearly full. */
  guard(admission: Admission): Admission;
  /** Now instead of at its time; resolves when it is done. */
  run(): Promise<void>;
  stop(): Promise<void>;
}

export function startUpkeep(options: UpkeepOptions): Upkeep {
  const { log, ballast, records } = options;
  const facts = new SegmentFacts(options.paths.segments);
  const space = watchSpace(options);
  let running = Promise.resolve();
  let isStopping = false;

  async function upkeep(): Promise<void> {
    ballast.restore();
    await records.saveLedger();
    if (isStopping) return;
    await expire(options, facts);
    await compress(options, () => isStopping);
    await rollUp(options, () => isStopping);
  }
  const run = (): Promise<void> => {
    running = running
      .then(upkeep)
      .catch((error: unknown) => log.error('upkeep failed; it is tried again', { error }));
    return running;
  };
  const timer = setInterval(() => void run(), UPKEEP_INTERVAL_MS);

  return {
    run,
    guard: (admission) => ({
      async admitNative(batch) {
        space.mustHaveRoom();
        return admission.admitNative(batch);
      },
      async admitForeign(batch) {
        space.mustHaveRoom();
        return admission.admitForeign(batch);
      },
    }),
    async stop() {
      isStopping = true;
      clearInterval(timer);
      space.stop();
      await running;
    },
  };
}

function watchSpace({ paths, config, log, metrics }: UpkeepOptions) {
  let free = freeBytes(paths.root);
  const hasRoom = () => free >= config.diskFreeBytesMin;
  metrics.gauge('sillok_disk_free_bytes', 'Free space on the data disk', () => free);
  const timer = setInterval(() => {
    const had = hasRoom();
    free = freeBytes(paths.root);
    if (had && !hasRoom()) log.error('the disk is nearly full; new records are refused', { free });
    if (!had && hasRoom()) log.info('the disk has room again; records are taken', { free });
  }, FREE_SPACE_INTERVAL_MS);
  return {
    mustHaveRoom(): void {
      if (!hasRoom()) throw diskFull(undefined, DISK_FULL_RETRY_AFTER_SECONDS);
    },
    stop: () => clearInterval(timer),
  };
}

/** Without a store nothing expires: rows go before their segments. */
async function expire(options: UpkeepOptions, facts: SegmentFacts): Promise<void> {
  const { config, engine, records, log, metrics, writing, nowMs } = options;
  if (!engine.status().ready || writing.progress.refilling) return;
  await applyRetention({
    retention: config.retention,
    store: engine.store(),
    facts,
    log,
    metrics,
    ...(nowMs === undefined ? {} : { nowMs: nowMs() }),
    directoryOf: (kind) => records.queue.directoryOf(kind),
    isDone: (kind, segment) => isInStore(options, { kind, segment }) && isCovered(options, { kind, segment }),
    onDayGone: (kind, day) => {
      writing.forgetDay(kind, day);
      records.expired.dayGone(kind, day);
    },
  });
}

interface OneSegment {
  readonly kind: Kind;
  readonly segment: number;
}

function isInStore({ writing, records }: UpkeepOptions, { kind, segment }: OneSegment): boolean {
  const visible = writing.progress.visible.get(kind) ?? SPOOL_START;
  return visible.segment > segment || isBehind(segment, nextBatch(records, kind, visible));
}

function nextBatch(records: Records, kind: Kind, from: typeof SPOOL_START): typeof SPOOL_START | undefined {
  for (const { from: at } of readBatches({ directory: records.queue.directoryOf(kind), from })) return at;
  return undefined;
}

function isCovered({ records }: UpkeepOptions, { kind, segment }: OneSegment): boolean {
  return (records.covered.get(kind) ?? SPOOL_START).segment > segment;
}

/** Hours that are over, for trends: they stay when their records have expired. */
async function rollUp({ config, engine, writing }: UpkeepOptions, isStopping: () => boolean): Promise<void> {
  if (!engine.status().ready || writing.progress.refilling || isStopping()) return;
  const { days } = config.retention.access;
  await engine.store().rollUp(ENDPOINT_COLUMNS, {
    nowMs: Date.now(),
    days: days === 0 ? ROLLUP_DAYS_MAX : days,
    hoursMax: ROLLUP_HOURS_MAX,
    isStopping,
  });
}

/** What is in the store and closed is read seldom: gzip level 1 takes 85 % of it away for little work. */
async function compress(options: UpkeepOptions, isStopping: () => boolean): Promise<void> {
  let left = COMPRESS_SEGMENTS_MAX;
  for (const kind of KINDS) {
    const directory = options.records.queue.directoryOf(kind);
    for (const { segment, sealed, compressed } of listSegments({ directory }).slice(0, -1)) {
      if (left === 0 || isStopping()) return;
      if (compressed || !sealed || !isInStore(options, { kind, segment })) continue;
      await compressSegment({ directory, segment, level: COMPRESS_LEVEL });
      left -= 1;
    }
  }
}
