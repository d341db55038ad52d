/**
 * A set of sequence numbers as sorted, disjoint stretches, with the time at both ends of each.
 *
 * A well-behaved producer is one stretch for its whole life: adding to its end is all the work. Shuffled or withheld
 * records make many; then a batch is merged in one linear pass, never number by number.
 */

import { STRETCH_SPLICES_MAX } from '../limits.js';

/** Both ends belong to it. Times are microseconds since 1970 of the records at the ends. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly fromUs: number;
  readonly toUs: number;
}

export class Stretches {
  #list: Stretch[] = [];

  get size(): number {
    return this.#list.length;
  }

  get last(): Stretch | undefined {
    return this.#list[this.#list.length - 1];
  }

  /** How many numbers there are. */
  get count(): number {
    return this.#list.reduce((sum, stretch) => sum + stretch.to - stretch.from + 1, 0);
  }

  [Symbol.iterator](): IterableIterator<Stretch> {
    return this.#list[Symbol.iterator]();
  }

  has(seq: number): boolean {
    const stretch = this.#list[this.#firstEndingAtOrAfter(seq)];
    return stretch !== undefined && stretch.from <= seq;
  }

  /** Whether any number of [from, to] is in the set. */
  touches(from: number, to: number): boolean {
    const stretch = this.#list[this.#firstEndingAtOrAfter(from)];
    return stretch !== undefined && stretch.from <= to;
  }

  /** `added`: sorted and disjoint. What was there keeps its times. */
  add(added: readonly Stretch[]): void {
    if (added.length > STRETCH_SPLICES_MAX) {
      this.#list = merge(this.#list, added);
      return;
    }
    for (const stretch of added) this.#addOne(stretch);
  }

  #addOne(stretch: Stretch): void {
    const last = this.last;
    if (last === undefined || stretch.from > last.to + 1) {
      this.#list.push(stretch);
      return;
    }
    const first = this.#firstEndingAtOrAfter(stretch.from - 1);
    let after = first;
    while ((this.#list[after]?.from ?? Infinity) <= stretch.to + 1) after += 1;
    const joined = merge(this.#list.slice(first, after), [stretch]);
    this.#list.splice(first, after - first, ...joined);
  }

  /** Index of the first stretch whose end is at or after `seq`. */
  #firstEndingAtOrAfter(seq: number): number {
    let low = 0;
    let high = this.#list.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#list[middle]?.to ?? 0) < seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Both lists sorted and disjoint; the result too, with neighbours joined. */
function merge(left: readonly Stretch[], right: readonly Stretch[]): Stretch[] {
  const merged: Stretch[] = [];
  let l = 0;
  let r = 0;
  while (l < left.length || r < right.length) {
    const a = left[l];
    const b = right[r];
    const takesLeft = b === undefined || (a !== undefined && a.from <= b.from);
    const next = takesLeft ? a : b;
    if (takesLeft) l += 1;
    else r += 1;
    if (next !== undefined) join(merged, next);
  }
  return merged;
}

function join(merged: Stretch[], next: Stretch): void {
  const last = merged[merged.length - 1];
  if (last === undefined || next.from > last.to + 1) {
    merged.push(next);
    return;
  }
  if (next.to <= last.to) return;
  merged[merged.length - 1] = { from: last.from, to: next.to, fromUs: last.fromUs, toUs: next.toUs };
}

/** Stretches of numbers that come in any order, each with its time; a number that comes twice counts once. */
export function stretchesOf(seqs: readonly number[], timesUs: readonly number[]): Stretch[] {
  const order = isRising(seqs) ? undefined : sortedIndexes(seqs);
  const stretches: Stretch[] = [];
  const at = (position: number): number => (order === undefined ? position : (order[position] ?? 0));
  for (let position = 0; position < seqs.length;) {
    const first = at(position);
    let last = first;
    position += 1;
    while (position < seqs.length && (seqs[at(position)] ?? 0) <= (seqs[last] ?? 0) + 1) {
      last = at(position);
      position += 1;
    }
    const [from = 0, to = 0] = [seqs[first], seqs[last]];
    stretches.push({ from, to, fromUs: timesUs[first] ?? 0, toUs: timesUs[last] ?? 0 });
  }
  return stretches;
}

function isRising(seqs: readonly number[]): boolean {
  for (let index = 1; index < seqs.length; index += 1)
    if ((seqs[index] ?? 0) <= (seqs[index - 1] ?? 0)) return false;
  return true;
}

function sortedIndexes(seqs: readonly number[]): number[] {
  return seqs.map((_, index) => index).sort((a, b) => (seqs[a] ?? 0) - (seqs[b] ?? 0));
}

/** `[from, to, fromUs, toUs, …]`: how stretches stand in batch headers and snapshots. */
export function packStretches(stretches: Iterable<Stretch>): number[] {
  const packed: number[] = [];
  for (const { from, to, fromUs, toUs } of stretches) packed.push(from, to, fromUs, toUs);
  return packed;
}

export function unpackStretches(packed: readonly number[]): Stretch[] {
  const stretches: Stretch[] = [];
  for (let index = 0; index + 3 < packed.length; index += 4) {
    const [from = 0, to = 0, fromUs = 0, toUs = 0] = packed.slice(index, index + 4);
    stretches.push({ from, to, fromUs, toUs });
  }
  return stretches;
}

/**
 * `[first, length, skip, length, skip, length, …]`: how numbers stand in batch headers. A class that takes every third
 * record of a producer has a run for each, so they have to be short.
 */
export function packRuns(stretches: readonly Stretch[]): number[] {
  const runs: number[] = [];
  let end = 0;
  for (const { from, to } of stretches) {
    runs.push(runs.length === 0 ? from : from - end - 1, to - from + 1);
    end = to;
  }
  return runs;
}

/**
 * Times inside the batch are not kept, only its bounds: a hole within it is told by both of them, so that it is rather
 * shown once too often than not at all.
 */
export function unpackRuns(runs: readonly number[], [least, most]: readonly [number, number]): Stretch[] {
  const stretches: Stretch[] = [];
  let end = -1;
  for (let index = 0; index + 1 < runs.length; index += 2) {
    const from = end + 1 + (runs[index] ?? 0);
    end = from + (runs[index + 1] ?? 1) - 1;
    const isFirst = index === 0;
    const isLast = index + 3 >= runs.length;
    stretches.push({ from, to: end, fromUs: isFirst ? least : most, toUs: isLast ? most : least });
  }
  return stretches;
}

/** The numbers of [1, last] that are in none of the sets, with the times of their neighbours. */
export function holes(sets: readonly Stretches[]): Stretch[] {
  const covered = sets.reduce<Stretch[]>((all, set) => merge(all, [...set]), []);
  const found: Stretch[] = [];
  let before: Stretch | undefined;
  for (const stretch of covered) {
    const from = before === undefined ? 1 : before.to + 1;
    const fromUs = before === undefined ? stretch.fromUs : before.toUs;
    if (from < stretch.from) found.push({ from, to: stretch.from - 1, fromUs, toUs: stretch.fromUs });
    before = stretch;
  }
  return found;
}
