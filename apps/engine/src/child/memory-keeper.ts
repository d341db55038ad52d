/**
 * Gives freed memory back to the system while the child is large.
 *
 * The allocator inside the library keeps freed pages for seconds: under a fast run of inserts 140 MiB in use were 300
 * resident. It takes no settings from outside (MALLOC_CONF has no effect on this build), but it can be told to let go,
 * which took 219 MiB to 49. Done only above a size, because pages that are needed again at once cost page faults.
 */
import { PURGE_ABOVE_BYTES, PURGE_INTERVAL_MS } from '../limits.js';

export interface MemoryKeeperDeps {
  readonly residentBytes: () => number;
  readonly purge: () => Promise<void>;
}

/** Runs for the life of the child; the returned function ends it. */
export function keepMemorySmall({ residentBytes, purge }: MemoryKeeperDeps): () => void {
  let isPurging = false;
  const timer = setInterval(() => {
    if (isPurging || residentBytes() < PURGE_ABOVE_BYTES) return;
    isPurging = true;
    purge().then(
      () => (isPurging = false),
      // Another allocator: nothing to purge, so not asked again.
      () => clearInterval(timer),
    );
  }, PURGE_INTERVAL_MS);
  return () => clearInterval(timer);
}
