/** Changes of the audit trail as a table, and one of them with before and after side by side. */
import type { AuditCause, AuditChange, AuditGroup } from '@sillok/api';
import type { Colours, Paint } from '../terminal/colours.js';
import { safeLine } from '../terminal/safe-text.js';
import { tableText } from '../terminal/table.js';

export function changesTable(changes: readonly AuditChange[], colours: Colours): string {
  const rows = changes.map((change) => [
    timeOf(change.time),
    `${change.actor.type} ${change.actor.name ?? change.actor.id}`,
    change.action,
    `${change.entity.type}/${change.entity.id}`,
    change.outcome,
    change.diff.map(({ path }) => path).join(' '),
    change.id,
  ]);
  const columns = ['time', 'actor', 'action', 'entity', 'outcome', 'changed', 'id'];
  return tableText({ columns, rows, colours });
}

/** One change below the other, with what differed and what set it off. */
export function historyText(changes: readonly AuditChange[], colours: Colours): string {
  return changes.map((change) => changeLines(change, colours).join('\n')).join('\n\n');
}

function changeLines(change: AuditChange, colours: Colours): string[] {
  const { time, actor, action, entity, outcome, reason, cause, diff } = change;
  const who = safeLine(`${actor.type} ${actor.id}`);
  const what = safeLine(`${action} ${entity.type}/${entity.id}${versionOf(entity)}`);
  const lines = [
    `${colours.dim(timeOf(time))}  ${colours.bold(who)}  ${what}  ${paintOf(outcome, colours)(outcome)}`,
  ];
  for (const { path, before, after } of diff) {
    lines.push(safeLine(`    ${path}: ${valueText(before)} → ${valueText(after)}`));
  }
  const given = argumentsText(change);
  if (given !== undefined) lines.push(colours.dim(safeLine(`    with: ${given}`)));
  if (reason !== undefined) lines.push(colours.dim(safeLine(`    why: ${reason}`)));
  if (cause !== undefined) lines.push(colours.dim(safeLine(`    ${causeText(cause)}`)));
  return lines;
}

function causeText(cause: AuditCause): string {
  if (cause.type === 'click') return `clicked “${cause.text}” on ${cause.page}`;
  if (cause.type === 'request')
    return `by the request ${cause.text} to ${cause.service}; no click is recorded`;
  if (cause.type === 'admin') return `asked for ${adminText(cause)}`;
  if (cause.type === 'script') {
    const begun = cause.by === undefined ? '' : `, begun by ${cause.by}`;
    return `by run ${cause.run} of the script ${cause.script}${begun}`;
  }
  return 'no user action is recorded';
}

function adminText({ door, service = '' }: Extract<AuditCause, { type: 'admin' }>): string {
  const place = service === '' ? '' : ` (${service})`;
  return door === 'console'
    ? `in the console${place}`
    : `with a key, over the API or the command line${place}`;
}

export function groupsTable(groups: readonly AuditGroup[], colours: Colours): string {
  const rows = groups.map((group) => [
    `${group.type} ${group.id}`.trim(),
    ...[group.changes, group.deletes, group.reads, group.refused].map(String),
    timeOf(group.first),
    timeOf(group.last),
    group.actions.map(({ action, count }) => `${action} ${count}`).join(', '),
  ]);
  const columns = ['actor', 'changes', 'deletes', 'reads', 'refused', 'first', 'last', 'actions'];
  return tableText({ columns, rows, colours });
}

function versionOf({ version }: AuditChange['entity']): string {
  return version === undefined ? '' : ` (version ${JSON.stringify(version)})`;
}

export function changeText(change: AuditChange, colours: Colours): string {
  const { action, entity, actor, outcome, reason, subject, service, trace_id, global_trace_id } = change;
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['when', change.time],
    ['who', `${actor.type} ${actor.name === undefined ? actor.id : `${actor.name} (${actor.id})`}`],
    ['what', `${action} ${entity.type}/${entity.id}${versionOf(entity)}`],
    ['outcome', outcome],
    ['with', argumentsText(change)],
    ['why', reason],
    ['about', subject],
    ['company', change.customer],
    ['from', change.client_address],
    ['set off', change.cause === undefined ? undefined : causeText(change.cause)],
    ['by', service],
    ['trace', trace_id],
    ['scenario', global_trace_id],
    ['records', change.records.map(({ producer, boot, seq }) => `${producer}/${boot}/${seq}`).join(' ')],
  ];
  const head = facts.flatMap(([name, value]) => {
    if (value === undefined || value === '') return [];
    const paint = name === 'outcome' ? paintOf(outcome, colours) : (text: string) => text;
    return [`${colours.dim(name.padEnd(9))}${paint(safeLine(value))}`];
  });
  if (change.diff.length === 0) return head.join('\n');
  const rows = change.diff.map(({ path, before, after }) => [path, valueText(before), valueText(after)]);
  return `${head.join('\n')}\n\n${tableText({ columns: ['field', 'before', 'after'], rows, colours })}`;
}

function paintOf(outcome: string, colours: Colours): Paint {
  if (outcome === 'committed') return colours.good;
  return outcome === 'intent' ? colours.warning : colours.bad;
}

/** `query: SELECT … · params: id`; undefined where none are kept. */
function argumentsText({ arguments: given }: AuditChange): string | undefined {
  if (given === undefined) return undefined;
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return JSON.stringify(given);
  const parts = Object.entries(given)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`);
  return parts.length === 0 ? undefined : parts.join(' · ');
}

/** A missing side is a dash, so that it differs from an empty text. */
function valueText(value: unknown): string {
  if (value === undefined) return '–';
  return typeof value === 'string' ? `"${value}"` : JSON.stringify(value);
}

function timeOf(time: string): string {
  return `${time.slice(0, 10)} ${time.slice(11, 23)}`;
}
