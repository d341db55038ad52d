/** Errors of looking into a database. None of them repeats an address, which holds a password. */
import { ServerError } from '../errors.js';
import type { Check } from './connection.js';

/** It took the connection, or the statement, and says nothing any more. */
export class DatabaseHangs extends Error {
  constructor(timeMs: number) {
    super(`it has not answered for ${timeMs / 1000} s`);
    this.name = 'DatabaseHangs';
  }
}

export function databaseUnknown(name: string): ServerError {
  return new ServerError({
    status: 404,
    code: 'database_unknown',
    message: `There is no database "${name}" in this project.`,
    help: 'GET /api/databases lists them; the file of SILLOK_DATABASES names them: docs/guides/databases.md.',
  });
}

export function databaseUnreachable(name: string, reason: string, cause: unknown): ServerError {
  return new ServerError({
    status: 502,
    code: 'database_unreachable',
    message: `The database "${name}" cannot be reached: ${reason}.`,
    help: 'Nothing was run. Look at its address, its firewall and the password of the role.',
    cause,
  });
}

export function databaseWritable(name: string, checks: readonly Check[]): ServerError {
  const bad = checks.filter(({ ok }) => !ok).map(({ check, found }) => `${check}: ${found}`);
  return new ServerError({
    status: 403,
    code: 'database_writable',
    message: `The role for "${name}" can do more than read, so nothing was run: ${bad.join('; ')}.`,
    help: 'Give it a role that only reads: docs/guides/databases.md#a-role-that-only-reads.',
  });
}

export function statementRefused(reason: string): ServerError {
  return new ServerError({
    status: 400,
    code: 'database_statement_refused',
    message: `The statement was not run: ${reason}.`,
    help: 'Values go in as {name}; see docs/guides/databases.md.',
  });
}

/** What the database itself said; its sentence names tables and columns of the reader's own statement. */
export function statementFailed(name: string, sentence: string, cause: unknown): ServerError {
  return new ServerError({
    status: 400,
    code: 'database_statement_failed',
    message: `${name}: ${sentence}`,
    help: 'The transaction was rolled back; it could not have written.',
    cause,
  });
}

/** The transaction only read: there is nothing to put right but the connection. */
export function databaseGone(name: string, reason: string, cause: unknown): ServerError {
  return new ServerError({
    status: 502,
    code: 'database_gone',
    message: `${name}: the database went away while the statement ran: ${reason}.`,
    help: 'Nothing was written. Ask again when it is back.',
    cause,
  });
}

export function statementLate(name: string, seconds: number): ServerError {
  return new ServerError({
    status: 408,
    code: 'database_timeout',
    message: `${name}: the statement took longer than ${seconds} s and was ended by the database.`,
    help: 'Ask for less, or let an admin raise timeout_s in the file of SILLOK_DATABASES.',
  });
}

export function statementCancelled(name: string): ServerError {
  return new ServerError({
    status: 409,
    code: 'database_cancelled',
    message: `${name}: the statement was cancelled.`,
    help: 'It no longer runs in the database.',
  });
}

export function databaseBusy(name: string, most: number): ServerError {
  return new ServerError({
    status: 429,
    code: 'database_busy',
    message: `${most} statements run in "${name}" already.`,
    help: 'Wait for one, or cancel it.',
    retryAfterSeconds: 2,
  });
}
