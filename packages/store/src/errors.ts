/** Operating errors of the store. `code` is stable; `engineCode` is ClickHouse's own number where it answered. */

export type StoreErrorCode =
  /** No answer: the engine is down or away. Nothing is known about what it did. */
  | 'engine_unreachable'
  /** The engine refused or failed. */
  | 'engine_refused'
  /** A record of the chunk cannot be stored; `findPoison` says which. */
  | 'bad_record'
  /** Fewer rows of the batch than the chunk has: try again with `retry`. */
  | 'rows_missing'
  /** More rows of the batch than the chunk has. */
  | 'rows_surplus'
  /** An earlier attempt still runs and does not obey KILL: the engine must be replaced. */
  | 'insert_still_running'
  /** The statement went over a limit of time, memory, rows or bytes. */
  | 'limit_exceeded'
  | 'cancelled';

export interface StoreErrorDetail {
  readonly cause?: unknown;
  readonly engineCode?: number;
  readonly engineType?: string;
}

export class StoreError extends Error {
  readonly code: StoreErrorCode;
  readonly engineCode: number | undefined;
  readonly engineType: string | undefined;

  constructor(code: StoreErrorCode, message: string, detail: StoreErrorDetail = {}) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.name = 'StoreError';
    this.code = code;
    this.engineCode = detail.engineCode;
    this.engineType = detail.engineType;
  }
}
