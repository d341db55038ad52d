/**
 * The one place that uses @clickhouse/client: connections, pools by header, errors turned into ours.
 *
 * The embedded engine reads the pool from a header; a ClickHouse server ignores it.
 */
import {
  ClickHouseError,
  ClickHouseLogLevel,
  createClient,
  type ClickHouseClient,
  type ClickHouseSettings,
} from '@clickhouse/client';
import { Readable } from 'node:stream';
import { StoreError, type StoreErrorCode } from './errors.js';
import { CONNECTIONS_MAX, ERROR_TEXT_MAX } from './limits.js';

export type PoolName = 'insert' | 'search' | 'user' | 'system';

export interface Endpoint {
  readonly url: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
}

export interface Request {
  readonly sql: string;
  readonly pool: PoolName;
  readonly settings?: Readonly<Record<string, string>>;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly queryId?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** After this the request is given up; the statement may go on and must be killed. */
  readonly timeoutMs?: number;
}

export interface Client {
  /** The text of the answer; the statement names its format. */
  text(request: Request): Promise<string>;
  /** Runs an INSERT with rows in its body; the number of rows written. */
  insert(request: Request, body?: Uint8Array): Promise<number>;
  /** True when the engine answers. */
  ping(timeoutMs: number): Promise<boolean>;
  /** From now on, talk to another engine. */
  moveTo(endpoint: Endpoint): void;
  close(): Promise<void>;
}

export function createStoreClient(endpoint: Endpoint): Client {
  let client = connect(endpoint);
  return {
    text: async (request) => {
      const { stream } = await guarded(request, (signal) => client.exec(execOptions(request, signal)));
      return guarded(request, () => readText(stream));
    },
    insert: (request, body) =>
      guarded(request, async (signal) => {
        const values = body === undefined ? undefined : Readable.from([body], { objectMode: false });
        const options = { ...execOptions(request, signal), ...(values === undefined ? {} : { values }) };
        const { stream, summary } = await client.exec(options);
        stream.resume();
        return Number(summary?.written_rows ?? 0);
      }),
    async ping(timeoutMs) {
      const result = await client.ping({ select: false, abort_signal: AbortSignal.timeout(timeoutMs) });
      return result.success;
    },
    moveTo(next) {
      void client.close();
      client = connect(next);
    },
    close: () => client.close(),
  };
}

function connect({ url, username, password }: Endpoint): ClickHouseClient {
  return createClient({
    url,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    max_open_connections: CONNECTIONS_MAX,
    // Limits are set per statement; this one only must not cut a long insert.
    request_timeout: 24 * 60 * 60 * 1000,
    compression: { request: false, response: false },
    log: { level: ClickHouseLogLevel.OFF },
  });
}

function execOptions(
  request: Request,
  signal: AbortSignal | undefined,
): Parameters<ClickHouseClient['exec']>[0] {
  const { sql, pool, settings, params, queryId } = request;
  return {
    query: sql,
    http_headers: { 'X-Sillok-Pool': pool },
    // The client types each setting; ours are validated by the engine.
    ...(settings === undefined ? {} : { clickhouse_settings: settings as ClickHouseSettings }),
    ...(params === undefined ? {} : { query_params: { ...params } }),
    ...(queryId === undefined ? {} : { query_id: queryId }),
    ...(signal === undefined ? {} : { abort_signal: signal }),
  };
}

async function readText(stream: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  // A stream of an HTTP response without an encoding: Buffers.
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

async function guarded<T>(
  request: Request,
  call: (signal: AbortSignal | undefined) => Promise<T>,
): Promise<T> {
  const signals = [
    request.signal,
    request.timeoutMs === undefined ? undefined : AbortSignal.timeout(request.timeoutMs),
  ];
  const given = signals.filter((signal) => signal !== undefined);
  try {
    return await call(given.length === 0 ? undefined : AbortSignal.any(given));
  } catch (error) {
    throw toStoreError(error, request.signal);
  }
}

/** ClickHouse's codes for "over a limit": time, memory, rows, bytes, result. */
const LIMIT_CODES = new Set([158, 159, 160, 241, 307, 396]);
/** Codes of text that cannot be read as a row: parsing, types, ranges. */
const BAD_RECORD_CODES = new Set([
  6, 25, 26, 27, 33, 38, 41, 53, 69, 72, 117, 130, 131, 190, 321, 349, 376, 407, 441, 467, 630, 675, 676,
]);

function toStoreError(error: unknown, signal: AbortSignal | undefined): StoreError {
  if (error instanceof StoreError) return error;
  const message = (error instanceof Error ? error.message : String(error)).slice(0, ERROR_TEXT_MAX);
  if (error instanceof ClickHouseError) {
    const engineCode = Number(error.code);
    return new StoreError(codeFor(engineCode), message, {
      cause: error,
      engineCode,
      ...(error.type === undefined ? {} : { engineType: error.type }),
    });
  }
  if (signal?.aborted === true)
    return new StoreError('cancelled', 'The statement was cancelled', { cause: error });
  return new StoreError('engine_unreachable', `The engine did not answer: ${message}`, { cause: error });
}

function codeFor(engineCode: number): StoreErrorCode {
  if (LIMIT_CODES.has(engineCode)) return 'limit_exceeded';
  if (engineCode === 394) return 'cancelled';
  if (BAD_RECORD_CODES.has(engineCode)) return 'bad_record';
  return 'engine_refused';
}
