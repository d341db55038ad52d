/**
 * A change of the settings as an entry of the audit log: what, by whom, before and after. The log is kept for years, read by
 * every member and never rewritten, so secrets are not in it (that one was changed is), addresses of people are cut short, and
 * a search that somebody keeps to themselves has no images.
 */
import type { Act } from '../audit/acts.js';
import type { SettingsChange } from './change.js';
import { DEFAULT_PROJECT } from './dev-key.js';
import { SECRET_NAMES } from './history.js';
import type { KeyRing } from './keys.js';
import { SERVER, type ObjectName, type Objects, type Told } from './objects.js';

const EMAIL = /[^\s@"\\<>,:;()]+@([^\s@"\\<>,:;()]+\.[^\s@"\\<>,:;()]{2,})/g;

/** Taking these away deletes nothing that anybody could miss, and must not look like it. */
const NOT_MISSED: ReadonlySet<string> = new Set(['star', 'debug_route']);

export interface Held {
  readonly keys: KeyRing;
  readonly objects: Objects;
}

/** Asked before the change is applied: `held` says what was there before. */
export function actOf(change: SettingsChange, told: Told & { readonly project: string }, held: Held): Act {
  const { actor, message, address } = told;
  const actorName = nameOf(actor, held);
  return {
    project: told.project === SERVER ? DEFAULT_PROJECT : told.project,
    actor,
    ...(actorName === undefined ? {} : { actorName }),
    ...(address === undefined ? {} : { address }),
    message: withoutAddresses(message),
    ...whatOf(change, held),
  };
}

function whatOf(change: SettingsChange, held: Held): Pick<Act, 'action' | 'entity' | 'before' | 'after'> {
  switch (change.change) {
    case 'note':
      return {
        action: `${change.what}.${change.verb ?? 'note'}`,
        entity: { type: change.what, id: change.id },
      };
    case 'key.create':
      return { ...keyAct('key.create', change.key.id), after: shown(change.key) };
    case 'key.revoke': {
      const before = held.keys.find(change.id);
      const after = { ...before, revoked_at: change.at };
      return { ...keyAct('key.revoke', change.id), before: shown(before), after: shown(after) };
    }
    case 'object.put': {
      const { object } = change;
      const before = held.objects.find(object);
      const verb = before === undefined ? 'create' : 'change';
      return { ...objectAct(verb, object), ...imagesOf(object, before?.value, object.value) };
    }
    case 'object.delete': {
      const { object } = change;
      return {
        ...objectAct('delete', object),
        ...imagesOf(object, held.objects.find(object)?.value, undefined),
      };
    }
  }
}

function keyAct(action: string, id: string): Pick<Act, 'action' | 'entity'> {
  return { action, entity: { type: 'key', id } };
}

function objectAct(verb: string, { collection, id }: ObjectName): Pick<Act, 'action' | 'entity'> {
  const word = verb === 'delete' && NOT_MISSED.has(collection) ? 'clear' : verb;
  return { action: `${collection}.${word}`, entity: { type: collection, id } };
}

function imagesOf(
  { collection }: ObjectName,
  before: unknown,
  after: unknown,
): Pick<Act, 'before' | 'after'> {
  const isPrivate =
    collection === 'saved' && [before, after].every((each) => fieldsOf(each)['shared'] !== true);
  if (isPrivate) return {};
  const images = { before: shown(before), after: shown(after, before) };
  return Object.fromEntries(Object.entries(images).filter(([, image]) => image !== undefined));
}

/** Without secrets; one that differs from the one before is said to. */
function shown(value: unknown, before?: unknown): unknown {
  if (value === undefined) return undefined;
  const old = fieldsOf(before);
  const fields = Object.entries(fieldsOf(value)).map(([name, each]) => {
    if (!SECRET_NAMES.has(name)) return [name, each];
    return [name, name in old && old[name] !== each ? '(another secret)' : '(secret)'];
  });
  // Text of our own, which the replacement leaves whole: an address holds no quote.
  return JSON.parse(withoutAddresses(JSON.stringify(Object.fromEntries(fields)))) as unknown;
}

function withoutAddresses(text: string): string {
  return text.replace(EMAIL, (address, domain: string) => `${address.slice(0, 1)}***@${domain}`);
}

function nameOf(actor: string, { keys, objects }: Held): string | undefined {
  const id = actor.startsWith('user:') ? actor.slice('user:'.length) : undefined;
  if (id === undefined) return keys.find(actor)?.name;
  const name = fieldsOf(objects.find({ collection: 'user', project: SERVER, id })?.value)['name'];
  return typeof name === 'string' ? name : undefined;
}

function fieldsOf(value: unknown): { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}
