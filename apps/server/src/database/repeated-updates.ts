/**
 * Statements that people write by hand again and again: candidates for an action of their own. Read from PostgreSQL's log in the
 * record (docs/guides/postgresql-log.md); what a service sends carries a trace or the service's name, what a person types does not.
 */
import type { RepeatedUpdateShape } from '@sillok/api';
import { compileStats, type Query } from '@sillok/query';
import { nsToTime } from '@sillok/record';

import { runSearch, searchOf, type Reading } from '../read/reading.js';
import { REPEATED_UPDATES_MIN, REPEATED_UPDATES_SHOWN } from './limits.js';

/** Names with which interactive clients announce themselves, and none at all. */
const CLIENTS = ['psql', 'pgcli', '*DBeaver*', '*DataGrip*', '*pgAdmin*', '*TablePlus*', '*Navicat*'];
const BY_HAND = `postgresql.application_name:(${CLIENTS.map((name) => `"${name}"`).join(' or ')})`;
const SEARCH = `db.operation.name:(UPDATE or DELETE or INSERT) ${BY_HAND}`;
const STATS =
  '| stats count() as times, max(time) as last_at by db.query.text, db.user | sort -times | limit 200';
const DAYS = 30;

export async function repeatedUpdates(
  reading: Reading,
  project: string,
): Promise<readonly RepeatedUpdateShape[]> {
  const query: Query = searchOf(`${SEARCH} ${STATS}`);
  const toMs = Date.now();
  const at = (ms: number): string => nsToTime(BigInt(ms) * 1_000_000n);
  const statement = compileStats(query, {
    ...{ project, from: at(toMs - DAYS * 86_400_000), to: at(toMs) },
    table: reading.store().table,
  });
  if (statement === undefined) return [];
  const { rows } = await runSearch(reading, statement, { project });
  return merged(rows).slice(0, REPEATED_UPDATES_SHOWN);
}

/** One entry per form, whoever wrote it. */
function merged(rows: readonly (readonly unknown[])[]): RepeatedUpdateShape[] {
  const forms = new Map<string, RepeatedUpdateShape>();
  for (const [text, user, times, last] of rows) {
    const statement = String(text);
    const known = forms.get(statement);
    forms.set(statement, {
      statement,
      times: (known?.times ?? 0) + Number(times),
      users: [...new Set([...(known?.users ?? []), String(user ?? '')])].filter(Boolean),
      last_at: [known?.last_at ?? '', String(last)].sort().at(-1) ?? '',
    });
  }
  return [...forms.values()]
    .filter(({ times }) => times >= REPEATED_UPDATES_MIN)
    .sort((left, right) => right.times - left.times);
}
