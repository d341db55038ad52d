/** What is asked of the audit trail, as a search: one language for the pages, the counts and the export. */
import { READ_VERBS } from '@sillok/record';
import { writeValue } from '@sillok/query';

export interface HistoryFilters {
  readonly entity?: string | undefined;
  readonly actor?: string | undefined;
  readonly actor_type?: string | undefined;
  readonly action?: string | undefined;
  readonly subject?: string | undefined;
  readonly customer?: string | undefined;
  readonly id?: string | undefined;
  readonly q?: string | undefined;
  readonly reads?: 'with' | 'without' | 'only' | undefined;
}

/** All pseudonyms of the person who is asked for. */
export interface PersonNames {
  /** Their accounts, and the name by which they were asked for. */
  readonly accounts: readonly string[];
  readonly sessions: readonly string[];
}

export function historySearch(filters: HistoryFilters, person?: PersonNames): string {
  const { entity, actor, actor_type, action, subject, customer, id, q, reads } = filters;
  const parts = [
    'kind:audit',
    ...entityTerms(entity),
    ...term('audit.actor.id', actor),
    ...term('audit.actor.type', actor_type),
    ...term('audit.action', action),
    ...term('audit.subject', subject),
    ...term('customer.id', customer),
    ...term('audit.id', id),
    ...(q === undefined ? [] : [typedTerms(q.trim())]),
    ...(person === undefined ? [] : [personTerms(person)]),
  ];
  if (reads === 'only') parts.push(actionsOf(READ_VERBS));
  if (reads === 'without') parts.push(`not ${actionsOf(READ_VERBS)}`);
  return parts.join(' ');
}

/** `audit.action:(*.read or *.read_* or read …)`: as `isActionOf`. */
function actionsOf(verbs: readonly string[]): string {
  return `audit.action:(${verbs.flatMap((verb) => [verb, `*.${verb}`, `*.${verb}_*`]).join(' or ')})`;
}

function term(field: string, value: string | undefined): string[] {
  return value === undefined || value === '' ? [] : [`${field}:${writeValue(value)}`];
}

/** `order/7`, `order`; an id may have slashes of its own. */
function entityTerms(entity: string | undefined): string[] {
  const [type = '', ...rest] = entity?.split('/') ?? [];
  return [...term('audit.entity.type', type), ...term('audit.entity.id', rest.join('/'))];
}

/** Whatever a colleague was told on the phone. */
function typedTerms(text: string): string {
  const value = writeValue(text);
  const fields = ['audit.entity.id', 'audit.actor.id', 'customer.id', 'audit.id', 'audit.subject'];
  const terms = fields.map((field) => `${field}:${value}`);
  const [type = '', ...rest] = text.split(/[/\s#]+/);
  const id = rest.join('/');
  if (type !== '' && id !== '') {
    terms.push(`(audit.entity.type:${writeValue(type)} audit.entity.id:${writeValue(id)})`);
  }
  return `(${terms.join(' or ')})`;
}

/** Entries name people by their accounts; a session only stands in the envelope of what was done in it. */
function personTerms({ accounts, sessions }: PersonNames): string {
  const oneOf = (values: readonly string[]): string => `(${values.map(writeValue).join(' or ')})`;
  const fields = ['audit.subject', 'user_hash', 'audit.actor.id', 'audit.entity.id'];
  const terms = fields.map((field) => `${field}:${oneOf(accounts)}`);
  if (sessions.length > 0) terms.push(`session_hash:${oneOf(sessions)}`);
  return `(${terms.join(' or ')})`;
}
