/**
 * What set each change off: one of us in the console, a script's run, the click in a page whose request made it, or the request alone.
 * A change outside of any trace that nobody asked Sillok for was nobody's action in a page: a job, a console of the database.
 */
import type { AuditCause, AuditChange, Cost } from '@sillok/api';
import { compileSearch, decodeRow, writeValue, type Row } from '@sillok/query';
import type { FastifyReply } from 'fastify';

import { numberOf, resourceOf, textOf } from '../analysis/row-fields.js';
import { AUDIT_CAUSE_RECORDS_MAX } from '../limits.js';
import { runSearch, searchOf, type Reading } from '../read/reading.js';

interface Asked {
  readonly project: string;
  readonly reply: FastifyReply;
}

interface Found {
  readonly rows: readonly Row[];
  readonly costs: readonly Cost[];
}

/** The resource of what this server writes itself: settings, look-ups. */
const OURSELVES = 'sillok';
/** What it does by itself. */
const SERVER_ACTOR = 'server';

export async function withCauses(
  reading: Reading,
  changes: readonly AuditChange[],
  asked: Asked,
): Promise<{ readonly changes: readonly AuditChange[]; readonly costs: readonly Cost[] }> {
  const rest = changes.filter((change) => adminCause(change) === undefined);
  const runs = [...new Set(rest.flatMap((change) => runOf(change)?.run ?? []))];
  const traces = [
    ...new Set(rest.flatMap((change) => (runOf(change) === undefined ? (change.trace_id ?? []) : []))),
  ];
  const oldest = finder(reading, asked);
  const begun = await oldest('kind:audit audit.action:script.* audit.arguments.run', runs);
  const around = await oldest('(kind:access or event.name:browser.click) trace_id', traces);
  const starts = groupedBy(begun.rows, (row) => textOf(row, 'audit.arguments.run'));
  const byTrace = groupedBy(around.rows, ({ record }) => record.trace_id ?? '');
  return {
    changes: changes.map((change) => {
      const run = runOf(change);
      const cause =
        adminCause(change) ??
        (run === undefined
          ? causeOf(byTrace.get(change.trace_id ?? '') ?? [], change.time)
          : { type: 'script', ...run, ...startOf(starts.get(run.run)?.[0]) });
      return { ...change, cause };
    }),
    costs: [...begun.costs, ...around.costs],
  };
}

/** Finds records of which a field, the last word of `terms`, is one of `values`; oldest first. */
function finder(reading: Reading, { project, reply }: Asked) {
  return async (terms: string, values: readonly string[]): Promise<Found> => {
    if (values.length === 0) return { rows: [], costs: [] };
    const statement = compileSearch(searchOf(`${terms}:(${values.map(writeValue).join(' or ')})`), {
      project,
      table: reading.store().table,
      limit: AUDIT_CAUSE_RECORDS_MAX,
      order: 'asc',
    });
    const { rows, statistics } = await runSearch(reading, statement, { project, reply });
    return { rows: rows.map(decodeRow), costs: [statistics] };
  };
}

function groupedBy(rows: readonly Row[], nameOf: (row: Row) => string): ReadonlyMap<string, readonly Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const of = groups.get(nameOf(row));
    if (of === undefined) groups.set(nameOf(row), [row]);
    else of.push(row);
  }
  return groups;
}

/** One of us, through this server: its services say by which door, and what it writes itself names people and keys. */
function adminCause({ via, service, actor }: AuditChange): AuditCause | undefined {
  if (via !== undefined) return { type: 'admin', ...via };
  if (service !== OURSELVES || actor.id === SERVER_ACTOR) return undefined;
  return { type: 'admin', door: actor.id.startsWith('user:') ? 'console' : 'api' };
}

/** What a script changed is by an actor of its name and run. */
function runOf({ actor }: AuditChange): { readonly script: string; readonly run: string } | undefined {
  const at = actor.type === 'script' ? actor.id.lastIndexOf('/') : -1;
  return at < 0 ? undefined : { script: actor.id.slice(0, at), run: actor.id.slice(at + 1) };
}

/** What the server wrote down when the run was asked for. One from a terminal has nothing of it. */
function startOf(row: Row | undefined): { readonly by?: string; readonly service?: string } {
  if (row === undefined) return {};
  const service = textOf(row, 'audit.via.service');
  const by = textOf(row, 'audit.actor.name') || textOf(row, 'audit.actor.id');
  return { by, ...(service === '' ? {} : { service }) };
}

/** `rows`: clicks and requests of one trace, oldest first. */
export function causeOf(rows: readonly Row[], time: string): AuditCause {
  const click = rows.findLast((row) => isClick(row) && row.record.time <= time);
  if (click !== undefined) {
    const text = textOf(click, 'browser.element.name') || click.record.message;
    return { type: 'click', time: click.record.time, text, page: textOf(click, 'url.path') };
  }
  // The outermost request is the one that took longest: all others were made inside of it.
  const [request] = rows
    .filter((row) => !isClick(row))
    .toSorted((a, b) => (numberOf(b, 'duration_ms') ?? 0) - (numberOf(a, 'duration_ms') ?? 0));
  if (request === undefined) return { type: 'none' };
  const method = textOf(request, 'http.request.method');
  const route = textOf(request, 'http.route') || textOf(request, 'url.path');
  const text = `${method} ${route}`.trim() || request.record.message;
  const service = resourceOf(request, 'service.name') || request.context.producer;
  return { type: 'request', time: request.record.time, text, service };
}

function isClick(row: Row): boolean {
  return textOf(row, 'event.name') === 'browser.click';
}
