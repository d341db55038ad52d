/**
 * Settings are records: each change is an audit record in a small spool of its own, on disk before it counts, folded into
 * memory at start. So keys work while the engine is down, and who changed what stays known. It is exempt from retention.
 *
 * The same change stands in the signed audit log of its project (`audit/acts.ts`): its intent before it is made, its outcome
 * before anybody is answered. What cannot be put there is not changed.
 */
import {
  createClock,
  encodeRecord,
  newBoot,
  type Clock,
  type FlatRecord,
  type FlatValue,
} from '@sillok/record';
import { openSpoolWriter, type Disk, type SpoolWriter } from '@sillok/spool';

import type { Acts } from '../audit/acts.js';
import { objectsFull } from '../errors.js';
import type { Log } from '../log.js';
import { actOf } from './act-of.js';
import {
  AUDIT_ID_ATTRIBUTE,
  CHANGE_ATTRIBUTE,
  PROJECT_ATTRIBUTE,
  readChanges,
  type SettingsChange,
} from './change.js';
import { readHistory, type HistoryEntry, type HistoryQuery } from './history.js';
import { KeyRing, makeKey, type NewKey, type ShownKey, type StoredKey } from './keys.js';
import {
  COLLECTIONS,
  Objects,
  type ObjectName,
  type ObjectStore,
  type StoredObject,
  type Told,
} from './objects.js';

export interface Settings extends ObjectStore {
  readonly keys: KeyRing;
  /** Durable when it returns. `actor` is the id of the key that asked, or `server`. */
  createKey(wanted: NewKey, actor: string): { readonly key: string; readonly stored: StoredKey };
  /** In the settings of a server that has none yet. There is no log before it, so it leaves no entry there. */
  createFirstKey(wanted: NewKey): { readonly key: string };
  /** Acts at once. False when there is no such key. */
  revokeKey(id: string, actor: string): boolean;
  listKeys(): ShownKey[];
  /** Leaves an audit record of something that changes no setting: a sign-in, a session that was ended. */
  note(what: NewNote, told: Told): void;
  /** Who changed what, newest first, without secrets. */
  history(query: HistoryQuery): HistoryEntry[];
  /** Called after each change of an object, when it is on disk. */
  onChange(listener: (name: ObjectName) => void): () => void;
  close(): Promise<void>;
}

export interface NewNote {
  readonly what: string;
  /** What happened to it: `sign_in`. */
  readonly verb: string;
  readonly id: string;
  readonly project: string;
}

export interface SettingsOptions {
  readonly directory: string;
  /** The entries of the audit log. Absent where a room is looked at alone, without a server around it. */
  readonly acts?: Acts;
  readonly log: Log;
  readonly disk?: Disk;
  readonly clock?: Clock;
}

const PRODUCER = 'sillok-settings';

export function openSettings(options: SettingsOptions): Settings {
  const { directory, log, acts } = options;
  const clock = options.clock ?? createClock();
  const disk = options.disk === undefined ? {} : { disk: options.disk };
  const header = { sillok: 1, producer: PRODUCER, boot: newBoot(), resource: {}, encoding: 'flat' } as const;
  const writer = openSpoolWriter({ directory, header, sync: 'always', ...disk });
  const folded: Folded = { keys: new KeyRing(), objects: new Objects() };
  const recorded = foldChanges({ directory, folded, log, ...disk });
  acts?.settle(['key', ...COLLECTIONS], ({ id }) => (recorded.has(id) ? 'committed' : 'rolled_back'));
  const listeners = new Set<(name: ObjectName) => void>();

  let seq = 0;
  const commit: Commit = (change, told, isFirst = false) => {
    if (writer.failure !== undefined) throw writer.failure;
    const write = (auditId?: string): void => {
      seq += 1;
      const record = auditRecord({ seq, time: clock.now(), change, auditId, ...told });
      appendDurably(writer, encodeRecord(record));
      applyChange(folded, change);
    };
    const act = actOf(change, told, folded);
    if (acts === undefined || isFirst) write();
    else if (change.change !== 'note') acts.change(act, write);
    else {
      acts.note(act);
      write();
    }
    if ('object' in change) for (const listener of listeners) listener(change.object);
  };

  return {
    ...folded,
    ...keyChanges(folded.keys, commit),
    ...objectChanges(folded.objects, commit),
    note: ({ what, verb, id, project }, told) =>
      commit({ change: 'note', what, verb, id }, { ...told, project }),
    history: (query) => readHistory({ directory, ...disk }, query),
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close: () => writer.close(),
  };
}

