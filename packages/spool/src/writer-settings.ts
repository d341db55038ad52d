/** What a writer can be told, and the values it takes otherwise. */
import { encodeHeader, type SegmentHeader } from '@sillok/record';
import { nodeDisk, type Disk } from './disk.js';
import type { SpoolError } from './errors.js';
import * as limits from './limits.js';
import { nodeProcesses, type Processes } from './processes.js';
import type { QuotaPolicy, RemovedSegment } from './quota.js';
import { nodeTimers, type Timers } from './timers.js';

export interface SpoolWriterOptions {
  readonly directory: string;
  readonly header: SegmentHeader;
  readonly disk?: Disk | undefined;
  readonly clockMs?: (() => number) | undefined;
  /** Milliseconds and parts of them, for how long a sync takes. */
  readonly stopwatchMs?: (() => number) | undefined;
  readonly timers?: Timers | undefined;
  readonly processes?: Processes | undefined;
  /** `always`: every append is synced before it returns. */
  readonly sync?: 'group' | 'always' | undefined;
  /** At most 200. */
  readonly groupSyncMs?: number | undefined;
  readonly segmentBytesMax?: number | undefined;
  readonly segmentAgeMsMax?: number | undefined;
  readonly quotaBytes?: number | undefined;
  readonly quotaPolicy?: QuotaPolicy | undefined;
  /** A shipped segment was removed to stay within the quota. */
  readonly onDropped?: ((removed: RemovedSegment) => void) | undefined;
  /** The folder was removed while it was in use, and is there again with what was being written. */
  readonly onRestored?: (() => void) | undefined;
  /** The writer stopped for good. Also thrown by every later call. */
  readonly onError?: ((error: SpoolError) => void) | undefined;
}

export type WriterSettings = ReturnType<typeof withDefaults>;

export function withDefaults(options: SpoolWriterOptions) {
  const { groupSyncMs = limits.GROUP_SYNC_MS_DEFAULT, segmentBytesMax = limits.SEGMENT_BYTES_DEFAULT } =
    options;
  return {
    directory: options.directory,
    headerLine: encodeHeader({ ...options.header }),
    disk: options.disk ?? nodeDisk,
    clockMs: options.clockMs ?? Date.now,
    stopwatchMs: options.stopwatchMs ?? (() => performance.now()),
    timers: options.timers ?? nodeTimers,
    processes: options.processes ?? nodeProcesses,
    isAlways: options.sync === 'always',
    groupSyncMs: Math.min(groupSyncMs, limits.GROUP_SYNC_MS_MAX),
    segmentBytesMax: Math.max(segmentBytesMax, limits.SEGMENT_BYTES_MIN),
    segmentAgeMsMax: options.segmentAgeMsMax ?? limits.SEGMENT_AGE_MS_DEFAULT,
    quotaBytes: options.quotaBytes ?? limits.QUOTA_BYTES_DEFAULT,
    quotaPolicy: options.quotaPolicy ?? 'drop-oldest-shipped',
    onDropped: options.onDropped,
    onRestored: options.onRestored,
    onError: options.onError,
  };
}
