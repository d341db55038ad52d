/** Every name on disk inside the data folder. Nothing else in the server spells one. */
import { join } from 'node:path';

/** The key for local development, mode 600. */
export const DEV_KEY_FILE = 'dev-key';

/** A spool of audit records of its own: keys and other settings. */
export const SETTINGS_DIRECTORY = 'settings';

/** Changes of settings that were begun and whose end is not in the audit log yet; absent most of the time. */
export const OPEN_ACTS_FILE = 'open-changes.json';

/** Of a segment that the spool has compressed. */
export const COMPRESSED_SUFFIX = '.gz';

/** One spool per retention class below it: the truth of the server. */
export const QUEUE_DIRECTORY = 'queue';

/** Files that the engine reads: copies of growing segments and links to sealed ones. Emptied at start. */
export const INBOX_DIRECTORY = 'inbox';

/** The engine's own folder. May be deleted: it is rebuilt from the queue. */
export const ENGINE_DIRECTORY = 'engine';

/** Snapshot of the ledger. May be deleted: it is rebuilt from the queue. */
export const LEDGER_FILE = 'ledger.ndjson';

/** How far the writer is, and the frozen batch that it is inserting. */
export const WRITER_FILE = 'writer.json';

/** One line per inserted chunk, to compare with the engine's counts at start. */
export const JOURNAL_FILE = 'writer-journal.ndjson';

/** The latest day in each sealed segment. May be deleted: it is found again. */
export const SEGMENTS_FILE = 'queue-segments.ndjson';

/** Records that could not be stored, with the reason: conflicts of identity, poison. */
export const ASIDE_DIRECTORY = 'aside';
export const CONFLICTS_FILE = 'identity-conflicts.ndjson';
export const POISON_FILE = 'poison.ndjson';

/** The Merkle trees over audit records, one folder per project below it. Trees are derived, the signing key is not. */
export const PROOF_DIRECTORY = 'proof';
export const PROOF_STATE_FILE = 'state.json';
/** Signs checkpoints; mode 600. Whoever has it can sign another history, which is why checkpoints are kept elsewhere. */
export const SIGNING_KEY_FILE = 'signing-key';
/** A new signing key before it counts, and the one before it as long as both sign; mode 600. */
export const NEXT_SIGNING_KEY_FILE = 'signing-key.next';
export const PREVIOUS_SIGNING_KEY_FILE = 'signing-key.previous';
/** Each change of the signing key, signed by the key before and the key after; not secret. */
export const KEY_CHANGES_FILE = 'key-changes';
/** What others need to check a checkpoint: not secret. */
export const VERIFIER_FILE = 'verifier';
/** Every checkpoint that was made on schedule, oldest first. */
export const CHECKPOINT_TOLD_FILE = 'checkpoint-told';
export const CHECKPOINTS_FILE = 'checkpoints';

export function treeLevelFile(level: number): string {
  return `level-${String(level).padStart(2, '0')}`;
}
/** Which reports were sent. May be deleted: their next time counts. */
export const REPORTS_FILE = 'reports.json';
/** What alerts know and have told. May be deleted: known errors are then told once more. */
export const ALERTS_FILE = 'alerts.json';

/** Keys of persons, unless `SILLOK_IDENTITY_DIR` names another folder. Not part of a backup of the data. */
export const IDENTITY_DIRECTORY = 'identity';
/** Which pseudonyms are one person. May be deleted: it is made again from the queue, as far as that reaches. */
export const LINKS_FILE = 'links.ndjson';

/** Given up first when the disk is full. */
export const BALLAST_FILE = 'ballast';

export interface DataPaths {
  readonly root: string;
  readonly devKey: string;
  readonly settings: string;
  readonly openActs: string;
  readonly queue: string;
  readonly inbox: string;
  readonly engine: string;
  readonly ledger: string;
  readonly writer: string;
  readonly journal: string;
  readonly segments: string;
  readonly aside: string;
  readonly conflicts: string;
  readonly poison: string;
  readonly ballast: string;
  readonly proof: string;
  readonly identity: string;
  readonly alerts: string;
  readonly reports: string;
}

export function dataPaths(root: string): DataPaths {
  const aside = join(root, ASIDE_DIRECTORY);
  return {
    root,
    devKey: join(root, DEV_KEY_FILE),
    settings: join(root, SETTINGS_DIRECTORY),
    openActs: join(root, OPEN_ACTS_FILE),
    queue: join(root, QUEUE_DIRECTORY),
    inbox: join(root, INBOX_DIRECTORY),
    engine: join(root, ENGINE_DIRECTORY),
    ledger: join(root, LEDGER_FILE),
    writer: join(root, WRITER_FILE),
    journal: join(root, JOURNAL_FILE),
    segments: join(root, SEGMENTS_FILE),
    aside,
    conflicts: join(aside, CONFLICTS_FILE),
    poison: join(aside, POISON_FILE),
    ballast: join(root, BALLAST_FILE),
    proof: join(root, PROOF_DIRECTORY),
    identity: join(root, IDENTITY_DIRECTORY),
    alerts: join(root, ALERTS_FILE),
    reports: join(root, REPORTS_FILE),
  };
}
