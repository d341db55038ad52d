/**
 * The signing keys that a witness trusts: the verifier it was given, and every change of the key since, each signed by the key
 * before. A change is kept in the witness's own folder once it was followed, so that the server cannot take it back, and a
 * checkpoint must be signed by the newest key that is known: an old key may be in the hands of somebody else.
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROUTES, type Http } from '@sillok/api';
import {
  openNote,
  splitNotes,
  tryCheckpoint,
  trustedKeys,
  type Checkpoint,
  type KeyChain,
} from '@sillok/proof';
import { WITNESS_KEY_CHANGES_FILE } from '../filenames.js';

export interface FollowedKeysOptions {
  readonly http: Http;
  readonly directory: string;
  readonly verifierText: string;
}

export class FollowedKeys {
  readonly #options: FollowedKeysOptions;
  readonly #path: string;
  #chain: KeyChain;

  constructor(options: FollowedKeysOptions) {
    this.#options = options;
    this.#path = join(options.directory, WITNESS_KEY_CHANGES_FILE);
    this.#chain = trustedKeys(options.verifierText, this.#kept);
  }

  get areAny(): boolean {
    return this.#chain.verifiers.length > 0;
  }

  /** One that this witness kept: any key that was ever the log's may have signed it. */
  checkpointKept(note: string): Checkpoint | string {
    const opened = openNote(note, this.#chain.verifiers);
    return opened.ok ? (tryCheckpoint(opened.text) ?? NO_CHECKPOINT) : opened.reason;
  }

  /** One that the server shows now. A sentence when it does not hold. */
  async checkpointNow(note: string, signal: AbortSignal): Promise<Checkpoint | string> {
    // Asked every time: a key that was replaced with no overlap, and a second follower of a key, show nowhere else.
    const told = await (await this.#options.http.send({ path: ROUTES.auditKeyChanges, signal })).text();
    const before = this.#chain;
    const chain = trustedKeys(this.#options.verifierText, `${this.#kept}\n\n${told}`);
    const [problem] = chain.problems;
    if (problem !== undefined) return problem;
    const opened = openNote(note, chain.newest);
    if (!opened.ok) return opened.reason;
    if (chain.verifiers.length > before.verifiers.length) this.#keep(told);
    this.#chain = chain;
    return tryCheckpoint(opened.text) ?? NO_CHECKPOINT;
  }

  #keep(told: string): void {
    const notes = new Set(splitNotes(`${this.#kept}\n\n${told}`));
    // Half a file would be a change that does not hold, and so an alarm.
    writeFileSync(`${this.#path}.tmp`, [...notes].map((note) => `${note}\n`).join(''));
    renameSync(`${this.#path}.tmp`, this.#path);
  }

  get #kept(): string {
    return existsSync(this.#path) ? readFileSync(this.#path, 'utf8') : '';
  }
}

const NO_CHECKPOINT = 'the note is not a checkpoint';
