/**
 * What people change in this server itself (keys, roles, rules, kills …), as entries of the audit log of their project.
 *
 * The intent is on disk before anything is changed, and the outcome before anybody is answered. When the intent cannot be kept
 * nothing is changed. Between the two a small file names the act, so that the next start of a server that was killed there
 * finds it and says how it ended: each room knows by what it holds itself (`settle`). All of it blocks: one act at a time, and
 * acts are rare.
 */
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';

import { auditAttributes, auditMessage, type AuditEntry, type AuditOutcome } from '@sillok/record';

import { addressOf } from '../asking.js';
import { replaceFileNow } from '../durable-file.js';
import { diskFull } from '../errors.js';
import { notAudited } from '../identity/errors.js';
import { DISK_FULL_RETRY_AFTER_SECONDS } from '../limits.js';
import type { Log } from '../log.js';
import type { ForeignBatch, ForeignVerdict } from '../seams.js';

export interface Act extends Pick<AuditEntry, 'action' | 'entity' | 'before' | 'after' | 'arguments'> {
  readonly project: string;
  /** Id of the key, `user:<id>`, or `server`. */
  readonly actor: string;
  readonly actorName?: string | undefined;
  /** A sentence in place of the one that is made of action, entity and actor. */
  readonly message?: string | undefined;
  readonly address?: string | undefined;
}

/** An act that was begun. */
export interface OpenAct extends Act {
  readonly id: string;
  /** Known, and not in the log yet. */
  readonly outcome?: AuditOutcome;
}

export interface Acts {
  /** Runs `work` between intent and outcome, and answers what it answers. `work` does not wait. */
  change<T>(act: Act, work: (id: string) => T): T;
  /** One entry for something that changes nothing on the disk: a sign-in, an acknowledgement. On disk when it returns. */
  note(act: Act): void;
  /** Says how those acts ended which were open when the server was killed. */
  settle(entityTypes: readonly string[], outcomeOf: (act: OpenAct) => AuditOutcome): void;
  /** What no room has claimed: nobody can say how it ended. */
  settleRest(): void;
}

export interface ActsOptions {
  /** The file that names the open acts. */
  readonly path: string;
  /** On disk when it returns. */
  readonly admitNow: (batch: ForeignBatch) => ForeignVerdict;
  /** Gives up the ballast file; true when that freed something. */
  readonly tryFreeSpace: () => boolean;
  readonly log: Log;
}

/** The work was not done, for certain. */
const REFUSED_CODES: ReadonlySet<unknown> = new Set(['spool_disk_full', 'spool_quota', 'ENOSPC']);

export function openActs(options: ActsOptions): Acts {
  const ends = new Ends(options);
  return {
    change(given, work) {
      ends.finishWaiting();
      const act = begun(given);
      ends.begin(act);
      let result;
      try {
        result = work(act.id);
      } catch (error) {
        // What may have happened is asked of the rooms at the next start.
        if (!isRefused(error)) throw error;
        ends.tryFinish(act, 'failed');
        throw error.name === 'ServerError' ? error : diskFull(error, DISK_FULL_RETRY_AFTER_SECONDS);
      }
      ends.tryFinish(act, 'committed');
      return result;
    },
    note(given) {
      ends.finishWaiting();
      write(options, begun(given), 'committed');
    },
    settle(entityTypes, outcomeOf) {
      for (const act of ends.open()) {
        if (entityTypes.includes(act.entity.type)) ends.tryFinish(act, act.outcome ?? outcomeOf(act));
      }
    },
    settleRest() {
      for (const act of ends.open()) ends.tryFinish(act, act.outcome ?? 'unknown');
    },
  };
}

function begun(act: Act): OpenAct {
  const { address = addressOf(act.actor) } = act;
  return { ...act, id: randomUUID(), ...(address === undefined ? {} : { address }) };
}

/** Acts whose outcome is not in the log yet, in memory and in the file. */
class Ends {
  readonly #options: ActsOptions;
  readonly #open: Map<string, OpenAct>;

