/**
 * The leaves of one segment of the audit queue, in order: what a thread works out for a verification. The order of segments
 * and the tree itself are put together by `verify.ts`.
 */
import { HASH_BYTES, hashLines } from '@sillok/proof';
import type { Damage } from '@sillok/spool';

import { VERIFY_WINDOW_BYTES } from '../limits.js';
import { leafPrefix } from './leaf.js';
import { readEntries } from './read-entries.js';

/** A stretch of records of one project. */
export interface LeafRun {
  readonly project: string;
  readonly count: number;
}

export interface SegmentLeaves {
  readonly segment: number;
  readonly runs: readonly LeafRun[];
  /** Of all runs, one hash after the other. */
  readonly leaves: Buffer;
  readonly damage: readonly Damage[];
}

const START_LEAVES = 4096;

export function leavesOfSegment(directory: string, segment: number): SegmentLeaves {
  const damage: Damage[] = [];
  const runs: { project: string; count: number }[] = [];
  let leaves = Buffer.allocUnsafe(START_LEAVES * HASH_BYTES);
  let bytes = 0;
  const range = {
    from: { segment, offset: 0 },
    until: { segment: segment + 1, offset: 0 },
    windowBytes: VERIFY_WINDOW_BYTES,
  };
  for (const { header, records } of readEntries(directory, (each) => damage.push(each), range)) {
    const last = runs.at(-1);
    const run = last?.project === header.project ? last : { project: header.project, count: 0 };
    if (run !== last) runs.push(run);
    const prefix = leafPrefix(header);
    let count = hashLines(prefix, records, leaves.subarray(bytes));
    for (; count < 0; count = hashLines(prefix, records, leaves.subarray(bytes))) {
      leaves = Buffer.concat([leaves], leaves.length * 2);
    }
    bytes += count * HASH_BYTES;
    run.count += count;
  }
  return { segment, runs, leaves: leaves.subarray(0, bytes), damage };
}
