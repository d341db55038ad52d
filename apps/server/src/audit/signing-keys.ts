/**
 * The key that signs checkpoints, and its change. The new key is signed over by the one before it, the log keeps its name, and
 * for the days of an overlap both keys sign, so that who holds the old verifier is never without a signature that he knows.
 *
 * A kill at any moment leaves the old key or the new one: the new one is on disk before the change names it, and counts from
 * when the change is on disk.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { newSigner, signerFromText, signerToText, signKeyChange, type NoteSigner } from '@sillok/proof';

import { replaceFileNow } from '../durable-file.js';
import {
  KEY_CHANGES_FILE,
  NEXT_SIGNING_KEY_FILE,
  PREVIOUS_SIGNING_KEY_FILE,
  SIGNING_KEY_FILE,
  VERIFIER_FILE,
} from '../filenames.js';
import { DAY_MS, LOG_NAME_BYTES } from '../limits.js';

export interface KeyChanged {
  readonly before: string;
  readonly after: string;
  /** Until when both keys sign; absent when the old one is gone at once. */
  readonly until?: string;
  /** The signed note of the change. */
  readonly note: string;
}

interface PreviousKey {
  readonly signer: NoteSigner;
  readonly until: string;
}

const SECRET_MODE = 0o600;
const UNTIL = 'until ';

export class SigningKeys {
  readonly #directory: string;
  #current: NoteSigner;
  #previous: PreviousKey | undefined;

  constructor(directory: string) {
    this.#directory = directory;
    mkdirSync(directory, { recursive: true });
    finishChange(directory);
    this.#current = loadSigner(directory);
    this.#previous = tryPrevious(directory);
  }

  get current(): NoteSigner {
    return this.#current;
  }

  /** All changes there were, oldest first, as signed notes; empty when there was none. */
  get changes(): string {
    return tryRead(this.#pathOf(KEY_CHANGES_FILE)) ?? '';
  }

  /** Who signs now: the key, and in an overlap the one before it. An overlap that is over takes the old key with it. */
  signersAt(now: Date): readonly NoteSigner[] {
    const previous = this.#previous;
    if (previous === undefined) return [this.#current];
    if (now.toISOString() < previous.until) return [this.#current, previous.signer];
    rmSync(this.#pathOf(PREVIOUS_SIGNING_KEY_FILE), { force: true });
    this.#previous = undefined;
    return [this.#current];
  }

  rotate(overlapDays: number, now: Date): KeyChanged {
    const before = this.#current;
    const after = newSigner(before.name);
    const note = signKeyChange(before, after, now.toISOString());
    const until = new Date(now.getTime() + overlapDays * DAY_MS).toISOString();
    const previousPath = this.#pathOf(PREVIOUS_SIGNING_KEY_FILE);
    if (overlapDays > 0)
      replaceFileNow(previousPath, `${signerToText(before)}${UNTIL}${until}\n`, SECRET_MODE);
    else rmSync(previousPath, { force: true });
    replaceFileNow(this.#pathOf(NEXT_SIGNING_KEY_FILE), signerToText(after), SECRET_MODE);
    replaceFileNow(this.#pathOf(KEY_CHANGES_FILE), `${this.changes}${note}\n`);
    finishChange(this.#directory);
    this.#current = after;
    this.#previous = overlapDays > 0 ? { signer: before, until } : undefined;
    const said = { before: before.verifier, after: after.verifier, note };
    return overlapDays > 0 ? { ...said, until } : said;
  }

  #pathOf(name: string): string {
    return join(this.#directory, name);
  }
}

/** A new key counts when a change names it; one that no change names was never told to anybody. */
function finishChange(directory: string): void {
  const next = join(directory, NEXT_SIGNING_KEY_FILE);
  const text = tryRead(next);
  if (text === undefined) return;
  const { verifier } = signerFromText(text);
  if (!(tryRead(join(directory, KEY_CHANGES_FILE)) ?? '').includes(`\nto ${verifier}\n`)) {
    rmSync(next);
    rmSync(join(directory, PREVIOUS_SIGNING_KEY_FILE), { force: true });
    return;
  }
  replaceFileNow(join(directory, VERIFIER_FILE), `${verifier}\n`);
  renameSync(next, join(directory, SIGNING_KEY_FILE));
}

function loadSigner(directory: string): NoteSigner {
  const text = tryRead(join(directory, SIGNING_KEY_FILE));
  if (text !== undefined) return signerFromText(text);
  const signer = newSigner(`sillok-${randomBytes(LOG_NAME_BYTES).toString('hex')}`);
  replaceFileNow(join(directory, SIGNING_KEY_FILE), signerToText(signer), SECRET_MODE);
  replaceFileNow(join(directory, VERIFIER_FILE), `${signer.verifier}\n`);
  return signer;
}

function tryPrevious(directory: string): PreviousKey | undefined {
  const [secret = '', last = ''] = (tryRead(join(directory, PREVIOUS_SIGNING_KEY_FILE)) ?? '').split('\n');
  if (!last.startsWith(UNTIL)) return undefined;
  return { signer: signerFromText(secret), until: last.slice(UNTIL.length) };
}

function tryRead(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}
