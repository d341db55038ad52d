/**
 * What has to be done again and again: look at the free space of the disk, save the ledger, keep the ballast.
 * Admission asks here whether there is room.
 */
import type { Ballast } from './ballast.js';
import { freeBytes } from './ballast.js';
import type { Config } from './config.js';
import type { EngineLink } from './engine-link.js';
import { diskFull } from './errors.js';
import type { DataPaths } from './filenames.js';
import { DISK_FULL_RETRY_AFTER_SECONDS, FREE_SPACE_INTERVAL_MS, UPKEEP_INTERVAL_MS } from './limits.js';
import type { Log } from './log.js';
import type { Metrics } from './metrics.js';
import type { Records } from './records.js';
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
}

export interface Upkeep {
  /** The same admission, closed while the disk is nearly full. */
  guard(admission: Admission): Admission;
  stop(): Promise<void>;
}

export function startUpkeep({ config, paths, log, metrics, records, ballast }: UpkeepOptions): Upkeep {
  let free = freeBytes(paths.root);
  let running = Promise.resolve();
  const hasRoom = () => free >= config.diskFreeBytesMin;
  metrics.gauge('sillok_disk_free_bytes', 'Free space on the data disk', () => free);

  const spaceTimer = setInterval(() => {
    const had = hasRoom();
    free = freeBytes(paths.root);
    if (had && !hasRoom()) log.error('the disk is nearly full; new records are refused', { free });
    if (!had && hasRoom()) log.info('the disk has room again; records are taken', { free });
  }, FREE_SPACE_INTERVAL_MS);
  const timer = setInterval(() => {
    running = running.then(() => upkeep()).catch((error: unknown) => log.error('upkeep failed', { error }));
  }, UPKEEP_INTERVAL_MS);

  async function upkeep(): Promise<void> {
    ballast.restore();
    await records.saveLedger();
  }

  function mustHaveRoom(): void {
    if (!hasRoom()) throw diskFull(undefined, DISK_FULL_RETRY_AFTER_SECONDS);
  }

  return {
    guard: (admission) => ({
      async admitNative(batch) {
        mustHaveRoom();
        return admission.admitNative(batch);
      },
      async admitForeign(batch) {
        mustHaveRoom();
        return admission.admitForeign(batch);
      },
    }),
    async stop() {
      clearInterval(timer);
      clearInterval(spaceTimer);
      await running;
    },
  };
}
