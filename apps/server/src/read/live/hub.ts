/**
 * All readers of the live tail. It listens to the queue only while somebody reads, and hands each batch to the readers
 * of its project; decoding happens once per batch and only for those.
 */
import type { RecordState } from '../../seams.js';
import { LIVE_HEARTBEAT_MS } from '../limits.js';
import type { LiveReader } from './reader.js';

export interface LiveHub {
  /** Returns what ends it. */
  add(reader: LiveReader): () => void;
  readonly count: number;
}

export function createHub(state: RecordState): LiveHub {
  const readers = new Set<LiveReader>();
  let stop: (() => void) | undefined;

  function start(): () => void {
    const unsubscribe = state.onAdmitted((batch) => {
      for (const reader of readers) if (reader.project === batch.project) reader.admitted(batch);
    });
    const timer = setInterval(() => {
      for (const reader of readers) reader.heartbeat();
    }, LIVE_HEARTBEAT_MS);
    timer.unref();
    return () => {
      unsubscribe();
      clearInterval(timer);
    };
  }

  return {
    add(reader) {
      readers.add(reader);
      stop ??= start();
      return () => {
        readers.delete(reader);
        if (readers.size > 0) return;
        stop?.();
        stop = undefined;
      };
    },
    get count() {
      return readers.size;
    },
  };
}
