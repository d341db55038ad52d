/** Audit records as changes: an intent and its outcome are one, newest first. Pure. */
import type { AuditChange } from '@sillok/api';
import {
  AUDIT_DOORS,
  isActionOf,
  READ_VERBS,
  type Envelope,
  type FieldChange,
  type Json,
} from '@sillok/record';

type Fields = { readonly [key: string]: Json };

/** `records`: newest first. Those that are no entries of ours (a plain audit line) are changes of their own. */
export function changesOf(records: readonly Envelope[]): AuditChange[] {
  const changes = new Map<string, AuditChange>();
  for (const record of records) {
    const audit = fieldsOf(record.attributes['audit']);
    const id = textOf(audit['id']) ?? `${record.producer}/${record.boot}/${record.seq}`;
    const known = changes.get(id);
    changes.set(
      id,
      known === undefined ? changeOf(id, record, audit) : joined(known, changeOf(id, record, audit)),
    );
  }
  return [...changes.values()];
}

function changeOf(id: string, record: Envelope, audit: Fields): AuditChange {
  const { producer, boot, seq, time, resource, trace_id, global_trace_id } = record;
  const entity = fieldsOf(audit['entity']);
  const actor = fieldsOf(audit['actor']);
  const action = textOf(audit['action']) ?? record.message;
  const known = {
    via: viaOf(fieldsOf(audit['via'])),
    subject: textOf(audit['subject']),
    reason: textOf(audit['reason']),
    customer: textOf(fieldsOf(record.attributes['customer'])['id']),
    client_address: textOf(fieldsOf(record.attributes['client'])['address']),
    service: textOf(resource['service.name']),
    service_version: textOf(resource['service.version']),
    trace_id,
    global_trace_id,
  };
  const actorName = textOf(actor['name']);
  return {
    id,
    outcome: textOf(audit['outcome']) ?? 'committed',
    time,
    action,
    entity: {
      type: textOf(entity['type']) ?? '',
      id: textOf(entity['id']) ?? '',
      ...(entity['version'] === undefined ? {} : { version: entity['version'] }),
    },
    actor: {
      type: textOf(actor['type']) ?? 'system',
      id: textOf(actor['id']) ?? '',
      ...(actorName === undefined ? {} : { name: actorName }),
    },
    is_read: isActionOf(READ_VERBS, action),
    ...present(known),
    ...(audit['arguments'] === undefined ? {} : { arguments: audit['arguments'] }),
    ...(audit['before'] === undefined ? {} : { before: audit['before'] }),
    ...(audit['after'] === undefined ? {} : { after: audit['after'] }),
    diff: diffIn(audit['diff']),
    ...(hasQuarantine(record) ? { incomplete: true as const } : {}),
    records: [{ producer, boot, seq }],
  };
}

function viaOf({ door, service }: Fields): AuditChange['via'] {
  const known = AUDIT_DOORS.find((each) => each === door);
  return known === undefined ? undefined : { door: known, service: textOf(service) ?? '' };
}

/** The later record says how it ended; what it leaves out, the earlier one says. */
function joined(later: AuditChange, earlier: AuditChange): AuditChange {
  const diff = later.diff.length > 0 ? later.diff : earlier.diff;
  return { ...earlier, ...later, diff, records: [...later.records, ...earlier.records] };
}

/** `sillok.quarantine_reason.…`: a field that could not be kept as it was. */
function hasQuarantine({ attributes }: Envelope): boolean {
  return Object.keys(fieldsOf(fieldsOf(attributes['sillok'])['quarantine_reason'])).length > 0;
}

function diffIn(value: Json | undefined): FieldChange[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((each: Json) => {
    const { path, before, after } = fieldsOf(each);
    if (typeof path !== 'string') return [];
    // Leaves of flattened objects, as `diffOf` wrote them.
    return [{ path, ...sideOf('before', before), ...sideOf('after', after) } as FieldChange];
  });
}

type Present<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> };

function present<T extends object>(values: T): Present<T> {
  // What is undefined has just been left out.
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Present<T>;
}

function sideOf(name: string, value: Json | undefined): object {
  return value === undefined ? {} : { [name]: value };
}

function fieldsOf(value: Json | undefined): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return {};
  return value as Fields; // an object that is no array
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}
