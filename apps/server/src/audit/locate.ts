/**
 * Where an audit log differs from what it was. With the hashes of all its records as they were (proven by a checkpoint), each
 * changed, removed, added or moved record is named; without them, the stretch between two checkpoints.
 */
import type { Hash } from '@sillok/proof';

import { FINDING_RECORDS_MAX } from '../limits.js';

export interface FoundRecord {
  readonly leaf: Hash;
  /** The line, to say which record it is. */
  readonly line: string;
  readonly producer: string;
}

export type FindingKind = 'edited' | 'removed' | 'truncated' | 'added' | 'moved' | 'altered';

export interface AuditFinding {
  readonly kind: FindingKind;
  /** Places in the log, from 0; `to` exclusive. Of `added` ones where they stand now, of others where they stood. */
  readonly from: number;
  readonly to: number;
  /** What stands there now, as far as anything does. */
  readonly records: readonly { readonly producer: string; readonly line: string }[];
}

export interface Located {
  /** As they were; undefined when nothing proves that. */
  readonly leaves: readonly Hash[] | undefined;
  readonly found: readonly FoundRecord[];
  /** The largest held size that fits, and the first that does not. */
  readonly fits: number;
  readonly bad: number;
  /** Records that are there. */
  readonly size: number;
}

export function locate({ leaves, found, fits, bad, size }: Located): AuditFinding[] {
  if (leaves !== undefined) return compare(leaves, found);
  if (size < bad && size >= fits) {
    const cut: AuditFinding = { kind: 'truncated', from: size, to: bad, records: [] };
    return size === fits ? [cut] : [{ kind: 'altered', from: fits, to: size, records: [] }, cut];
  }
  return [{ kind: 'altered', from: fits, to: bad, records: [] }];
}

function compare(leaves: readonly Hash[], found: readonly FoundRecord[]): AuditFinding[] {
  const now = found.map(({ leaf }) => leaf);
  const places = placesOf(now);
  const before = placesOf(leaves);
  const missing = leaves.flatMap((leaf, index) => (places.has(leaf) ? [] : [index]));
  // Records behind the checkpoint are new, not added: only what stands among the old ones is.
  const lastKept = now.findLastIndex((leaf) => before.has(leaf));
  const added = now.flatMap((leaf, index) => (before.has(leaf) || index > lastKept ? [] : [index]));
  // Something else in the place of a record is that record, edited; also at the very end, where nothing kept stands behind it.
  const isOther = (place: number): boolean =>
    place < Math.max(lastKept + 1, leaves.length) && place < now.length && !before.has(now[place] ?? '');
  const findings: AuditFinding[] = [];
  const edited = new Set<number>();
  for (const index of missing) {
    const stand = placeOf(leaves, places, index);
    if (!isOther(stand) || edited.has(stand)) continue;
    edited.add(stand);
    findings.push(finding('edited', [index, index + 1], [found[stand]]));
  }
  const editedBefore = new Set(findings.map(({ from }) => from));
  const gone = missing.filter((index) => !editedBefore.has(index));
  for (const [from, to] of runsOf(gone)) {
    const isEnd = to === leaves.length && lastKept === now.length - 1;
    findings.push(finding(isEnd ? 'truncated' : 'removed', [from, to], []));
  }
  for (const [from, to] of runsOf(added.filter((index) => !edited.has(index)))) {
    findings.push(finding('added', [from, to], found.slice(from, to)));
  }
  findings.push(...movedOf(leaves, places, found));
  return findings.sort((a, b) => a.from - b.from);
}

/** Where a record that is missing would stand now: behind the nearest one before it that is still there. */
function placeOf(leaves: readonly Hash[], places: ReadonlyMap<Hash, number>, index: number): number {
  for (let before = index - 1; before >= 0; before -= 1) {
    const place = places.get(leaves[before] ?? '');
    if (place !== undefined) return place + (index - before);
  }
  return index;
}

/** Records that are there but not in their order: the fewest whose removal would leave the rest in order. */
function movedOf(
  leaves: readonly Hash[],
  places: ReadonlyMap<Hash, number>,
  found: readonly FoundRecord[],
): AuditFinding[] {
  const kept = leaves.flatMap((leaf, index) => {
    const place = places.get(leaf);
    return place === undefined ? [] : [{ index, place }];
  });
  const inOrder = longestRising(kept.map(({ place }) => place));
  return kept
    .filter((_, at) => !inOrder.has(at))
    .map(({ index, place }) => finding('moved', [index, index + 1], [found[place]]));
}

/** Indexes of a longest rising subsequence (patience sorting). */
function longestRising(values: readonly number[]): Set<number> {
  const ends: number[] = [];
  const previous: (number | undefined)[] = [];
  values.forEach((value, index) => {
    let low = 0;
    let high = ends.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((values[ends[middle] ?? 0] ?? 0) < value) low = middle + 1;
      else high = middle;
    }
    previous[index] = ends[low - 1];
    ends[low] = index;
  });
  const chosen = new Set<number>();
  for (let at = ends.at(-1); at !== undefined; at = previous[at]) chosen.add(at);
  return chosen;
}

function placesOf(leaves: readonly Hash[]): Map<Hash, number> {
  return new Map(leaves.map((leaf, index) => [leaf, index]));
}

function runsOf(indexes: readonly number[]): [number, number][] {
  const runs: [number, number][] = [];
  for (const index of indexes) {
    const last = runs.at(-1);
    if (last?.[1] === index) last[1] = index + 1;
    else runs.push([index, index + 1]);
  }
  return runs;
}

function finding(
  kind: FindingKind,
  [from, to]: readonly [number, number],
  records: readonly (FoundRecord | undefined)[],
): AuditFinding {
  const shown = records.slice(0, FINDING_RECORDS_MAX).flatMap((record) => {
    return record === undefined ? [] : [{ producer: record.producer, line: record.line }];
  });
  return { kind, from, to, records: shown };
}
