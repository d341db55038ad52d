/**
 * Many deletions by one actor within a short time: an employee who deletes everything before leaving, or a script gone wrong.
 * Judged from the audit records as they arrive, so that somebody hears of it while it goes on.
 */
import { DELETE_VERBS, isActionOf, type FlatRecord } from '@sillok/record';
import { writeValue } from '@sillok/query';

import { textOf } from '../analysis/compare/fingerprint.js';
import { DELETERS_MAX, DELETIONS_MIN, DELETIONS_WINDOW_MS } from './limits.js';

interface Deleter {
  readonly type: string;
  readonly id: string;
}

/** Who deleted something with this record; undefined when it says nothing of the kind. */
export function deleterOf(record: FlatRecord): Deleter | undefined {
  if (record.kind !== 'audit' || textOf(record, 'audit.outcome') !== 'committed') return undefined;
  if (!isActionOf(DELETE_VERBS, textOf(record, 'audit.action'))) return undefined;
  return { type: textOf(record, 'audit.actor.type'), id: textOf(record, 'audit.actor.id') };
}

/** The search that shows them. */
export function deletionSearch({ type, id }: Deleter): string {
  const verbs = DELETE_VERBS.map((verb) => `*.${verb} or *.${verb}_*`).join(' or ');
  const actor = `audit.actor.type:${writeValue(type)} audit.actor.id:${writeValue(id)}`;
  return `kind:audit ${actor} audit.outcome:committed audit.action:(${verbs})`;
}

/** Counts per actor within the window. The actor who was quiet for longest is forgotten first. */
export class DeletionWatch {
  readonly #times = new Map<string, number[]>();

  /** How many deletions to tell of now: none while there are too few, all that waited once there are enough. */
  deleted(key: string, { isOpen, nowMs }: { isOpen: boolean; nowMs: number }): number {
    if (isOpen) return 1;
    const times = (this.#times.get(key) ?? []).filter((each) => nowMs - each < DELETIONS_WINDOW_MS);
    times.push(nowMs);
    this.#times.delete(key);
    if (times.length >= DELETIONS_MIN) return times.length;
    this.#times.set(key, times);
    const [oldest] = this.#times.keys();
    if (this.#times.size > DELETERS_MAX && oldest !== undefined) this.#times.delete(oldest);
    return 0;
  }
}
