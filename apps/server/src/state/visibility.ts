/**
 * What was taken and is not yet visible to search: the freshness that every answer carries, and who waits for what.
 *
 * Per class a list of marks, each a moment and the position up to which records were taken since. The writer says how far
 * it is; marks before that are gone. Time is the server's own clock (`observed_time`), never that of the records.
 */
import type { Kind } from '@sillok/record';
import { comparePositions, type SpoolPosition } from '@sillok/spool';

import { MARK_INTERVAL_MS, MARKS_MAX } from '../limits.js';

interface Mark {
  /** `observed_time` of the first batch since the mark before. */
  readonly time: string;
  readonly ms: number;
  to: SpoolPosition;
}

export interface TakenBlock {
  readonly kind: Kind;
  readonly time: string;
  readonly to: SpoolPosition;
  /** `project`, `producer`, `boot` in one text. */
  readonly boot: string;
}

export class Visibility {
  readonly #marks = new Map<Kind, Mark[]>();
  readonly #visible = new Map<Kind, SpoolPosition>();
  /** Last position of each boot that may be invisible, per class. */
  readonly #lastOfBoot = new Map<string, Map<Kind, SpoolPosition>>();
  readonly #listeners = new Set<() => void>();
  /** What earlier runs of the server had taken: for boots of which this run knows nothing. */
  #before: ReadonlyMap<Kind, SpoolPosition> = new Map();
  /** Batches of which an interrupted attempt may have stored a part: not shown until they are whole. */
  halfInserted: readonly string[] = [];

  /** `taken`: the last position of each class that is not visible yet. */
  startFrom(taken: ReadonlyMap<Kind, SpoolPosition>): void {
    this.#before = taken;
  }

  taken({ kind, time, to, boot }: TakenBlock): void {
    this.mark(kind, { time, to });
    const last = this.#lastOfBoot.get(boot) ?? new Map<Kind, SpoolPosition>();
    last.set(kind, to);
    this.#lastOfBoot.set(boot, last);
    this.#notify();
  }

  mark(kind: Kind, { time, to }: { time: string; to: SpoolPosition }): void {
    const marks = this.#marks.get(kind) ?? [];
    this.#marks.set(kind, marks);
    const last = marks[marks.length - 1];
    const ms = Date.parse(time);
    if (last !== undefined && ms - last.ms < MARK_INTERVAL_MS) last.to = to;
    else marks.push({ time, ms, to });
    if (marks.length > MARKS_MAX) this.#marks.set(kind, thinned(marks));
  }

  /** The writer has everything before these positions in the store. */
  advance(positions: ReadonlyMap<Kind, SpoolPosition>): void {
    for (const [kind, position] of positions) {
      this.#visible.set(kind, position);
      const marks = this.#marks.get(kind) ?? [];
      const left = marks.findIndex(({ to }) => comparePositions(to, position) > 0);
      this.#marks.set(kind, left < 0 ? [] : marks.slice(left));
    }
    for (const [boot, last] of this.#lastOfBoot) if (this.#isPast(last)) this.#lastOfBoot.delete(boot);
    this.#notify();
  }

  /** Forgets what was visible: the store is being filled again. */
  reset(): void {
    this.#marks.clear();
    this.#visible.clear();
  }

  /** `observed_time` of the oldest batch that is not visible; undefined when all is. */
  oldestInvisible(): string | undefined {
    let oldest: Mark | undefined;
    for (const [first] of this.#marks.values()) {
      if (first !== undefined && (oldest === undefined || first.time < oldest.time)) oldest = first;
    }
    return oldest?.time;
  }

  /** Up to where this boot has written by now. What it writes later does not move it. */
  lastOf(boot: string): ReadonlyMap<Kind, SpoolPosition> {
    return new Map(this.#lastOfBoot.get(boot) ?? this.#before);
  }

  isVisible(last: ReadonlyMap<Kind, SpoolPosition>): boolean {
    return this.#isPast(last);
  }

  /** Called whenever something was taken or became visible. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #isPast(last: ReadonlyMap<Kind, SpoolPosition>): boolean {
    for (const [kind, position] of last) {
      const visible = this.#visible.get(kind);
      if (visible === undefined || comparePositions(visible, position) < 0) return false;
    }
    return true;
  }

  #notify(): void {
    for (const listener of this.#listeners) listener();
  }
}

/** Every second mark goes; the one before it reaches as far as it did. */
function thinned(marks: readonly Mark[]): Mark[] {
  const kept: Mark[] = [];
  for (let index = 0; index < marks.length; index += 2) {
    const mark = marks[index];
    if (mark !== undefined) kept.push({ ...mark, to: (marks[index + 1] ?? mark).to });
  }
  return kept;
}
