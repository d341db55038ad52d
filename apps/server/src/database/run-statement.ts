/**
 * Runs one statement of a reader in a database: a connection of its own, the proof, the statement, the end. It is watched while it
 * runs, and whoever cancels it is told what the database's own list says afterwards.
 */
import type { Log } from '../log.js';
import { within, type Connection, type Proof, type Rows } from './connection.js';
import {
  DatabaseHangs,
  databaseBusy,
  databaseGone,
  databaseUnreachable,
  databaseWritable,
  statementCancelled,
  statementFailed,
  statementLate,
} from './errors.js';
import {
  ANSWER_GRACE_MS,
  CANCEL_GRACE_MS,
  CANCEL_LOOK_MS,
  CONNECT_TIME_MS_MAX,
  DATABASE_BYTES_MAX,
  DATABASE_ROWS_MAX,
  DATABASE_RUNNING_MAX,
  VACUUM_HELD_MS_MIN,
  WATCH_INTERVAL_MS,
} from './limits.js';
import { connectMysql } from './mysql.js';
import { connectPostgres } from './postgres.js';
import type { DatabaseSettings } from './settings-file.js';
import type { Bound } from './statement.js';

interface Warning {
  readonly code: 'holds_vacuum' | 'accepted_writable_role';
  readonly message: string;
}

export interface Ran extends Rows {
  readonly proof: Proof;
  readonly warnings: readonly Warning[];
  readonly elapsed_ms: number;
}

interface RunningStatement {
  readonly query_id: string;
  readonly project: string;
  readonly database: string;
  readonly who: string;
  readonly startedMs: number;
  readonly warnings: Warning[];
  pid: number | undefined;
  isCancelled: boolean;
}

interface RunRequest {
  readonly database: DatabaseSettings;
  readonly bound: Bound;
  readonly queryId: string;
  readonly who: string;
  readonly rows?: number;
}

interface Ended {
  readonly ended: boolean;
  /** `cancelled`: it obeyed; `terminated`: its connection was ended; `gone`: it had ended before. */
  readonly how: 'cancelled' | 'terminated' | 'gone';
}

const connectors = { postgresql: connectPostgres, mysql: connectMysql } as const;

export async function connectTo(database: DatabaseSettings): Promise<{ link: Connection; proof: Proof }> {
  const options = { url: database.url, timeoutMs: database.timeout_s * 1000 };
  const link = await connectors[database.dialect](options).catch((cause: unknown) => {
    throw databaseUnreachable(database.name, sentenceOf(cause), cause);
  });
  try {
    const late = (): void => link.destroy();
    const proof = await within(link.prove(), { timeMs: CONNECT_TIME_MS_MAX, late }).catch(
      (cause: unknown) => {
        throw databaseUnreachable(database.name, sentenceOf(cause), cause);
      },
    );
    const isBad = proof.checks.some(({ check, ok }) => !ok && !mayBeAccepted(database, check));
    if (isBad) throw databaseWritable(database.name, proof.checks);
    return { link, proof };
  } catch (error) {
    await link.close();
    throw error;
  }
}

/** The word lets in a role with rights; a server that takes a write in a read-only transaction is let in by nothing. */
function mayBeAccepted(database: DatabaseSettings, check: string): boolean {
  return database.accept_writable_role !== undefined && check !== 'read_only_transaction';
}

export class Statements {
  readonly #running = new Map<string, RunningStatement>();
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  list(project: string, database: string): RunningStatement[] {
    return [...this.#running.values()].filter(
      (each) => each.project === project && each.database === database,
    );
  }

  isTaken(queryId: string): boolean {
    return this.#running.has(queryId);
  }

  find(project: string, queryId: string): RunningStatement | undefined {
    const found = this.#running.get(queryId);
    return found?.project === project ? found : undefined;
  }

  async run({ database, bound, queryId, who, rows = DATABASE_ROWS_MAX }: RunRequest): Promise<Ran> {
    const { name, project } = database;
    if (this.list(project, name).length >= DATABASE_RUNNING_MAX)
      throw databaseBusy(name, DATABASE_RUNNING_MAX);
    const startedMs = Date.now();
    const entry: RunningStatement = {
      ...{ query_id: queryId, project, database: name, who, startedMs },
      warnings: [],
      pid: undefined,
      isCancelled: false,
    };
    this.#running.set(queryId, entry);
    try {
      const { link, proof } = await connectTo(database);
      if (proof.checks.some(({ ok }) => !ok)) entry.warnings.push(acceptedRole(name));
      entry.pid = link.pid;
      const stopWatching = this.#watch(database, entry);
      try {
        // Cancelled while it was being connected: it was said to be gone, so it is never sent.
        if (entry.isCancelled) throw statementCancelled(name);
        const found = await within(link.run(bound, { rows, bytes: DATABASE_BYTES_MAX }), {
          timeMs: database.timeout_s * 1000 + ANSWER_GRACE_MS,
          late: () => link.destroy(),
        });
        return { ...found, proof, warnings: entry.warnings, elapsed_ms: Date.now() - startedMs };
      } catch (cause) {
        throw this.#failed(database, entry, cause);
      } finally {
        stopWatching();
        await link.close().catch(() => undefined);
      }
    } finally {
      this.#running.delete(queryId);
    }
  }

