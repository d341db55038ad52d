/**
 * Records that were sent before: the same bytes are a retry, other bytes are a conflict of identity (a cloned machine, a
 * copied spool). What was taken first stays; the other is kept aside, counted and named in the answer.
 *
 * There is no hash per record in memory. The queue itself is read back, which costs nothing until somebody sends
 * something twice. A record whose place is no longer remembered counts as known without a comparison, and so does one that was
 * stored by another rule file or another setting of redaction: its bytes differ and say nothing.
 */
import type { Counter } from '../metrics.js';
import type { Aside, AsideEntry } from '../aside.js';
import { readPlace, type Place, type Places } from '../queue/places.js';
import type { Rejection } from '../seams.js';
import type { ReadBatch } from './read-batch.js';

export interface Resent {
  readonly project: string;
  readonly batch: ReadBatch;
  /** Indexes of lines that are known, from before or from earlier in this batch. */
  readonly resent: readonly number[];
  /** Index of the first line of the batch with that `seq`, for those that are new. */
  readonly firstOf: ReadonlyMap<number, number>;
}

export interface Conflicts {
  /** Those that contradict what is here. They have been kept aside. */
  compare(resent: Resent): Rejection[];
}

export interface ConflictsOptions {
  readonly places: Places;
  directoryOf(kind: Place['kind']): string;
  readonly aside: Aside;
  /** Known records that could not be compared. */
  readonly unchecked: Counter;
}

const REASON =
  'a record with this producer, boot and seq but other content was taken before; it is kept, this one is set aside';

export function createConflicts({ places, directoryOf, aside, unchecked }: ConflictsOptions): Conflicts {
  return {
    compare({ project, batch, resent, firstOf }) {
      const { producer, boot } = batch.header;
      const read = new Map<Place, Map<number, Buffer>>();
      const linesOf = (place: Place): Map<number, Buffer> => {
        const lines = read.get(place) ?? readPlace(directoryOf(place.kind), place);
        read.set(place, lines);
        return lines;
      };
      const storedLine = (seq: number): Buffer | undefined => {
        const first = firstOf.get(seq);
        if (first !== undefined) return lineOf(batch, first);
        for (const place of places.find({ project, producer, boot }, seq)) {
          if (place.touched !== batch.touch?.name) continue;
          const line = linesOf(place).get(seq);
          if (line !== undefined) return line;
        }
        return undefined;
      };

      const entries: AsideEntry[] = [];
      for (const index of resent) {
        const seq = batch.seqs[index] ?? 0;
        const line = lineOf(batch, index);
        const stored = storedLine(seq);
        if (stored === undefined) unchecked.add();
        else if (!stored.equals(line)) {
          entries.push({
            project,
            producer,
            boot,
            seq,
            reason: 'identity_conflict',
            line: line.toString('utf8'),
          });
        }
      }
      aside.keep(entries);
      return entries.map(({ seq }) => ({ seq, code: 'identity_conflict', reason: REASON }));
    },
  };
}

/** Without the newline. */
function lineOf({ body, rewritten, starts, ends }: ReadBatch, index: number): Buffer {
  const changed = rewritten.get(index);
  if (changed !== undefined) return changed.subarray(0, -1);
  return body.subarray(starts[index] ?? 0, (ends[index] ?? 1) - 1);
}
