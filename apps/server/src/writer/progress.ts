/**
 * How far the writer is, in one small file: what is in the store per class, and the batch that it is inserting.
 *
 * The batch is frozen before its first attempt (id and stretches of the queue), so that after any crash the same id
 * means the same records, and the store can tell what of it is there already.
 */
import { readFileSync } from 'node:fs';

import { KINDS, type Kind } from '@sillok/record';
import { SPOOL_START, type SpoolPosition } from '@sillok/spool';

import { replaceFile } from '../durable-file.js';
import type { Log } from '../log.js';

export interface Stretch {
  readonly kind: Kind;
  readonly from: SpoolPosition;
  readonly to: SpoolPosition;
}

export interface Intent {
  /** Unique for ever: the column `batch`. Microseconds since 1970 at the least, so a lost file does not repeat one. */
  readonly id: number;
  readonly stretches: readonly Stretch[];
}

interface ProgressFile {
  readonly version: 1;
  readonly lastId: number;
  readonly visible: { readonly [kind: string]: SpoolPosition };
  readonly intent: Intent | null;
  /** The store is being filled anew, beside its old table. */
  readonly refilling?: boolean;
}

const MICROS_PER_MILLI = 1000;

export class Progress {
  readonly #path: string;
  readonly #visible = new Map<Kind, SpoolPosition>();
  #intent: Intent | undefined;
  #lastId = 0;
  /** The store is being filled anew, beside its old table. */
  refilling = false;

  constructor(path: string, log: Log) {
    this.#path = path;
    const saved = readProgress(path, log);
    for (const kind of KINDS) this.#visible.set(kind, saved?.visible[kind] ?? SPOOL_START);
    this.#intent = saved?.intent ?? undefined;
    this.#lastId = saved?.lastId ?? 0;
    this.refilling = saved?.refilling ?? false;
  }

  get visible(): ReadonlyMap<Kind, SpoolPosition> {
    return this.#visible;
  }

  /** The batch whose insert was begun and is not known to be whole. */
  get intent(): Intent | undefined {
    return this.#intent;
  }

  /** Whether anything was ever brought into the store. */
  hasVisible(): boolean {
    return [...this.#visible.values()].some(({ segment }) => segment > 0);
  }

  /** Durable when it resolves. */
  async freeze(stretches: readonly Stretch[]): Promise<Intent> {
    this.#lastId = Math.max(this.#lastId + 1, Date.now() * MICROS_PER_MILLI);
    const intent = { id: this.#lastId, stretches };
    this.#intent = intent;
    await this.save();
    return intent;
  }

  /**
   * The batch is in the store. Written with the next intent: until then a crash only makes the writer look once more
   * whether the batch is whole.
   */
  finish({ stretches }: Intent): void {
    for (const { kind, to } of stretches) this.#visible.set(kind, to);
    this.#intent = undefined;
  }

  /** Everything is to be inserted again. */
  reset(): void {
    for (const kind of KINDS) this.#visible.set(kind, SPOOL_START);
    this.#intent = undefined;
  }

  save(): Promise<void> {
    const visible = Object.fromEntries(this.#visible);
    const file: ProgressFile = {
      version: 1,
      lastId: this.#lastId,
      visible,
      intent: this.#intent ?? null,
      refilling: this.refilling,
    };
    return replaceFile(this.#path, `${JSON.stringify(file)}\n`);
  }
}

/** A file that is gone or unreadable means: from the start. The store is then compared and filled again. */
function readProgress(path: string, log: Log): ProgressFile | undefined {
  try {
    // Written by `save` through a rename: whole or not there.
    return JSON.parse(readFileSync(path, 'utf8')) as ProgressFile;
  } catch (error) {
    const isAbsent = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (!isAbsent) log.error('the writer does not know how far it was; the store is filled again', { error });
    return undefined;
  }
}