type Commit = (change: SettingsChange, told: Told & { project: string }, isFirst?: boolean) => void;

function keyChanges(
  keys: KeyRing,
  commit: Commit,
): Pick<Settings, 'createKey' | 'createFirstKey' | 'revokeKey' | 'listKeys'> {
  function makeOne(wanted: NewKey, actor: string, isFirst = false) {
    const made = makeKey(wanted, new Date().toISOString());
    const { project } = wanted;
    const message = `key ${made.stored.id} "${wanted.name}" created for project ${project}`;
    commit({ change: 'key.create', key: made.stored }, { message, actor, project }, isFirst);
    return made;
  }
  return {
    createKey: (wanted, actor) => makeOne(wanted, actor),
    createFirstKey: (wanted) => makeOne(wanted, 'server', true),
    revokeKey(id, actor) {
      const key = keys.find(id);
      if (key === undefined) return false;
      const at = new Date().toISOString();
      const message = `key ${id} "${key.name}" revoked`;
      commit({ change: 'key.revoke', id, at }, { message, actor, project: key.project });
      return true;
    },
    listKeys: () => keys.list(),
  };
}

function objectChanges(objects: Objects, commit: Commit): Pick<Settings, 'put' | 'remove'> {
  return {
    put(name, value, told) {
      const before = objects.find(name);
      if (before === undefined && objects.isFull(name)) throw objectsFull(name.collection);
      const now = new Date().toISOString();
      const { created_at = now, created_by = told.actor } = before ?? {};
      const { collection, project, id } = name;
      const made = { collection, project, id, value, created_at, created_by };
      const object: StoredObject = { ...made, updated_at: now, updated_by: told.actor };
      commit({ change: 'object.put', object }, { ...told, project });
      return object;
    },
    remove({ collection, project, id }, told) {
      const name = { collection, project, id };
      if (objects.find(name) === undefined) return false;
      const at = new Date().toISOString();
      commit({ change: 'object.delete', object: name, at }, { ...told, project });
      return true;
    },
  };
}

interface Folded {
  readonly keys: KeyRing;
  readonly objects: Objects;
}

function applyChange({ keys, objects }: Folded, change: SettingsChange): void {
  if (change.change === 'key.create' || change.change === 'key.revoke') keys.apply(change);
  else if (change.change === 'object.put' || change.change === 'object.delete') objects.apply(change);
}

function appendDurably(writer: SpoolWriter, line: string): void {
  writer.append(line);
  writer.syncNow();
}

interface Written extends Told {
  readonly seq: number;
  readonly time: string;
  readonly change: SettingsChange;
  readonly project: string;
  readonly auditId: string | undefined;
}

function auditRecord({ seq, time, change, message, actor, project, auditId }: Written): FlatRecord {
  const attributes: { [path: string]: FlatValue } = {
    'sillok.settings.actor': actor,
    [PROJECT_ATTRIBUTE]: project,
    ...(auditId === undefined ? {} : { [AUDIT_ID_ATTRIBUTE]: auditId }),
    [CHANGE_ATTRIBUTE]: JSON.stringify(change),
  };
  return { seq, time, kind: 'audit', level: 'info', message, attributes };
}

interface Fold {
  readonly directory: string;
  readonly folded: Folded;
  readonly log: Log;
  readonly disk?: Disk;
}

/** Answers the ids of the audit entries that speak of what was folded. */
function foldChanges({ directory, folded, log, ...disk }: Fold): Set<unknown> {
  const onDamage = (damage: object) =>
    log.error('settings are damaged; later changes still count', { ...damage });
  const recorded = new Set<unknown>();
  for (const { change, record } of readChanges({ directory, onDamage, ...disk })) {
    applyChange(folded, change);
    recorded.add(record.attributes?.[AUDIT_ID_ATTRIBUTE]);
  }
  return recorded;
}
