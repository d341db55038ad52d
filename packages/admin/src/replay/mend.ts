/** Writes what the drift report named, in batches, and looks again afterwards. Killed in between, it is run again and does the rest. */
import { ScriptError } from '../errors.js';
import { REPLAY_BATCH_ENTITIES } from '../limits.js';
import type { Replay } from './define.js';
import { driftOf, type Drift, type DriftReport } from './drift.js';
import type { Source } from './source.js';

export interface Mended {
  readonly written: number;
  readonly deleted: number;
  /** What differs still, or again: somebody else writes there, or the sink did not take it. */
  readonly left: readonly Drift[];
}

export interface Mending {
  readonly replay: Replay;
  readonly source: Source;
  readonly signal: AbortSignal;
  /** Called after each batch with how many are done. */
  readonly onProgress?: (done: number) => void;
}

export async function mend(mending: Mending, { drifts }: DriftReport): Promise<Mended> {
  const { replay, source, signal, onProgress } = mending;
  let done = 0;
  for (let at = 0; at < drifts.length; at += REPLAY_BATCH_ENTITIES) {
    if (signal.aborted) throw stopped(done, drifts.length);
    const batch = drifts.slice(at, at + REPLAY_BATCH_ENTITIES);
    await replay.sink.write(batch.map(({ id, document }) => ({ id, document })));
    done += batch.length;
    onProgress?.(done);
  }
  const ids = drifts.map(({ id }) => id);
  const { drifts: left } = ids.length === 0 ? { drifts: [] } : await driftOf(replay, source, { ids });
  const deleted = drifts.filter(({ document }) => document === undefined).length;
  return { written: drifts.length - deleted, deleted, left };
}

function stopped(done: number, count: number): ScriptError {
  return new ScriptError(
    'not_mended',
    `Stopped: ${done} of ${count} are mended.`,
    'Run it again: it does what is left.',
  );
}
