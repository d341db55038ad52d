/**
 * Records given up by a client whose quota is full used their numbers; one record says which and why, in the attributes
 * `sillok.dropped.from`, `.to` and `.reason`. The ledger keeps them apart from gaps: nobody has to look for them.
 */
import { decodeRecord } from '@sillok/record';

import type { GivenUp } from '../queue/header.js';
import type { ReadBatch } from './read-batch.js';

const MARK = '"sillok.dropped.from"';

export function droppedOf(batch: ReadBatch): GivenUp[] {
  const bodyHasIt = batch.body.includes(MARK);
  if (!bodyHasIt && batch.rewritten.size === 0) return [];
  return batch.seqs.flatMap((_, index) => {
    const line = lineOf(batch, index);
    return line.includes(MARK) ? readDropped(line, batch.timesUs[index] ?? 0) : [];
  });
}

function lineOf({ body, rewritten, starts, ends }: ReadBatch, index: number): Buffer {
  return rewritten.get(index) ?? body.subarray(starts[index], ends[index]);
}

function readDropped(line: Buffer, us: number): GivenUp[] {
  const { attributes = {} } = decodeRecord(line.toString('utf8'));
  const from = attributes['sillok.dropped.from'];
  const to = attributes['sillok.dropped.to'];
  const reason = attributes['sillok.dropped.reason'];
  if (typeof from !== 'number' || typeof to !== 'number' || !(from >= 1 && to >= from)) return [];
  if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to)) return [];
  return [{ why: typeof reason === 'string' ? reason : 'unknown', seqs: [from, to - from + 1], us }];
}
