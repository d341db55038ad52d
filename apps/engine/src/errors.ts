/** Operating errors of the engine: each has a stable code and a page in docs/errors. */

export type EngineErrorCode = 'engine_unavailable' | 'engine_start_failed' | 'engine_stopped';

export class EngineError extends Error {
  readonly code: EngineErrorCode;
  readonly help: string;

  constructor(code: EngineErrorCode, message: string, options: { help: string; cause?: unknown }) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'EngineError';
    this.code = code;
    this.help = options.help;
  }
}

/**
 * An exception in ClickHouse's own form, for answers over HTTP. `code` is ClickHouse's number; `name` its
 * constant. Thrown inside the child only.
 */
export class ClickHouseException extends Error {
  readonly code: number;
  readonly typeName: string;

  constructor(code: number, typeName: string, message: string) {
    super(`Code: ${code}. DB::Exception: ${message} (${typeName})`);
    this.name = 'ClickHouseException';
    this.code = code;
    this.typeName = typeName;
  }
}

/** ClickHouse's numbers for what the child itself refuses. */
export const REFUSALS = {
  badArguments: [36, 'BAD_ARGUMENTS'],
  syntaxError: [62, 'SYNTAX_ERROR'],
  tooManyStatements: [202, 'TOO_MANY_SIMULTANEOUS_QUERIES'],
  tooManyBytes: [307, 'TOO_MANY_BYTES'],
  resultTooLarge: [396, 'TOO_MANY_ROWS_OR_BYTES'],
  cancelled: [394, 'QUERY_WAS_CANCELLED'],
  authenticationFailed: [516, 'AUTHENTICATION_FAILED'],
  sameId: [216, 'QUERY_WITH_SAME_ID_IS_ALREADY_RUNNING'],
  unsupported: [48, 'NOT_IMPLEMENTED'],
} as const satisfies Record<string, readonly [number, string]>;

export function refusal(kind: keyof typeof REFUSALS, message: string): ClickHouseException {
  const [code, name] = REFUSALS[kind];
  return new ClickHouseException(code, name, message);
}
