/**
 * Which sequence numbers are here: per (project, producer, boot) the stretches that are stored, rejected and dropped.
 *
 * Answers "seen before?" and "what is missing?" without a scan. Changed only by batch headers (`record`), so that reading
 * the headers of the queue again gives the same ledger. Knows nothing of files: snapshots are in snapshot.ts.
 */
import { LEDGER_BOOTS_MAX, LEDGER_OWNERS_MAX } from '../limits.js';
import type { GivenUp, QueueHeader } from '../queue/header.js';
import type { FlushToken, Gap } from '../seams.js';
import { holes, packStretches, Stretches, unpackRuns, unpackStretches, type Stretch } from './stretches.js';

export interface LedgerEntry {
  readonly project: string;
  readonly producer: string;
  readonly boot: string;
  /** Its identity was given by the server. */
  readonly foreign: boolean;
  readonly stored: Stretches;
  readonly rejected: Map<string, Stretches>;
  readonly dropped: Map<string, Stretches>;
}

/** One entry as a line of a snapshot. */
export interface LedgerLine {
  readonly project: string;
  readonly producer: string;
  readonly boot: string;
  readonly foreign?: true;
  readonly stored: readonly number[];
  readonly rejected?: readonly PackedReason[];
  readonly dropped?: readonly PackedReason[];
}
type PackedReason = readonly [why: string, stretches: readonly number[]];

type Names = Pick<LedgerEntry, 'project' | 'producer' | 'boot'>;

/** Of a batch header or of a submission. */
export interface Taken extends Names {
  readonly protocol?: string;
  readonly rejected?: readonly GivenUp[];
  readonly dropped?: readonly GivenUp[];
}

export interface GapQuery {
  readonly project: string;
  readonly fromUs: number;
  readonly toUs: number;
  readonly limit: number;
}

export class Ledger {
  /** In order of last use: the first is forgotten first. */
  readonly #entries = new Map<string, LedgerEntry>();
  readonly #owners = new Map<string, string>();
  /** Few of many: only these are looked at for gaps. */
  readonly #notWhole = new Set<LedgerEntry>();
  /** Boots forgotten because of the limit: their records, sent again, would be stored again. */
  forgotten = 0;

  get size(): number {
    return this.#entries.size;
  }

  find(names: Names): LedgerEntry | undefined {
    return this.#entries.get(entryKey(names));
  }

  /** The project that used this producer name first; undefined when it is new. */
  ownerOf(producer: string): string | undefined {
    return this.#owners.get(producer);
  }

  /** Takes what a batch header says. */
  record(header: QueueHeader): void {
    const { seqs, times = [0, 0], protocol } = header;
    this.take({ ...header, ...(protocol !== undefined && { protocol }) }, unpackRuns(seqs, times));
  }

  /** The same for a whole submission, with the exact times of its stretches. */
  take(given: Taken, stored: readonly Stretch[]): void {
    const entry = this.#open({ ...given, foreign: given.protocol !== undefined });
    entry.stored.add(stored);
    for (const each of given.rejected ?? []) addGivenUp(entry.rejected, each);
    for (const each of given.dropped ?? []) addGivenUp(entry.dropped, each);
    this.#noteHoles(entry);
  }

  /** Stored, rejected or dropped: nothing more will come of it. */
  isSettled({ seq, ...names }: FlushToken): boolean {
    const entry = this.find(names);
    return entry !== undefined && setsOf(entry).some((set) => set.has(seq));
  }

  /** Missing numbers whose neighbours' times touch the range. */
  gaps({ project, fromUs, toUs, limit }: GapQuery): Gap[] {
    const found: Gap[] = [];
    for (const entry of this.#notWhole) {
      if (entry.project !== project) continue;
      for (const hole of holes(setsOf(entry))) {
        if (hole.fromUs > toUs || hole.toUs < fromUs) continue;
        found.push({ producer: entry.producer, boot: entry.boot, from: hole.from, to: hole.to });
        if (found.length >= limit) return found;
      }
    }
    return found;
  }

  *lines(): IterableIterator<LedgerLine> {
    for (const { project, producer, boot, foreign, stored, rejected, dropped } of this.#entries.values()) {
      yield {
        project,
        producer,
        boot,
        ...(foreign && { foreign }),
        stored: packStretches(stored),
        ...(rejected.size > 0 && { rejected: packReasons(rejected) }),
        ...(dropped.size > 0 && { dropped: packReasons(dropped) }),
      };
    }
  }

  restore(line: LedgerLine): void {
    const entry = this.#open({ ...line, foreign: line.foreign === true });
    entry.stored.add(unpackStretches(line.stored));
    for (const [why, packed] of line.rejected ?? []) open(entry.rejected, why).add(unpackStretches(packed));
    for (const [why, packed] of line.dropped ?? []) open(entry.dropped, why).add(unpackStretches(packed));
    this.#noteHoles(entry);
  }

  #open({ project, producer, boot, foreign }: Names & { foreign: boolean }): LedgerEntry {
    const key = entryKey({ project, producer, boot });
    const known = this.#entries.get(key);
    if (known !== undefined) {
      this.#entries.delete(key);
      this.#entries.set(key, known);
      return known;
    }
    const stored = new Stretches();
    const entry = { project, producer, boot, foreign, stored, rejected: new Map(), dropped: new Map() };
    this.#entries.set(key, entry);
    if (!foreign && !this.#owners.has(producer)) this.#own(producer, project);
    this.#forgetOldest();
    return entry;
  }

  #noteHoles(entry: LedgerEntry): void {
    if (isWhole(entry)) this.#notWhole.delete(entry);
    else this.#notWhole.add(entry);
  }

  #own(producer: string, project: string): void {
    this.#owners.set(producer, project);
    if (this.#owners.size <= LEDGER_OWNERS_MAX) return;
    for (const oldest of this.#owners.keys()) {
      this.#owners.delete(oldest);
      return;
    }
  }

  /** The owner of the producer is kept: a name does not change hands because its boots are old. */
  #forgetOldest(): void {
    if (this.#entries.size <= LEDGER_BOOTS_MAX) return;
    for (const [key, entry] of this.#entries) {
      this.#entries.delete(key);
      this.#notWhole.delete(entry);
      this.forgotten += 1;
      return;
    }
  }
}

function entryKey({ project, producer, boot }: Names): string {
  return `${project}\n${producer}\n${boot}`;
}

function open(sets: Map<string, Stretches>, why: string): Stretches {
  const set = sets.get(why) ?? new Stretches();
  sets.set(why, set);
  return set;
}

function addGivenUp(sets: Map<string, Stretches>, { why, seqs, us }: GivenUp): void {
  open(sets, why).add(unpackRuns(seqs, [us, us]));
}

function setsOf(entry: LedgerEntry): Stretches[] {
  return [entry.stored, ...entry.rejected.values(), ...entry.dropped.values()];
}

/** The usual case, told without building anything: one stretch from 1. */
function isWhole({ stored, rejected, dropped }: LedgerEntry): boolean {
  if (stored.size !== 1 || rejected.size > 0 || dropped.size > 0) return false;
  for (const { from } of stored) return from === 1;
  return false;
}

function packReasons(sets: ReadonlyMap<string, Stretches>): PackedReason[] {
  return [...sets].map(([why, set]) => [why, packStretches(set)]);
}
