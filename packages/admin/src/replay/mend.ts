/**
 * Writes what the drift report named, in batches, and looks again afterwards. Killed in between, it is run again and does the rest. A
 * document that the sink refuses is named, and the others go on.
 */
import { ScriptError } from '../errors.js';
import { REPLAY_BATCH_ENTITIES, REPLAY_REFUSALS_BEFORE_AWAY } from '../limits.js';
import type { Replay, Sink, SinkRefusal, SinkWrite } from './define.js';
import { driftOf, type Drift, type DriftReport } from './drift.js';
import type { Source } from './source.js';

export interface Mended {
  readonly written: number;
  readonly deleted: number;
  /** What differs still, or again: somebody else writes there, or the sink did not take it. */
  readonly left: readonly Drift[];
  /** Why, of those that the sink refused. */
  readonly refused: readonly SinkRefusal[];
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
  const refused: SinkRefusal[] = [];
  let done = 0;
  for (let at = 0; at < drifts.length; at += REPLAY_BATCH_ENTITIES) {
    if (signal.aborted) throw stopped(done, drifts.length);
    const batch = drifts.slice(at, at + REPLAY_BATCH_ENTITIES);
    const writes = batch.map(({ id, document }) => ({ id, document }));
    refused.push(...(await writeBatch(replay.sink, writes)));
    done += batch.length;
    onProgress?.(done);
  }
  const ids = drifts.map(({ id }) => id);
  const { drifts: left } = ids.length === 0 ? { drifts: [] } : await driftOf(replay, source, { ids });
  const names = new Set(refused.map(({ id }) => id));
  const taken = drifts.filter(({ id }) => !names.has(id));
  const deleted = taken.filter(({ document }) => document === undefined).length;
  return { written: taken.length - deleted, deleted, left, refused };
}

/** What of a batch is refused. Rejects when the sink is away. */
async function writeBatch(sink: Sink, batch: readonly SinkWrite[]): Promise<readonly SinkRefusal[]> {
  try {
    return (await sink.write(batch)) ?? [];
  } catch (error) {
    return writeOneByOne(sink, batch, error);
  }
}

/** One of the batch may be at fault, where a sink cannot say which. When it takes none of the first ones, it is away. */
async function writeOneByOne(
  sink: Sink,
  batch: readonly SinkWrite[],
  failure: unknown,
): Promise<readonly SinkRefusal[]> {
  const refused: SinkRefusal[] = [];
  let taken = 0;
  for (const write of batch.length === 1 ? [] : batch) {
    const refusals = await sink
      .write([write])
      .catch((error: unknown) => [{ id: write.id, reason: textOf(error) }]);
    refused.push(...(refusals ?? []));
    if ((refusals ?? []).length === 0) taken += 1;
    if (taken === 0 && refused.length >= REPLAY_REFUSALS_BEFORE_AWAY) break;
  }
  if (taken === 0) throw failure;
  return refused;
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function stopped(done: number, count: number): ScriptError {
  return new ScriptError(
    'not_mended',
    `Stopped: ${done} of ${count} are mended.`,
    'Run it again: it does what is left.',
  );
}
