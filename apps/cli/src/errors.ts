/** What stops a command, and what it says to people and to programs. */
import { ApiError } from '@sillok/api';
import { EXIT } from './exit-codes.js';
import type { ExitCode } from './exit-codes.js';

export interface CliProblem {
  readonly code: string;
  readonly message: string;
  readonly help: string;
  readonly exitCode: ExitCode;
  /** Where in a query the error is. */
  readonly pointer?: QueryPlace | undefined;
}

export interface QueryPlace {
  readonly query: string;
  /** UTF-16 units, `to` exclusive. */
  readonly from: number;
  readonly to: number;
}

export class CliError extends Error {
  readonly code: string;
  readonly help: string;
  readonly exitCode: ExitCode;
  readonly pointer: QueryPlace | undefined;

  constructor(problem: CliProblem, cause?: unknown) {
    super(problem.message, cause === undefined ? undefined : { cause });
    this.name = 'CliError';
    this.code = problem.code;
    this.help = problem.help;
    this.exitCode = problem.exitCode;
    this.pointer = problem.pointer;
  }
}

export function usageError(message: string, help: string): CliError {
  return new CliError({ code: 'usage', message, help, exitCode: EXIT.usage });
}

/** Anything thrown, as what the user is told. */
export function toProblem(error: unknown): CliProblem {
  if (error instanceof CliError) return error;
  if (error instanceof ApiError) return apiProblem(error);
  if (isAbort(error))
    return { code: 'interrupted', message: 'interrupted', help: '', exitCode: EXIT.interrupted };
  const message = error instanceof Error ? error.message : String(error);
  return { code: codeOf(error), message, help: '', exitCode: EXIT.failed };
}

function apiProblem(error: ApiError): CliProblem {
  const { code, message } = error;
  if (error.status === 0) {
    const help = 'Start it with "sillok serve", or say where it is with --url or SILLOK_URL.';
    return { code, message, help, exitCode: EXIT.unreachable };
  }
  const refused = error.status === 401 || error.status === 403;
  return { code, message, help: error.help, exitCode: refused ? EXIT.refused : EXIT.failed };
}

/** Gives an error of the search language the query that it is about. */
export async function aboutQuery<T>(query: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const place = error instanceof ApiError ? error.body?.error : undefined;
    if (!(error instanceof ApiError) || place?.from === undefined || place.to === undefined) throw error;
    const pointer = { query, from: place.from, to: place.to };
    throw new CliError({ ...apiProblem(error), pointer }, error);
  }
}

function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return 'failed';
  return typeof error.code === 'string' ? error.code : 'failed';
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}