  constructor(options: ActsOptions) {
    this.#options = options;
    this.#open = readOpen(options.path, options.log);
  }

  open(): readonly OpenAct[] {
    return [...this.#open.values()];
  }

  /** Throws when the intent could not be kept: then nothing was begun. */
  begin(act: OpenAct): void {
    this.#open.set(act.id, act);
    try {
      withRoom(this.#options, () => this.#keep());
      write(this.#options, act, 'intent');
    } catch (error) {
      this.#open.delete(act.id);
      this.#forget();
      throw error;
    }
  }

  /** The intent stands. What became of it is told as soon as there is room, by the next start at the latest. */
  tryFinish(act: OpenAct, outcome: AuditOutcome): void {
    const { action } = act;
    try {
      this.#finish(act, outcome);
    } catch (error) {
      const sentence =
        'a change is in the audit log without its outcome; it is added as soon as there is room';
      this.#options.log.error(sentence, { action, error });
    }
  }

  finishWaiting(): void {
    for (const act of this.#open.values()) if (act.outcome !== undefined) this.#finish(act, act.outcome);
  }

  #finish(act: OpenAct, outcome: AuditOutcome): void {
    this.#open.set(act.id, { ...act, outcome });
    write(this.#options, act, outcome);
    this.#open.delete(act.id);
    this.#keep();
  }

  #keep(): void {
    const { path } = this.#options;
    if (this.#open.size > 0) replaceFileNow(path, `${JSON.stringify(this.open())}\n`);
    else if (existsSync(path)) rmSync(path);
  }

  /** A file that stays behind names an act without an intent, which the next start calls rolled back. */
  #forget(): void {
    const { path, log } = this.#options;
    try {
      this.#keep();
    } catch (error) {
      log.warn('the file of open changes could not be removed', { path, error });
    }
  }
}

function isRefused(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  return error.name === 'ServerError' || ('code' in error && REFUSED_CODES.has(error.code));
}

function withRoom({ tryFreeSpace }: ActsOptions, keep: () => void): void {
  try {
    keep();
  } catch (error) {
    if (!isRefused(error)) throw error;
    if (!tryFreeSpace()) throw diskFull(error, DISK_FULL_RETRY_AFTER_SECONDS);
    keep();
  }
}

/** Sent again after a crash in between it adds nothing: the entry's content has a name of its own. */
function write({ admitNow }: ActsOptions, act: OpenAct, outcome: AuditOutcome): void {
  const { id, project, action, entity, actor, actorName, message, address, before, after } = act;
  const isUser = actor.startsWith('user:');
  const entry: AuditEntry = {
    ...{ id, outcome, action, entity },
    actor: { type: isUser ? 'user' : 'system', id: actor, name: actorName },
    arguments: act.arguments,
    // As services do it: the intent says what is about to happen, the outcome what it was before and after.
    ...(outcome === 'intent' ? {} : { before, after }),
  };
  const attributes = auditAttributes(entry);
  const { rejected } = admitNow({
    project,
    protocol: 'audit',
    resource: { 'service.name': 'sillok' },
    records: [
      {
        kind: 'audit',
        level: outcome === 'failed' || outcome === 'unknown' ? 'warn' : 'info',
        message: message === undefined ? auditMessage(entry) : `${message}: ${outcome}`,
        attributes: address === undefined ? attributes : { ...attributes, client: { address } },
      },
    ],
    content: `act:${id}:${outcome}`,
  });
  const [first] = rejected;
  if (first !== undefined) throw notAudited(first.reason);
}

function readOpen(path: string, log: Log): Map<string, OpenAct> {
  if (!existsSync(path)) return new Map();
  try {
    // Written by `#keep`, whole or not at all.
    const acts = JSON.parse(readFileSync(path, 'utf8')) as OpenAct[];
    return new Map(acts.map((act) => [act.id, act]));
  } catch (error) {
    log.error('the file of open changes cannot be read: an intent may stay without its outcome', {
      path,
      error,
    });
    return new Map();
  }
}
