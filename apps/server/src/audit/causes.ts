/**
 * What set each change off: the click in a page whose request made it, or the request alone. A change outside of any trace was
 * nobody's action in a page: a script, a job, a console of the database.
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

export async function withCauses(
  reading: Reading,
  changes: readonly AuditChange[],
  { project, reply }: Asked,
): Promise<{ readonly changes: readonly AuditChange[]; readonly costs: readonly Cost[] }> {
  const traces = [...new Set(changes.flatMap(({ trace_id }) => trace_id ?? []))];
  if (traces.length === 0) return { changes: changes.map(ofNobody), costs: [] };
  const ids = traces.map(writeValue).join(' or ');
  const statement = compileSearch(searchOf(`trace_id:(${ids}) (kind:access or event.name:browser.click)`), {
    project,
    table: reading.store().table,
    limit: AUDIT_CAUSE_RECORDS_MAX,
    order: 'asc',
  });
  const { rows, statistics } = await runSearch(reading, statement, { project, reply });
  const byTrace = new Map<string, Row[]>();
  for (const row of rows.map(decodeRow)) {
    const { trace_id = '' } = row.record;
    const of = byTrace.get(trace_id);
    if (of === undefined) byTrace.set(trace_id, [row]);
    else of.push(row);
  }
  return {
    changes: changes.map((change) => {
      const of = byTrace.get(change.trace_id ?? '') ?? [];
      return { ...change, cause: causeOf(of, change.time) };
    }),
    costs: [statistics],
  };
}

function ofNobody(change: AuditChange): AuditChange {
  return { ...change, cause: { type: 'none' } };
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
