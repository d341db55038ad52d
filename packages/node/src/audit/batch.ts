/** The entries of one call that changes many: their ids, and what is said of each while the call runs. Pure. */
import { newBoot } from '@sillok/record';
import type { EntryInWork } from './audit.js';
import type { Change } from './change.js';

/** One of many. What nothing is said of ends as the whole call does: committed when it resolves, failed when it rejects. */
export interface EntryInBatch extends EntryInWork {
  /** It was done, also when the call as a whole rejects. */
  done(): void;
  /** It was not done, also when the call as a whole resolves. */
  failed(error: unknown): void;
}

export interface BatchPart {
  /** With what was said of it so far. */
  change: Change & { readonly id: string };
  end: { readonly error?: unknown } | undefined;
}

export function partsOf(changes: readonly Change[]): BatchPart[] {
  const batch = { id: newBoot(), size: changes.length };
  return changes.map((change, index) => ({
    change: { ...change, id: change.id ?? `${batch.id}-${index + 1}`, batch },
    end: undefined,
  }));
}

export function entryInBatch(part: BatchPart): EntryInBatch {
  const say = (said: Pick<Change, 'before' | 'after' | 'result'>): void =>
    void (part.change = { ...part.change, ...said });
  return {
    id: part.change.id,
    before: (before) => say({ before }),
    after: (after) => say({ after }),
    result: (result) => say({ result }),
    done: () => void (part.end = {}),
    failed: (error) => void (part.end = { error }),
  };
}