  /** Asks the database to end it, and looks into the database's own list until it is gone there. */
  async cancel(database: DatabaseSettings, entry: RunningStatement): Promise<Ended> {
    entry.isCancelled = true;
    const { pid } = entry;
    // It is still being connected, and looks at this before it sends anything.
    if (pid === undefined) return { ended: true, how: 'gone' };
    const { link } = await connectTo(database);
    try {
      if (!(await this.#isSeen(link, entry, pid))) return { ended: true, how: 'gone' };
      await link.cancel(pid);
      if (await hasEnded(link, pid)) return { ended: true, how: 'cancelled' };
      this.#log.warn('a statement did not obey its cancel; its connection is ended', {
        database: database.name,
      });
      await link.terminate(pid);
      return { ended: await hasEnded(link, pid), how: 'terminated' };
    } finally {
      await link.close().catch(() => undefined);
    }
  }

  /** False once it is over here: one that was just sent may not be in the database's list yet, and is waited for. */
  async #isSeen(link: Connection, entry: RunningStatement, pid: number): Promise<boolean> {
    const endMs = Date.now() + CANCEL_GRACE_MS;
    while (Date.now() < endMs) {
      if (await link.isRunning(pid)) return true;
      if (this.#running.get(entry.query_id) !== entry) return false;
      await new Promise((resolve) => setTimeout(resolve, CANCEL_LOOK_MS));
    }
    return true;
  }

  #failed({ name, timeout_s: seconds }: DatabaseSettings, entry: RunningStatement, cause: unknown): Error {
    if (entry.isCancelled) return statementCancelled(name);
    if (isTimeout(cause)) return statementLate(name, seconds);
    if (isLoss(cause)) return databaseGone(name, sentenceOf(cause), cause);
    return statementFailed(name, sentenceOf(cause), cause);
  }

  /** A long snapshot on a primary (or on a replica that reports back) keeps dead rows from being cleaned up everywhere. */
  #watch(database: DatabaseSettings, entry: RunningStatement): () => void {
    if (database.dialect !== 'postgresql') return () => undefined;
    let link: Connection | undefined;
    let isBusy = false;
    const look = async (): Promise<void> => {
      if (entry.pid === undefined || Date.now() - entry.startedMs < VACUUM_HELD_MS_MIN) return;
      link ??= (await connectTo(database)).link;
      const held = await link.held(entry.pid);
      if (held === undefined) return;
      const seconds = Math.round((Date.now() - entry.startedMs) / 1000);
      entry.warnings.splice(
        0,
        entry.warnings.length,
        ...entry.warnings.filter(isOther),
        heldWarning(seconds, held.transactions),
      );
    };
    const timer = setInterval(() => {
      if (isBusy) return;
      isBusy = true;
      look()
        .catch((error: unknown) => this.#log.debug('a running statement could not be looked at', { error }))
        .finally(() => (isBusy = false));
    }, WATCH_INTERVAL_MS);
    return () => {
      clearInterval(timer);
      void link?.close().catch(() => undefined);
    };
  }
}

const isOther = ({ code }: Warning): boolean => code !== 'holds_vacuum';

function heldWarning(seconds: number, transactions: number): Warning {
  return {
    code: 'holds_vacuum',
    message:
      `For ${seconds} s this statement has kept vacuum from cleaning up: ` +
      `${transactions} transactions began since its snapshot.`,
  };
}

function acceptedRole(name: string): Warning {
  return {
    code: 'accepted_writable_role',
    message: `The role for "${name}" could write; only the read-only transaction keeps it from it.`,
  };
}

async function hasEnded(link: Connection, pid: number): Promise<boolean> {
  const endMs = Date.now() + CANCEL_GRACE_MS;
  while (Date.now() < endMs) {
    if (!(await link.isRunning(pid))) return true;
    await new Promise((resolve) => setTimeout(resolve, CANCEL_LOOK_MS));
  }
  return false;
}

/** PostgreSQL says 57014 for a timeout and for a cancel, which is known here; MySQL 3024, MariaDB 1969. */
function isTimeout(cause: unknown): boolean {
  if (!(cause instanceof Error)) return false;
  if ('code' in cause && cause.code === '57014') return true;
  return 'errno' in cause && (cause.errno === 3024 || cause.errno === 1969);
}

/** Shut down, killed, cut or hanging; a driver's own error about its connection has no SQLSTATE. */
const LOSSES = new Set(['57P01', '57P02', '57P03', 'ECONNRESET', 'EPIPE', 'PROTOCOL_CONNECTION_LOST']);

function isLoss(cause: unknown): boolean {
  if (cause instanceof DatabaseHangs) return true;
  if (!(cause instanceof Error)) return false;
  if ('code' in cause) return LOSSES.has(String(cause.code));
  return cause.message.startsWith('Connection terminated');
}

/** The database's sentence without the address that some drivers put into it. */
function sentenceOf(cause: unknown): string {
  const first: unknown = cause instanceof AggregateError ? cause.errors[0] : cause;
  const text = first instanceof Error ? first.message : String(first);
  return text.replace(/\b(?:postgres(?:ql)?|mysql|mariadb):\/\/\S+/gi, '…').slice(0, 500);
}
