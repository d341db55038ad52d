/**
 * Signed checkpoints of the audit log: what it was, at a moment, in a form that anybody can keep elsewhere and hold against
 * it later. The format is C2SP's tlog-checkpoint in a signed note, so that foreign witnesses and tools understand it.
 *
 * A checkpoint is made when somebody asks and on a schedule, also when nothing was recorded: silence must be a sign that
 * something is wrong. Scheduled ones are appended to a file of ours and, with `SILLOK_CHECKPOINT_FILE`, to one on a disk that
 * belongs to somebody else.
 */
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';

import { formatCheckpoint, signNote } from '@sillok/proof';

import { CHECKPOINTS_FILE } from '../filenames.js';
import type { Log } from '../log.js';
import type { AuditLog } from './audit-log.js';
import { SigningKeys, type KeyChanged } from './signing-keys.js';

export interface CheckpointsOptions {
  readonly directory: string;
  readonly auditLog: AuditLog;
  /** A second file that scheduled checkpoints are appended to; empty for none. */
  readonly exportFile: string;
  readonly log: Log;
  readonly now?: () => Date;
}

export class Checkpoints {
  readonly #options: CheckpointsOptions;
  readonly #keys: SigningKeys;

  constructor(options: CheckpointsOptions) {
    this.#options = options;
    this.#keys = new SigningKeys(options.directory);
  }

  /** What readers of checkpoints need: one line, not secret. */
  get verifier(): string {
    return this.#keys.current.verifier;
  }

  /** The changes of the signing key, as signed notes; empty when there was none. */
  get keyChanges(): string {
    return this.#keys.changes;
  }

  /** Names the log of a project for ever. */
  originOf(project: string): string {
    return `${this.#keys.current.name}/${project}/audit`;
  }

  /** The log of a project as it is now. */
  sign(project: string): { readonly size: number; readonly note: string } {
    const { auditLog, now = () => new Date() } = this.#options;
    auditLog.catchUp();
    const { size, root } = auditLog.head(project);
    const moment = now();
    const extensions = [`time ${moment.toISOString()}`];
    const text = formatCheckpoint({ origin: this.originOf(project), size, root, extensions });
    return { size, note: signNote(text, ...this.#keys.signersAt(moment)) };
  }

  /** One of each project, kept. A disk that takes none is told about and stops nothing. */
  keepAll(): void {
    const { auditLog } = this.#options;
    auditLog.catchUp();
    this.#keep(auditLog.projects().map((project) => `${this.sign(project).note}\n`));
  }

  /** A new key from now on, signed over by the one before, which signs too for `overlapDays`. The change is kept as checkpoints are. */
  rotateKey(overlapDays: number): KeyChanged {
    const { now = () => new Date() } = this.#options;
    const changed = this.#keys.rotate(overlapDays, now());
    this.#keep([`${changed.note}\n`]);
    this.keepAll();
    return changed;
  }

  #keep(notes: readonly string[]): void {
    const { directory, exportFile, log } = this.#options;
    if (notes.length === 0) return;
    for (const path of [join(directory, CHECKPOINTS_FILE), exportFile]) {
      if (path === '') continue;
      try {
        appendFileSync(path, notes.join(''));
      } catch (error) {
        log.error('a checkpoint could not be written; the audit log itself is safe', { path, error });
      }
    }
  }
}
