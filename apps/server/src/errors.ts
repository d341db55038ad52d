/**
 * Every error that a client of the server can meet. Codes are stable: programs may compare them, `docs/reference/http.md`
 * lists them. A message says what happened and what is safe; `help` says what to do next.
 */

export interface ErrorBody {
  readonly error: { readonly code: string; readonly message: string; readonly help: string };
}

export interface ServerErrorOptions {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly help: string;
  readonly retryAfterSeconds?: number;
  readonly cause?: unknown;
}

/** An operating error with a status and a stable code. Throw it from a route; the error handler writes the body. */
export class ServerError extends Error {
  readonly status: number;
  readonly code: string;
  readonly help: string;
  readonly retryAfterSeconds: number | undefined;

  constructor(options: ServerErrorOptions) {
    super(options.message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'ServerError';
    this.status = options.status;
    this.code = options.code;
    this.help = options.help;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }

  body(): ErrorBody {
    return { error: { code: this.code, message: this.message, help: this.help } };
  }
}

export function badRequest(code: string, message: string, help: string): ServerError {
  return new ServerError({ status: 400, code, message, help });
}

export function notFound(message: string, help = 'See docs/reference/http.md for the calls.'): ServerError {
  return new ServerError({ status: 404, code: 'not_found', message, help });
}

export function keyMissing(): ServerError {
  return new ServerError({
    status: 401,
    code: 'key_missing',
    message: 'This call needs a key.',
    help: 'Send Authorization: Bearer KEY. For local development it is in the file dev-key of the data folder.',
  });
}

export function keyUnknown(): ServerError {
  return new ServerError({
    status: 401,
    code: 'key_unknown',
    message: 'This key is not known here, or it was revoked, or its time is over.',
    help: 'Create one with "sillok key create".',
  });
}

/** For programs: what they hold stays in their spools until the project is opened again. */
export function projectArchived(project: string): ServerError {
  return new ServerError({
    status: 403,
    code: 'project_archived',
    message: `The project "${project}" is archived: it takes and shows nothing. Nothing of it was deleted.`,
    help: 'An owner of the server can open it again: console, People and keys, Projects.',
  });
}

export function scopeMissing(scope: string): ServerError {
  return new ServerError({
    status: 403,
    code: 'scope_missing',
    message: `This key does not have the scope "${scope}".`,
    help: `Create a key with this scope: sillok key create NAME --scope ${scope}`,
  });
}

export function originRefused(what: string): ServerError {
  return new ServerError({
    status: 403,
    code: 'origin_refused',
    message: `Open loopback does not take requests with this ${what}: any web page can send to loopback.`,
    help: 'Use a key, or call the server by its loopback address from a program.',
  });
}

export function pageRefused(origin: string | undefined): ServerError {
  const page = origin === undefined ? 'a request that names no page' : `pages of ${origin.slice(0, 200)}`;
  return new ServerError({
    status: 403,
    code: 'origin_refused',
    message: `This key is not for ${page}. Nothing of it was stored.`,
    help: 'An admin of the project lists the allowed origins when the key is created.',
  });
}

export function objectsFull(what: string): ServerError {
  return new ServerError({
    status: 409,
    code: 'too_many_objects',
    message: `The project has as many of these as it may (${what}).`,
    help: 'Remove some that nobody uses.',
  });
}

export function bodyTooLarge(limitBytes: number): ServerError {
  return new ServerError({
    status: 413,
    code: 'body_too_large',
    message: `The body is larger than ${limitBytes} bytes. Nothing of it was stored.`,
    help: 'Send smaller batches.',
  });
}

export function encodingRefused(encoding: string): ServerError {
  return new ServerError({
    status: 415,
    code: 'encoding_refused',
    message: `Content-Encoding "${encoding}" is not taken.`,
    help: 'Use gzip or none.',
  });
}

export function bodyBroken(cause: unknown): ServerError {
  return new ServerError({
    status: 400,
    code: 'body_broken',
    message: 'The body could not be read to its end. Nothing of it was stored.',
    help: 'Check that it is complete and that Content-Encoding says what it is.',
    cause,
  });
}

/** All of it came, and it is not what this call takes. */
export function bodyNotReadable(expected: string, cause: unknown): ServerError {
  return new ServerError({
    status: 400,
    code: 'body_broken',
    message: `The body cannot be read as ${expected}. Nothing of it was stored.`,
    help: 'Check that it was not cut off, and that Content-Type and Content-Encoding say what it is.',
    cause,
  });
}

export function overloaded(reason: string, retryAfterSeconds: number): ServerError {
  return new ServerError({
    status: 429,
    code: 'overloaded',
    message: `The server cannot take this now: ${reason}. Nothing of it was stored.`,
    help: 'Send it again after Retry-After seconds.',
    retryAfterSeconds,
  });
}

export function diskFull(cause: unknown, retryAfterSeconds: number): ServerError {
  return new ServerError({
    status: 507,
    code: 'disk_full',
    message:
      'The disk of the server is full. This request was not acknowledged; what was acknowledged before is safe.',
    help: 'Free space or shorten retention, then send it again.',
    retryAfterSeconds,
    cause,
  });
}

export function queueFailed(cause: unknown, retryAfterSeconds: number): ServerError {
  return new ServerError({
    status: 503,
    code: 'queue_failed',
    message:
      'The queue could not be written. This request was not acknowledged; what was acknowledged before is safe.',
    help: 'Look at the log of the server and at its disk, then send it again.',
    retryAfterSeconds,
    cause,
  });
}

export function stopping(): ServerError {
  return new ServerError({
    status: 503,
    code: 'stopping',
    message: 'The server is stopping. Nothing of this request was stored.',
    help: 'Send it again in a moment.',
    retryAfterSeconds: 2,
  });
}

export function engineUnavailable(reason: string): ServerError {
  return new ServerError({
    status: 503,
    code: 'engine_unavailable',
    message: `The search engine is not available: ${reason}. Records are taken and kept; they are searchable later.`,
    help: 'See GET /readyz, or run "sillok doctor".',
    retryAfterSeconds: 2,
  });
}

export function producerOfOtherProject(producer: string): ServerError {
  return new ServerError({
    status: 409,
    code: 'producer_of_other_project',
    message: `Another project used the producer "${producer}" first: it belongs to it. Nothing was stored.`,
    help: 'Use the key of that project, or give this service a producer name of its own.',
  });
}

export function tooManyGaps(producer: string, gapsMax: number): ServerError {
  return new ServerError({
    status: 409,
    code: 'too_many_gaps',
    message: `This boot of ${producer} has more than ${gapsMax} stretches of numbers. Nothing was stored.`,
    help: 'Number records 1, 2, 3 … per boot. Send what is missing first, or begin a new boot.',
  });
}

/** Not for clients: the settings on the command line or in the environment cannot be used. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}
