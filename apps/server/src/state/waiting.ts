/**
 * Tells visibility, at start and when the store is filled again, what waits in the queue. Only the first batch of each
 * segment is looked at, and the last segment whole: for the past, freshness by the segment is enough.
 */
import type { Kind } from '@sillok/record';
import { listSegments, type SpoolPosition } from '@sillok/spool';

import { readBatches, type ReadBatchBlock } from '../queue/read-batches.js';
import type { Visibility } from './visibility.js';

export interface Waiting {
  readonly visibility: Visibility;
  directoryOf(kind: Kind): string;
}

export function markWaiting(
  { visibility, directoryOf }: Waiting,
  visible: ReadonlyMap<Kind, SpoolPosition>,
): void {
  const before = new Map<Kind, SpoolPosition>();
  for (const [kind, from] of visible) {
    const last = markClass({ visibility, directory: directoryOf(kind), kind }, from);
    if (last !== undefined) before.set(kind, last);
  }
  visibility.startFrom(before);
  visibility.advance(visible);
}

interface ClassStream {
  readonly visibility: Visibility;
  readonly directory: string;
  readonly kind: Kind;
}

/** The end of the last batch that waits; undefined when none does. */
function markClass(
  { visibility, directory, kind }: ClassStream,
  from: SpoolPosition,
): SpoolPosition | undefined {
  const segments = listSegments({ directory }).map(({ segment }) => segment);
  const starts = segments
    .filter((segment) => segment >= from.segment)
    .flatMap((segment) => {
      const first = firstBatch(directory, segment === from.segment ? from : { segment, offset: 0 });
      return first === undefined ? [] : [first];
    });
  const last = starts[starts.length - 1];
  if (last === undefined) return undefined;
  const end = endOfLastBatch(directory, last.from);
  for (const { header, from: start } of starts) {
    const to =
      start.segment === end.segment ? end : { segment: start.segment, offset: Number.MAX_SAFE_INTEGER };
    visibility.mark(kind, { time: header.observed_time, to });
  }
  return end;
}

/** The first batch in the segment at or after a position. */
function firstBatch(directory: string, from: SpoolPosition): ReadBatchBlock | undefined {
  for (const batch of readBatches({ directory, from, unproven: true })) {
    if (batch.from.segment !== from.segment) return undefined;
    if (batch.header.count > 0) return batch;
  }
  return undefined;
}

function endOfLastBatch(directory: string, from: SpoolPosition): SpoolPosition {
  let end = from;
  for (const batch of readBatches({ directory, from, unproven: true }))
    if (batch.header.count > 0) end = batch.to;
  return end;
}
