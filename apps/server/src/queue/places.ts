/**
 * Where in the queue the latest batches of each boot stand, so that a record sent again can be compared with what was
 * taken before. Bounded: past the limit the oldest place is forgotten, and a re-sent record of it counts as known.
 */
import type { Kind } from '@sillok/record';
import { readGroups, type SpoolPosition } from '@sillok/spool';

import { PLACES_MAX } from '../limits.js';
import type { QueueHeader } from './header.js';

export interface Place {
  readonly kind: Kind;
  readonly from: SpoolPosition;
  readonly to: SpoolPosition;
  /** Least and greatest `seq` in it. */
  readonly least: number;
  readonly most: number;
  /** As in the header. */
  readonly touched: string | undefined;
}

type Names = Pick<QueueHeader, 'project' | 'producer' | 'boot'>;

export class Places {
  readonly #ofBoot = new Map<string, Place[]>();
  /** The boot of each place, oldest first. */
  readonly #order: string[] = [];
  #forgotten = 0;

  add(header: QueueHeader, { from, to }: { from: SpoolPosition; to: SpoolPosition }): void {
    const { seqs, touched } = header;
    if (header.count === 0) return;
    const span = seqs.slice(1).reduce((sum, length) => sum + length, 0);
    const least = seqs[0] ?? 0;
    const key = keyOf(header);
    const list = this.#ofBoot.get(key) ?? [];
    this.#ofBoot.set(key, list);
    list.push({ kind: header.class, from, to, least, most: least + span - 1, touched });
    this.#order.push(key);
    if (this.#order.length - this.#forgotten > PLACES_MAX) this.#forgetOldest();
  }

  /** Places that may hold the record, latest first. */
  find(names: Names, seq: number): Place[] {
    const list = this.#ofBoot.get(keyOf(names)) ?? [];
    return list.filter(({ least, most }) => least <= seq && seq <= most).reverse();
  }

  #forgetOldest(): void {
    const key = this.#order[this.#forgotten];
    this.#forgotten += 1;
    const list = key === undefined ? undefined : this.#ofBoot.get(key);
    list?.shift();
    if (list?.length === 0 && key !== undefined) this.#ofBoot.delete(key);
    if (this.#forgotten < PLACES_MAX) return;
    this.#order.splice(0, this.#forgotten);
    this.#forgotten = 0;
  }
}

function keyOf({ project, producer, boot }: Names): string {
  return `${project}\n${producer}\n${boot}`;
}

/** `{"seq":7,"time":…` → the line's bytes without newline, by `seq`. Empty when the place can no longer be read. */
export function readPlace(directory: string, place: Place): Map<number, Buffer> {
  const lines = new Map<number, Buffer>();
  for (const group of readGroups({ directory, from: place.from, until: place.to })) {
    const bytes = group.lines;
    for (let start = 0; start < bytes.length;) {
      const newline = bytes.indexOf(0x0a, start);
      const end = newline < 0 ? bytes.length : newline;
      const seq = Number(
        /^\{"seq":(\d+),/.exec(bytes.toString('latin1', start, Math.min(end, start + 32)))?.[1] ?? 0,
      );
      if (seq > 0) lines.set(seq, bytes.subarray(start, end));
      start = end + 1;
    }
  }
  return lines;
}
