/**
 * The error codes of the API, in one table. A code never changes its meaning; programs may compare it.
 *
 * `status` is the HTTP status it is sent with, `help` what to do next. The page that each help points to is
 * `docs/errors/README.md`, which has one heading per code; a test keeps the two equal.
 */
export interface ErrorBody {
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly help: string;
    /** Where in `q` the error is, when it is one of the search language. Counted in UTF-16 units, `to` exclusive. */
    readonly from?: number;
    readonly to?: number;
    /** Where the awaited records are, for `not_visible_yet`. */
    readonly safe?: 'queue' | 'unknown';
    readonly [more: string]: unknown;
  };
}

export interface ErrorKind {
  readonly status: number;
  readonly help: string;
}

/** What the reading side can answer. Codes of ingest and of keys are in the same page of the docs. */
export const READ_ERRORS = {
  request_invalid: { status: 400, help: 'Look the call up in docs/reference/api.md.' },
  query_invalid: { status: 400, help: 'Correct the marked part of the search text.' },
  time_invalid: {
    status: 400,
    help: 'Write a time such as 2026-11-21T10:00:00Z, 2026-11-21, -15m, -1h, -7d or now.',
  },
  cursor_invalid: {
    status: 400,
    help: 'Start again without a cursor; use `next` exactly as it was answered.',
  },
  cursor_mismatch: {
    status: 400,
    help: 'Send a cursor with the same q, order, from, to and key as the page it came from.',
  },
  token_invalid: { status: 400, help: 'Send the token of flush() exactly as it was returned.' },
  token_project_mismatch: { status: 403, help: 'Ask with a key of the project that wrote the records.' },
  not_visible_yet: {
    status: 504,
    help: 'Ask again with the same token; what is `safe` says where the records are.',
  },
  record_not_found: { status: 404, help: 'Check producer, boot and seq; it may have expired.' },
  trace_not_found: {
    status: 404,
    help: 'Check the id, and from and to; the records may have expired, or be of another project.',
  },
  pipes_refused: { status: 400, help: 'Remove what follows the first "|", or use GET /api/search.' },
  export_too_large: { status: 413, help: 'Narrow from and to, or send limit= to take only so many records.' },
  sql_refused: {
    status: 400,
    help: 'docs/reference/sql.md says what is allowed: one SELECT over `records`.',
  },
  sql_invalid: { status: 400, help: 'The engine could not run this; its message says where.' },
  sql_param_invalid: {
    status: 400,
    help: 'Give every {name:Type} of the query a value of its type in `params`.',
  },
  sql_too_expensive: {
    status: 400,
    help: 'Narrow the time range or aggregate more; GET /api/estimate tells the cost before.',
  },
  query_timeout: {
    status: 504,
    help: 'Narrow from and to, or aggregate more; it was stopped and holds nothing any more.',
  },
  query_cancelled: {
    status: 409,
    help: 'Somebody cancelled it by its id. Run it again if that was a mistake.',
  },
  query_not_found: { status: 404, help: 'It has ended, or it was never started by this project.' },
  too_many_queries: { status: 429, help: 'Wait until one of the running queries has ended.' },
  engine_unavailable: {
    status: 503,
    help: 'Search comes back by itself; ingest goes on meanwhile. See /readyz.',
  },
} as const satisfies Readonly<Record<string, ErrorKind>>;

export type ReadErrorCode = keyof typeof READ_ERRORS;

/** The page and heading about a code. */
export function helpFor(code: ReadErrorCode): string {
  return `${READ_ERRORS[code].help} (docs/errors/README.md#${code})`;
}

export interface ApiErrorOptions {
  readonly status: number;
  readonly body?: ErrorBody;
  readonly cause?: unknown;
}

/** What the client throws: the server's answer, or that there was none (`status` 0, code `unreachable`). */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly help: string;
  readonly body: ErrorBody | undefined;

  constructor(message: string, options: ApiErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'ApiError';
    this.status = options.status;
    this.body = options.body;
    this.code = options.body?.error.code ?? (options.status === 0 ? 'unreachable' : `http_${options.status}`);
    this.help = options.body?.error.help ?? 'Check the address and that the server runs: GET /livez.';
  }
}
