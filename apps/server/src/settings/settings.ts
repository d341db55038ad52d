/**
 * Settings are records: each change is an audit record in a small spool of its own, on disk before it counts, folded into
 * memory at start. So keys work while the engine is down, and who changed what stays known. It is exempt from retention.
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

import { objectsFull } from '../errors.js';
import type { Log } from '../log.js';
import { CHANGE_ATTRIBUTE, PROJECT_ATTRIBUTE, readChanges, type SettingsChange } from './change.js';
import { readHistory, type HistoryEntry, type HistoryQuery } from './history.js';
import { KeyRing, makeKey, type NewKey, type ShownKey, type StoredKey } from './keys.js';
import { Objects, type ObjectName, type ObjectStore, type StoredObject, type Told } from './objects.js';

export interface Settings extends ObjectStore {
  readonly keys: KeyRing;
  /** Durable when it returns. `actor` is the id of the key that asked, or `server`. */
  createKey(wanted: NewKey, actor: string): { readonly key: string; readonly stored: StoredKey };
  /** Acts at once. False when there is no such key. */
  revokeKey(id: string, actor: string): boolean;
  listKeys(): ShownKey[];
  /** Leaves an audit record of something that changes no setting: a sign-in, a session that was ended. */
  note(what: { readonly what: string; readonly id: string; readonly project: string }, told: Told): void;
  /** Who changed what, newest first, without secrets. */
  history(query: HistoryQuery): HistoryEntry[];
  /** Called after each change of an object, when it is on disk. */
  onChange(listener: (name: ObjectName) => void): () => void;
  close(): Promise<void>;
}

export interface SettingsOptions {
  readonly directory: string;
  readonly log: Log;
  readonly disk?: Disk;
  readonly clock?: Clock;
}

const PRODUCER = 'sillok-settings';

export function openSettings(options: SettingsOptions): Settings {
  const { directory, log } = options;
  const clock = options.clock ?? createClock();
  const disk = options.disk === undefined ? {} : { disk: options.disk };
  const header = { sillok: 1, producer: PRODUCER, boot: newBoot(), resource: {}, encoding: 'flat' } as const;
  const writer = openSpoolWriter({ directory, header, sync: 'always', ...disk });
  const folded: Folded = { keys: new KeyRing(), objects: new Objects() };
  foldChanges({ directory, folded, log, ...disk });
  const listeners = new Set<(name: ObjectName) => void>();

  let seq = 0;
  function commit(change: SettingsChange, told: Told & { project: string }): void {
    seq += 1;
    const record = auditRecord({ seq, time: clock.now(), change, ...told });
    appendDurably(writer, encodeRecord(record));
    applyChange(folded, change);
    if ('object' in change) for (const listener of listeners) listener(change.object);
  }

  return {
    ...folded,
    ...keyChanges(folded.keys, commit),
    ...objectChanges(folded.objects, commit),
    note: ({ what, id, project }, told) => commit({ change: 'note', what, id }, { ...told, project }),
    history: (query) => readHistory({ directory, ...disk }, query),
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close: () => writer.close(),
  };
}

type Commit = (change: SettingsChange, told: Told & { project: string }) => void;

function keyChanges(keys: KeyRing, commit: Commit): Pick<Settings, 'createKey' | 'revokeKey' | 'listKeys'> {
  return {
    createKey(wanted, actor) {
      const made = makeKey(wanted, new Date().toISOString());
      const { project } = wanted;
      const message = `key ${made.stored.id} "${wanted.name}" created for project ${project}`;
      commit({ change: 'key.create', key: made.stored }, { message, actor, project });
      return made;
    },
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
}

function auditRecord({ seq, time, change, message, actor, project }: Written): FlatRecord {
  const attributes: { [path: string]: FlatValue } = {
    'sillok.settings.actor': actor,
    [PROJECT_ATTRIBUTE]: project,
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

function foldChanges({ directory, folded, log, ...disk }: Fold): void {
  const onDamage = (damage: object) =>
    log.error('settings are damaged; later changes still count', { ...damage });
  for (const { change } of readChanges({ directory, onDamage, ...disk })) applyChange(folded, change);
}
