/**
 * What an audit record says: who did what to which entity, with which result. One shape for the SDK, for `POST /v1/audit` and
 * for readers; attributes stand under `audit.` in the record.
 */
import { emptyFlat } from './flat.js';
import { flatten } from './flatten.js';
import { AUDIT_DIFF_MAX } from './limits.js';
import { isSameValue } from './same-value.js';
import type { FlatAttributes, FlatValue } from './types.js';

export const ACTOR_TYPES = ['user', 'admin', 'system', 'script'] as const;
export type ActorType = (typeof ACTOR_TYPES)[number];

/**
 * `intent`: about to be done, on disk before it begins. The others say how it ended; `unknown` is settled later and never
 * stays.
 */
export const AUDIT_OUTCOMES = ['intent', 'committed', 'rolled_back', 'denied', 'failed', 'unknown'] as const;
export type AuditOutcome = (typeof AUDIT_OUTCOMES)[number];

/** Ways through Sillok's server by which a person acts on a service: signed in to the console, or a key over the API. */
export const AUDIT_DOORS = ['console', 'api'] as const;
export type AuditDoor = (typeof AUDIT_DOORS)[number];

export interface AuditEntry {
  /** Joins an intent and its outcome. */
  readonly id: string;
  readonly outcome: AuditOutcome;
  /** `order.update`: what was done, in the words of the business. */
  readonly action: string;
  readonly entity: {
    readonly type: string;
    readonly id: string;
    readonly version?: string | number | undefined;
  };
  /** `name` is for people who read it; `id` is what is compared. */
  readonly actor: { readonly type: ActorType; readonly id: string; readonly name?: string | undefined };
  /** When it was asked for through Sillok's server: by which door, and the service's name there. */
  readonly via?: { readonly door: AuditDoor; readonly service: string } | undefined;
  /** `user_hash` of the person whose data it is about, where there is one. */
  readonly subject?: string | undefined;
  readonly reason?: string | undefined;
  readonly arguments?: unknown;
  readonly before?: unknown;
  readonly after?: unknown;
  readonly result?: unknown;
  /** Joins the entries of one call that changed many, and says how many they are. */
  readonly batch?: { readonly id: string; readonly size: number } | undefined;
}

/** Last words of actions that look at something and change nothing: `person.lookup`, `order.read`, `report.download`. */
export const READ_VERBS = [
  'read',
  'view',
  'lookup',
  'open',
  'search',
  'list',
  'export',
  'download',
  'print',
] as const;

/** Those by which data leaves the house. */
export const DOWNLOAD_VERBS = ['export', 'download', 'print'] as const;

/** Last words of actions that take something away. */
export const DELETE_VERBS = ['delete', 'remove', 'purge', 'erase'] as const;

/** Whether an action's last word (behind the last dot) is one of these, alone or before `_`: `order.delete`, `order.delete_all`. */
export function isActionOf(verbs: readonly string[], action: string): boolean {
  const last = action.slice(action.lastIndexOf('.') + 1);
  return verbs.some((verb) => last === verb || last.startsWith(`${verb}_`));
}

/** Attribute that says once more, field by field, what changed. */
export const AUDIT_DIFF = 'audit.diff';

/** Where the images hold a field that the difference names: what is hidden there must be hidden in it. */
export function auditImagesOf(path: string): readonly string[] {
  return [`audit.before.${path}`, `audit.after.${path}`];
}

/** One field that differs. An absent side means that the field was not there. */
export interface FieldChange {
  readonly path: string;
  readonly before?: FlatValue;
  readonly after?: FlatValue;
}

/** Field by field, by path. Of more than `AUDIT_DIFF_MAX` the first ones, which a reader sees by the count of `before` and `after`. */
export function diffOf(before: unknown, after: unknown): FieldChange[] {
  const [old, now] = [flatOf(before), flatOf(after)];
  const paths = [...new Set([...Object.keys(old), ...Object.keys(now)])].sort();
  const changes: FieldChange[] = [];
  for (const path of paths) {
    const [left, right] = [old[path], now[path]];
    if (left !== undefined && right !== undefined && isSameValue(left, right)) continue;
    changes.push({
      path,
      ...(left === undefined ? {} : { before: left }),
      ...(right === undefined ? {} : { after: right }),
    });
    if (changes.length === AUDIT_DIFF_MAX) break;
  }
  return changes;
}

/** The entry as attributes of its record. */
export function auditAttributes(entry: AuditEntry): { readonly audit: object } {
  const { before, after } = entry;
  const diff = before === undefined && after === undefined ? [] : diffOf(before, after);
  // What is undefined stays: flattening leaves it out, and every entry has the same shape.
  return { audit: { ...entry, diff: diff.length === 0 ? undefined : diff } };
}

/** `order.update order/7 by admin kim: committed` */
export function auditMessage({ action, entity, actor, outcome }: AuditEntry): string {
  return `${action} ${entity.type}/${entity.id} by ${actor.type} ${actor.id}: ${outcome}`;
}

function flatOf(value: unknown): FlatAttributes {
  if (value === undefined) return emptyFlat();
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return flatten(value);
  return flatten({ value });
}
