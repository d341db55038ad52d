/** Changes counted by who made them, on what, or for which company: one statement of the engine, folded here. */
import type { AuditGroup } from '@sillok/api';
import { DELETE_VERBS, isActionOf, READ_VERBS } from '@sillok/record';

import { GROUP_ACTIONS_SHOWN_MAX } from '../limits.js';

export type GroupBy = 'actor' | 'entity' | 'customer';

/** What stands in a row before its action: a type, an id, a name that people know; each only where there is one. */
const FIELDS: Readonly<Record<GroupBy, readonly (string | undefined)[]>> = {
  actor: ['audit.actor.type', 'audit.actor.id', 'audit.actor.name'],
  entity: ['audit.entity.type', 'audit.entity.id'],
  customer: [undefined, 'customer.id'],
};

const REFUSED: ReadonlySet<unknown> = new Set(['denied', 'failed', 'rolled_back']);

/** The stages behind a search: intents are no changes yet, and what is unknown is settled by a record of its own. */
export function groupStages(by: GroupBy): string {
  const fields = FIELDS[by].filter((field) => field !== undefined);
  const dimensions = [...fields, 'audit.action', 'audit.outcome'].join(', ');
  return ` not audit.outcome:(intent or unknown) | stats count(), min(time), max(time) by ${dimensions}`;
}

/** Rows of that statement. */
export function groupsOf(by: GroupBy, rows: readonly (readonly unknown[])[]): AuditGroup[] {
  const groups = new Map<string, Counting>();
  const [hasType, , hasName] = [0, 1, 2].map((index) => FIELDS[by][index] !== undefined);
  for (const row of rows) {
    const type = hasType ? textOf(row[0]) : '';
    const [id, ...named] = hasType ? row.slice(1) : row;
    const [action, outcome, count, first, last] = hasName ? named.slice(1) : named;
    const name = hasName ? textOf(named[0]) : '';
    const key = `${type}\n${textOf(id)}`;
    let group = groups.get(key);
    if (group === undefined) groups.set(key, (group = startOf(type, textOf(id))));
    if (name !== '') group.name ??= name;
    add(group, {
      action: textOf(action),
      outcome,
      count: Number(count),
      first: textOf(first),
      last: textOf(last),
    });
  }
  return [...groups.values()]
    .map(({ actions, ...group }) => ({ ...group, actions: topOf(actions) }))
    .toSorted((a, b) => b.changes + b.reads - (a.changes + a.reads));
}

interface Counting extends Omit<Mutable<AuditGroup>, 'actions'> {
  actions: Map<string, number>;
}
type Mutable<T> = { -readonly [K in keyof T]: T[K] };

interface Counted {
  readonly action: string;
  readonly outcome: unknown;
  readonly count: number;
  readonly first: string;
  readonly last: string;
}

function startOf(type: string, id: string): Counting {
  const counts = { changes: 0, reads: 0, deletes: 0, refused: 0 };
  return { type, id, ...counts, first: '', last: '', actions: new Map() };
}

function add(group: Counting, { action, outcome, count, first, last }: Counted): void {
  const isRefused = REFUSED.has(outcome);
  if (isRefused) group.refused += count;
  else if (isActionOf(READ_VERBS, action)) group.reads += count;
  else group.changes += count;
  if (!isRefused && isActionOf(DELETE_VERBS, action)) group.deletes += count;
  if (group.first === '' || first < group.first) group.first = first;
  if (last > group.last) group.last = last;
  group.actions.set(action, (group.actions.get(action) ?? 0) + count);
}

function topOf(actions: ReadonlyMap<string, number>): AuditGroup['actions'] {
  return [...actions]
    .map(([action, count]) => ({ action, count }))
    .toSorted((a, b) => b.count - a.count)
    .slice(0, GROUP_ACTIONS_SHOWN_MAX);
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
