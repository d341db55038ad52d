/** A change of the settings as it stands in its audit record, and how it is read back. */
import { decodeRecord, type FlatRecord } from '@sillok/record';
import { readGroups, type Damage, type Disk } from '@sillok/spool';

import type { KeyChange } from './keys.js';
import type { ObjectChange } from './objects.js';

/** Something that happened and left nothing to fold: somebody signed in, a session was ended. */
export interface Note {
  readonly change: 'note';
  readonly what: string;
  /** What happened to it: `sign_in`. Absent in what was written before notes had one. */
  readonly verb?: string;
  readonly id: string;
}

export type SettingsChange = KeyChange | ObjectChange | Note;

/** Attribute that holds the change as JSON; the others are for people. */
export const CHANGE_ATTRIBUTE = 'sillok.settings.change';
export const PROJECT_ATTRIBUTE = 'sillok.settings.project';
/** Id of the entries in the audit log that speak of this change. */
export const AUDIT_ID_ATTRIBUTE = 'sillok.settings.audit_id';

export interface ChangeSource {
  readonly directory: string;
  readonly disk?: Disk;
  readonly onDamage?: (damage: Damage) => void;
}

export interface ReadChange {
  readonly record: FlatRecord;
  readonly change: SettingsChange;
}

/** All changes, oldest first. */
export function* readChanges(source: ChangeSource): Generator<ReadChange> {
  for (const group of readGroups(source)) {
    for (const line of group.lines.toString('utf8').split('\n')) {
      const read = changeOf(line);
      if (read !== undefined) yield read;
    }
  }
}

function changeOf(line: string): ReadChange | undefined {
  if (!line.startsWith('{"seq":')) return undefined;
  const record = decodeRecord(line);
  const text = record.attributes?.[CHANGE_ATTRIBUTE];
  if (typeof text !== 'string') return undefined;
  // Written by `auditRecord` and covered by the checksum of its group.
  return { record, change: JSON.parse(text) as SettingsChange };
}
