/**
 * Signed checkpoints of the audit log: what it was, at a moment, in a form that anybody can keep elsewhere and hold against
 * it later. The format is C2SP's tlog-checkpoint in a signed note, so that foreign witnesses and tools understand it.
 *
 * A checkpoint is made when somebody asks and on a schedule, also when nothing was recorded: silence must be a sign that
 * something is wrong. Scheduled ones are appended to a file of ours and, with `SILLOK_CHECKPOINT_FILE`, to one on a disk that
 * belongs to somebody else.
 */
import { randomBytes } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import {
  formatCheckpoint,
  newSigner,
  signerFromText,
  signerToText,
  signNote,
  type NoteSigner,
} from '@sillok/proof';

import { CHECKPOINTS_FILE, SIGNING_KEY_FILE, VERIFIER_FILE } from '../filenames.js';
import { LOG_NAME_BYTES } from '../limits.js';
import type { Log } from '../log.js';
import type { AuditLog } from './audit-log.js';

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
  readonly #signer: NoteSigner;

  constructor(options: CheckpointsOptions) {
    this.#options = options;
    mkdirSync(options.directory, { recursive: true });
    this.#signer = loadSigner(options.directory);
  }

  /** What readers of checkpoints need: one line, not secret. */
  get verifier(): string {
    return this.#signer.verifier;
  }

  /** Names the log of a project for ever. */
  originOf(project: string): string {
    return `${this.#signer.name}/${project}/audit`;
  }

  /** The log of a project as it is now. */
  sign(project: string): { readonly size: number; readonly note: string } {
    const { auditLog, now = () => new Date() } = this.#options;
    auditLog.catchUp();
    const { size, root } = auditLog.head(project);
    const extensions = [`time ${now().toISOString()}`];
    const text = formatCheckpoint({ origin: this.originOf(project), size, root, extensions });
    return { size, note: signNote(text, this.#signer) };
  }

  /** One of each project, kept. A disk that takes none is told about and stops nothing. */
  keepAll(): void {
    const { auditLog, directory, exportFile, log } = this.#options;
    auditLog.catchUp();
    const notes = auditLog.projects().map((project) => `${this.sign(project).note}\n`);
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

function loadSigner(directory: string): NoteSigner {
  const path = join(directory, SIGNING_KEY_FILE);
  if (existsSync(path)) return signerFromText(readFileSync(path, 'utf8'));
  const signer = newSigner(`sillok-${randomBytes(LOG_NAME_BYTES).toString('hex')}`);
  writeFileSync(path, signerToText(signer), { mode: 0o600, flag: 'wx' });
  writeFileSync(join(directory, VERIFIER_FILE), `${signer.verifier}\n`);
  return signer;
}
