/**
 * Who changed what: the audit records of the settings, newest first, with the state before and after. Secrets, their hashes
 * and addresses of webhooks are left out here, so that nothing that shows the history can leak them.
 */
import { HISTORY_MAX } from '../limits.js';
import { PROJECT_ATTRIBUTE, readChanges, type ChangeSource, type ReadChange } from './change.js';

export interface HistoryQuery {
  /** Undefined: of every project and of the server. */
  readonly project?: string;
  readonly limit: number;
}

export interface HistoryEntry {
  readonly time: string;
  readonly actor: string;
  readonly message: string;
  readonly project: string;
  /** `key`, `user`, `member`, `saved` … */
  readonly what: string;
  readonly id: string;
  readonly before: unknown;
  readonly after: unknown;
}

export const SECRET_NAMES: ReadonlySet<string> = new Set(['hash', 'password', 'secret', 'token', 'url']);

export function readHistory(source: ChangeSource, query: HistoryQuery): HistoryEntry[] {
  const latest = new Map<string, unknown>();
  const entries: HistoryEntry[] = [];
  const limit = Math.min(query.limit, HISTORY_MAX);
  for (const read of readChanges(source)) {
    const entry = entryOf(read, latest);
    if (query.project !== undefined && entry.project !== query.project) continue;
    entries.push(entry);
    if (entries.length > limit * 2) entries.splice(0, entries.length - limit);
  }
  return entries.slice(-limit).reverse();
}

function entryOf({ record, change }: ReadChange, latest: Map<string, unknown>): HistoryEntry {
  const subject = subjectOf(change);
  const name = `${subject.what}\n${subject.project ?? ''}\n${subject.id}`;
  const before = latest.get(name) ?? null;
  latest.set(name, subject.after);
  const told = record.attributes?.[PROJECT_ATTRIBUTE];
  return {
    time: record.time,
    actor: String(record.attributes?.['sillok.settings.actor'] ?? ''),
    message: record.message,
    project: subject.project ?? (typeof told === 'string' ? told : ''),
    what: subject.what,
    id: subject.id,
    before,
    after: subject.after,
  };
}

interface Subject {
  readonly what: string;
  readonly project?: string;
  readonly id: string;
  readonly after: unknown;
}

function subjectOf(change: ReadChange['change']): Subject {
  switch (change.change) {
    case 'note':
      return { what: change.what, id: change.id, after: null };
    case 'key.create': {
      const { id, project } = change.key;
      return { what: 'key', id, project, after: withoutSecrets(change.key) };
    }
    case 'key.revoke':
      return { what: 'key', id: change.id, after: { revoked_at: change.at } };
    case 'object.put': {
      const { collection, project, id, value } = change.object;
      return { what: collection, project, id, after: withoutSecrets(value) };
    }
    case 'object.delete': {
      const { collection, project, id } = change.object;
      return { what: collection, project, id, after: null };
    }
  }
}

/** Only the top level holds secrets: the shapes of settings are ours. */
export function withoutSecrets(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).filter(([name]) => !SECRET_NAMES.has(name)));
}
