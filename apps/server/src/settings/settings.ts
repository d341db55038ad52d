/**
 * Settings are records: each change is an audit record in a small spool of its own, on disk before it counts, folded into
 * memory at start. So keys work while the engine is down, and who changed what stays known. It is exempt from retention.
 */
import {
  createClock,
  decodeRecord,
  encodeRecord,
  newBoot,
  type Clock,
  type FlatRecord,
  type FlatValue,
} from '@sillok/record';
import { openSpoolWriter, readGroups, type Disk, type SpoolWriter } from '@sillok/spool';

import type { Log } from '../log.js';
import { KeyRing, makeKey, type KeyChange, type NewKey, type ShownKey, type StoredKey } from './keys.js';

export interface Settings {
  readonly keys: KeyRing;
  /** Durable when it returns. `actor` is the id of the key that asked, or `server`. */
  createKey(wanted: NewKey, actor: string): { readonly key: string; readonly stored: StoredKey };
  /** Acts at once. False when there is no such key. */
  revokeKey(id: string, actor: string): boolean;
  listKeys(): ShownKey[];
  close(): Promise<void>;
}

export interface SettingsOptions {
  readonly directory: string;
  readonly log: Log;
  readonly disk?: Disk;
  readonly clock?: Clock;
}

const PRODUCER = 'sillok-settings';

/** Attributes that hold a change as JSON; the others are for people. */
const CHANGE_ATTRIBUTE = 'sillok.settings.change';

export function openSettings(options: SettingsOptions): Settings {
  const { directory, log } = options;
  const clock = options.clock ?? createClock();
  const disk = options.disk === undefined ? {} : { disk: options.disk };
  const header = { sillok: 1, producer: PRODUCER, boot: newBoot(), resource: {}, encoding: 'flat' } as const;
  const writer = openSpoolWriter({ directory, header, sync: 'always', ...disk });
  const keys = new KeyRing();
  foldChanges({ directory, keys, log, ...disk });

  let seq = 0;
  function commit(change: KeyChange, told: { message: string; actor: string }): void {
    seq += 1;
    const record = auditRecord({ seq, time: clock.now(), change, ...told });
    appendDurably(writer, encodeRecord(record));
    keys.apply(change);
  }

  return {
    keys,
    createKey(wanted, actor) {
      const made = makeKey(wanted, new Date().toISOString());
      const message = `key ${made.stored.id} "${wanted.name}" created for project ${wanted.project}`;
      commit({ change: 'key.create', key: made.stored }, { message, actor });
      return made;
    },
    revokeKey(id, actor) {
      if (keys.find(id) === undefined) return false;
      const at = new Date().toISOString();
      commit({ change: 'key.revoke', id, at }, { message: `key ${id} revoked`, actor });
      return true;
    },
    listKeys: () => keys.list(),
    close: () => writer.close(),
  };
}

function appendDurably(writer: SpoolWriter, line: string): void {
  writer.append(line);
  writer.syncNow();
}

interface Told {
  readonly seq: number;
  readonly time: string;
  readonly change: KeyChange;
  readonly message: string;
  readonly actor: string;
}

function auditRecord({ seq, time, change, message, actor }: Told): FlatRecord {
  const attributes: { [path: string]: FlatValue } = {
    'sillok.settings.actor': actor,
    [CHANGE_ATTRIBUTE]: JSON.stringify(change),
  };
  return { seq, time, kind: 'audit', level: 'info', message, attributes };
}

interface Fold {
  readonly directory: string;
  readonly keys: KeyRing;
  readonly log: Log;
  readonly disk?: Disk;
}

function foldChanges({ directory, keys, log, ...disk }: Fold): void {
  const onDamage = (damage: object) =>
    log.error('settings are damaged; later changes still count', { ...damage });
  for (const group of readGroups({ directory, onDamage, ...disk })) {
    for (const line of group.lines.toString('utf8').split('\n')) {
      const change = changeOf(line);
      if (change !== undefined) keys.apply(change);
    }
  }
}

function changeOf(line: string): KeyChange | undefined {
  if (!line.startsWith('{"seq":')) return undefined;
  const text = decodeRecord(line).attributes?.[CHANGE_ATTRIBUTE];
  // Written by `auditRecord` and covered by the checksum of its group.
  return typeof text === 'string' ? (JSON.parse(text) as KeyChange) : undefined;
}
