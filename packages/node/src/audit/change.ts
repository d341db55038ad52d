/** What a caller says of a change, and its record. */
import {
  auditAttributes,
  auditMessage,
  type ActorType,
  type AuditEntry,
  type AuditOutcome,
} from '@sillok/record';
import { makeHead, type Head } from '../entry.js';
import { EMPTY_FRAGMENT } from '../fragment.js';
import type { Logger } from '../logger.js';
import { hidePaths } from './hide-paths.js';

export interface Actor {
  readonly type: ActorType;
  readonly id: string;
  /** For people who read the history. */
  readonly name?: string | undefined;
}

export interface Entity {
  readonly type: string;
  readonly id: string;
  readonly version?: string | number | undefined;
}

export interface Change {
  /** Names the entry for ever. Made when left out; with one of your own, a transaction can be committed once only. */
  readonly id?: string | undefined;
  /** What is done, in the words of the business: `order.change_address`. */
  readonly action: string;
  readonly entity: Entity;
  /** Who does it. When left out: that of `createAudit({ actor })`, else `system` and the service's name. */
  readonly actor?: Actor | undefined;
  /** Through which door of Sillok's server it was asked for; `@sillok/admin` says it. */
  readonly via?: AuditEntry['via'];
  /** `user_hash` of the person whose data it is about. */
  readonly subject?: string | undefined;
  readonly reason?: string | undefined;
  readonly arguments?: unknown;
  readonly before?: unknown;
  readonly after?: unknown;
  readonly result?: unknown;
  /** Of a call that changed many: the same for all of them. Made by `Audit.batch`. */
  readonly batch?: { readonly id: string; readonly size: number } | undefined;
}

/** Paths that are never written, by type of entity: `{ order: ['card.number'] }`. */
export type HiddenPaths = Readonly<Record<string, readonly string[]>>;

const HEAD = makeHead('audit', 'info');
const WARNING_HEAD = makeHead('audit', 'warn');
const WARNINGS: ReadonlySet<AuditOutcome> = new Set(['denied', 'failed', 'unknown']);

interface Said {
  readonly id: string;
  readonly outcome: AuditOutcome;
  readonly actor: Actor;
  readonly hidden: HiddenPaths | undefined;
}

export function entryOf(change: Change, { id, outcome, actor, hidden }: Said): AuditEntry {
  const entry = { ...change, id, outcome, actor };
  const paths = hidden?.[change.entity.type];
  if (paths === undefined) return entry;
  return {
    ...entry,
    arguments: hidePaths(change.arguments, paths),
    before: hidePaths(change.before, paths),
    after: hidePaths(change.after, paths),
    result: hidePaths(change.result, paths),
  };
}

/** In the file when it returns true; on the disk after `confirmAudit`. */
export function writeEntry(logger: Logger, entry: AuditEntry, error?: unknown): boolean {
  const head: Head = WARNINGS.has(entry.outcome) ? WARNING_HEAD : HEAD;
  const fields = {
    'event.name': entry.action,
    ...auditAttributes(entry),
    ...(error === undefined ? {} : { err: error instanceof Error ? error : String(error) }),
  };
  return logger.runtime.writer.write({
    head,
    message: auditMessage(entry),
    fields,
    bindings: EMPTY_FRAGMENT,
  });
}
