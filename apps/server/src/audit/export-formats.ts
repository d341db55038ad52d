/** Changes of the audit trail as files for others: CSV for spreadsheets, NDJSON for programs, CloudEvents 1.0 for event systems. */
import type { AuditChange } from '@sillok/api';
import { csvLine } from '@sillok/record';

export type AuditExportFormat = 'csv' | 'ndjson' | 'cloudevents';

export const EXPORT_TYPES: Readonly<Record<AuditExportFormat, string>> = {
  csv: 'text/csv; charset=utf-8',
  ndjson: 'application/x-ndjson',
  cloudevents: 'application/cloudevents-batch+json',
};

export const EXPORT_FILES: Readonly<Record<AuditExportFormat, string>> = {
  csv: 'sillok-audit.csv',
  ndjson: 'sillok-audit.ndjson',
  cloudevents: 'sillok-audit.json',
};

type Pages = AsyncIterable<readonly AuditChange[]>;

export function exportText(format: AuditExportFormat, project: string, pages: Pages): AsyncIterable<string> {
  if (format === 'csv') return csvOf(pages);
  return format === 'ndjson' ? linesOf(pages) : eventsOf(project, pages);
}

async function* linesOf(pages: Pages): AsyncGenerator<string> {
  for await (const changes of pages) yield changes.map((change) => `${JSON.stringify(change)}\n`).join('');
}

const COLUMNS = [
  'time',
  'actor_type',
  'actor_id',
  'action',
  'entity_type',
  'entity_id',
  'outcome',
  'field',
  'before',
  'after',
  'reason',
  'customer',
  'subject',
  'service',
  'client_address',
  'trace_id',
  'id',
];

/** A row for each field that changed, so that it can be sorted and counted; one without a field for a change of none. */
async function* csvOf(pages: Pages): AsyncGenerator<string> {
  yield csvLine(COLUMNS);
  for await (const changes of pages) yield changes.flatMap(rowsOf).map(csvLine).join('');
}

function rowsOf(change: AuditChange): unknown[][] {
  const { time, actor, action, entity, outcome, diff, reason, customer, subject, service } = change;
  const head = [time, actor.type, actor.id, action, entity.type, entity.id, outcome];
  const tail = [reason, customer, subject, service, change.client_address, change.trace_id, change.id];
  if (diff.length === 0) return [[...head, '', '', '', ...tail]];
  return diff.map(({ path, before, after }) => [...head, path, before, after, ...tail]);
}

async function* eventsOf(project: string, pages: Pages): AsyncGenerator<string> {
  yield '[';
  let isFirst = true;
  for await (const changes of pages) {
    for (const change of changes) {
      yield `${isFirst ? '' : ','}\n${JSON.stringify(eventOf(project, change))}`;
      isFirst = false;
    }
  }
  yield '\n]\n';
}

function eventOf(project: string, change: AuditChange): object {
  const { action, entity, time, service = 'unknown', trace_id } = change;
  return {
    specversion: '1.0',
    // A change and its later settlement are two events of one id: the outcome tells them apart.
    id: `${change.id}/${change.outcome}`,
    source: `/sillok/${encodeURIComponent(project)}/${encodeURIComponent(service)}`,
    type: `sillok.audit.${action}`,
    subject: `${entity.type}/${entity.id}`,
    time,
    datacontenttype: 'application/json',
    ...(trace_id === undefined ? {} : { traceid: trace_id }),
    data: change,
  };
}
