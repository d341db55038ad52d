/** Errors of the reading side: codes from `@sillok/api`, with what else a program can use beside the sentence. */
import { helpFor, READ_ERRORS, type ReadErrorCode } from '@sillok/api';
import { StoreError } from '@sillok/store';
import { engineUnavailable, ServerError, type ErrorBody } from '../errors.js';

export interface ErrorDetail {
  readonly help?: string;
  readonly cause?: unknown;
  readonly retryAfterSeconds?: number;
  /** Put into the body beside code, message and help. */
  readonly more?: Readonly<Record<string, unknown>>;
}

export class ReadError extends ServerError {
  readonly more: Readonly<Record<string, unknown>>;

  constructor(code: ReadErrorCode, message: string, detail: ErrorDetail = {}) {
    super({
      status: READ_ERRORS[code].status,
      code,
      message,
      help: detail.help === undefined ? helpFor(code) : `${detail.help} (docs/errors/README.md#${code})`,
      ...(detail.cause === undefined ? {} : { cause: detail.cause }),
      ...(detail.retryAfterSeconds === undefined ? {} : { retryAfterSeconds: detail.retryAfterSeconds }),
    });
    this.more = detail.more ?? {};
  }

  override body(): ErrorBody {
    const { error } = super.body();
    return { error: { ...error, ...this.more } };
  }
}

/** ClickHouse's numbers for what a reader can meet. */
const MEMORY_CODE = 241;
const TIME_CODES = [159, 160];
const TOO_MANY_CODE = 202;

/** What the engine said while it ran a statement of ours or of a reader. */
export function fromStore(error: unknown): unknown {
  if (!(error instanceof StoreError)) return error;
  const { code, engineCode, message } = error;
  if (code === 'engine_unreachable') return engineUnavailable('it did not answer');
  if (code === 'cancelled')
    return new ReadError('query_cancelled', 'The query was cancelled.', { cause: error });
  if (engineCode === TOO_MANY_CODE) return tooManyQueries();
  if (code !== 'limit_exceeded') return error;
  if (engineCode !== undefined && TIME_CODES.includes(engineCode)) return timedOut(error);
  const what =
    engineCode === MEMORY_CODE ? 'more memory than one query may use' : 'more than one answer may hold';
  return new ReadError('sql_too_expensive', `The query needs ${what}: ${firstSentence(message)}`, {
    cause: error,
  });
}

export function timedOut(cause?: unknown): ReadError {
  return new ReadError('query_timeout', 'The query took longer than one query may, and was stopped.', {
    cause,
  });
}

export function tooManyQueries(): ReadError {
  return new ReadError('too_many_queries', 'As many queries run as the engine takes at once.', {
    retryAfterSeconds: 1,
  });
}

/** The engine's own words about a reader's statement, without what belongs to our wrapping of it. */
export function fromReader(error: unknown): unknown {
  const known = fromStore(error);
  if (!(known instanceof StoreError)) return known;
  const { engineCode } = known;
  // 456, 457: a parameter that is missing or does not fit its type.
  const code = engineCode === 456 || engineCode === 457 ? 'sql_param_invalid' : 'sql_invalid';
  const more = engineCode === undefined ? {} : { engine_code: engineCode };
  return new ReadError(code, firstSentence(known.message), { cause: known, more });
}

/** The engine repeats the whole statement after its point: ours is around it and says nothing to the reader. */
function firstSentence(message: string): string {
  return message
    .replace(/:? ?In scope [^]*$/, '')
    .replace(/sillok_(records|attributes)/g, 'records')
    .slice(0, 1_000);
}
