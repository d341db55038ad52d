/**
 * One failure rings once. A database that refuses connections makes its service log, its callers fail and log in turn: several alerts, all of
 * the same requests. What failed first in a trace is told; the others are shown as part of it, and told only if they outlast it.
 *
 * First is what nobody is behind: a dependency that gave no answer, then an error in the code, then a dependency that answered with a
 * failure, for which it has reasons of its own. Among equals, the earlier record.
 */
import type { Alert, AlertBook } from './book.js';
import { FAILING_TRACES_MAX } from './limits.js';

export const RANK = { no_answer: 0, error: 1, answered: 2 } as const;
export type Rank = (typeof RANK)[keyof typeof RANK];

interface Fault {
  readonly rank: Rank;
  readonly time: string;
  /** Groups of the alerts that it may have opened: as a dependency, and as an error. */
  readonly dependency: string | undefined;
  readonly fingerprint: string;
}

interface FaultSignal extends Fault {
  readonly project: string;
  readonly traceId: string | undefined;
}

export class Incidents {
  /** What failed first in each of the latest traces with errors. */
  readonly #first = new Map<string, Fault>();

  failed({ project, traceId, ...fault }: FaultSignal): void {
    if (traceId === undefined) return;
    const key = `${project}\n${traceId}`;
    const known = this.#first.get(key);
    if (known !== undefined && !isBefore(fault, known)) return;
    this.#first.set(key, fault);
    const [oldest] = this.#first.keys();
    if (this.#first.size > FAILING_TRACES_MAX && oldest !== undefined) this.#first.delete(oldest);
  }

  /** Notes of alerts that nobody was told of yet what they are part of. True when it found one. */
  join(book: AlertBook): boolean {
    let hasFound = false;
    for (const alert of book.list()) {
      if (!isJoinable(alert) || Object.keys(alert.deliveries).length > 0) continue;
      const root = canFollow(alert) ? this.#rootOf(alert, book) : sameDependency(alert, book);
      if (root === undefined) continue;
      alert.partOf = root.id;
      // What was part of it is part of the same failure.
      for (const each of book.list()) if (each.partOf === alert.id) each.partOf = root.id;
      hasFound = true;
    }
    return hasFound;
  }

  #rootOf({ id, project, traceId }: Alert, book: AlertBook): Alert | undefined {
    const fault = this.#first.get(`${project}\n${traceId}`);
    if (fault === undefined) return undefined;
    const { dependency, fingerprint } = fault;
    const groups = [
      ...(dependency === undefined ? [] : [{ rule: 'builtin.dependency', group: dependency }]),
      { rule: 'builtin.new_error', group: fingerprint },
    ];
    const open = groups
      .map((each) => book.latest({ project, ...each }))
      .find((alert) => alert !== undefined && alert.state !== 'resolved');
    // Never in a ring: what is part of another is nobody's beginning.
    return open === undefined || open.id === id || open.partOf !== undefined ? undefined : open;
  }
}

function isBefore(fault: Fault, known: Fault): boolean {
  return fault.rank === known.rank ? fault.time < known.time : fault.rank < known.rank;
}

/** Whether another failure can be behind it: that of a dependency which gave no answer is the end of the way. */
export function canFollow({ kind, traceId, isAnswered }: Alert): boolean {
  return traceId !== undefined && (kind === 'new_error' || (kind === 'dependency' && isAnswered === true));
}

function isJoinable({ partOf, state, kind }: Alert): boolean {
  return partOf === undefined && state !== 'resolved' && (kind === 'new_error' || kind === 'dependency');
}

/** The same dependency, missed by another service before. */
function sameDependency({ id, project, kind, address }: Alert, book: AlertBook): Alert | undefined {
  if (kind !== 'dependency' || address === undefined) return undefined;
  const open = book
    .list()
    .filter((each) => each.kind === 'dependency' && each.address === address && each.project === project)
    .find(({ state }) => state !== 'resolved');
  return open?.id === id || open?.partOf !== undefined ? undefined : open;
}

/** Part of something that goes on, or that ended when it did: nothing to tell. */
export function isCovered(alert: Alert, book: AlertBook, isTold: boolean): boolean {
  const root = alert.partOf === undefined ? undefined : book.find(alert.project, alert.partOf);
  if (root === undefined) return false;
  return root.state !== 'resolved' || (!isTold && alert.lastMs <= (root.resolvedMs ?? 0));
}
