/**
 * Records given up by a client whose quota is full used their numbers; one record says which and why, in the attributes
 * `sillok.dropped.from`, `.to` and `.reason`. The ledger keeps them apart from gaps: nobody has to look for them.
 */
import { decodeRecord } from '@sillok/record';

import type { GivenUp } from '../queue/header.js';
import type { ReadBatch } from './read-batch.js';
import { DROPPED_FROM } from './scan-line.js';

export function droppedOf(batch: ReadBatch): GivenUp[] {
  return batch.drops.flatMap((index) => readDropped(lineOf(batch, index), batch.timesUs[index] ?? 0));
}

function lineOf({ body, rewritten, starts, ends }: ReadBatch, index: number): Buffer {
  return rewritten.get(index) ?? body.subarray(starts[index], ends[index]);
}

function readDropped(line: Buffer, us: number): GivenUp[] {
  const { attributes = {} } = decodeRecord(line.toString('utf8'));
  const from = attributes[DROPPED_FROM];
  const to = attributes['sillok.dropped.to'];
  const reason = attributes['sillok.dropped.reason'];
  if (typeof from !== 'number' || typeof to !== 'number' || !(from >= 1 && to >= from)) return [];
  if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to)) return [];
  return [{ why: typeof reason === 'string' ? reason : 'unknown', seqs: [from, to - from + 1], us }];
}
