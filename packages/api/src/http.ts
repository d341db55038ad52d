/**
 * One HTTP call of the client: key, JSON, errors as `ApiError`. Everything the client does passes here, so that a
 * server that is away, a proxy that answers HTML and a typed error look the same to every caller.
 */
import type { z } from 'zod';
import { ApiError, type ErrorBody } from './errors.js';
import { errorBody } from './schemas.js';

export interface ClientOptions {
  /** Where the server is: `http://127.0.0.1:4318`. */
  readonly url: string;
  readonly key?: string;
  /** Another `fetch`, for instance one with an agent of its own. */
  readonly fetch?: typeof globalThis.fetch;
  /** Sent as `User-Agent`. */
  readonly userAgent?: string;
}

export interface Call {
  readonly method?: 'GET' | 'POST' | 'DELETE' | 'PATCH';
  readonly path: string;
  readonly query?: object;
  readonly json?: unknown;
  readonly body?: Uint8Array | string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  /** Answers that are not 2xx are answers too (health). */
  readonly anyStatus?: boolean;
}

export interface Http {
  /** The answer itself; throws `ApiError` unless it is 2xx. */
  send(call: Call): Promise<Response>;
  /** The answer as JSON, checked against the schema when one is given. */
  json<T>(call: Call, schema?: z.ZodType): Promise<T>;
}

export function createHttp(options: ClientOptions): Http {
  const base = options.url.replace(/\/+$/, '');
  const doFetch = options.fetch ?? globalThis.fetch;

  async function send(call: Call): Promise<Response> {
    const headers: Record<string, string> = { accept: 'application/json', ...call.headers };
    if (options.key !== undefined) headers['authorization'] = `Bearer ${options.key}`;
    if (options.userAgent !== undefined) headers['user-agent'] = options.userAgent;
    const body = call.json === undefined ? call.body : JSON.stringify(call.json);
    if (call.json !== undefined) headers['content-type'] = 'application/json';
    const response = await reach(() =>
      doFetch(base + call.path + queryText(call.query), {
        method: call.method ?? 'GET',
        headers,
        ...(body === undefined ? {} : { body }),
        ...(call.signal === undefined ? {} : { signal: call.signal }),
      }),
    );
    if (!response.ok && call.anyStatus !== true) throw await errorOf(response);
    return response;
  }

  return {
    send,
    async json<T>(call: Call, schema?: z.ZodType): Promise<T> {
      const response = await send(call);
      const value: unknown = await response.json().catch((cause: unknown) => {
        throw new ApiError('The answer is not JSON: is this the address of a Sillok server?', {
          status: response.status,
          cause,
        });
      });
      if (schema && !schema.safeParse(value).success) {
        throw new ApiError('The answer does not have the promised shape.', { status: response.status });
      }
      return value as T; // the schema checked what programs rely on; the rest is the server's word
    },
  };

  async function reach(attempt: () => Promise<Response>): Promise<Response> {
    try {
      return await attempt();
    } catch (cause) {
      if (cause instanceof Error && cause.name === 'AbortError') throw cause;
      throw new ApiError(`${base} cannot be reached: ${reason(cause)}`, { status: 0, cause });
    }
  }
}

/** The typed error of an answer that is not 2xx. */
async function errorOf(response: Response): Promise<ApiError> {
  const text = await response.text().catch(() => '');
  const parsed = errorBody.safeParse(tryJson(text));
  if (!parsed.success) {
    return new ApiError(`HTTP ${response.status} without a typed error: ${text.slice(0, 200)}`, {
      status: response.status,
    });
  }
  const body = parsed.data as ErrorBody; // checked one line above
  return new ApiError(body.error.message, { status: response.status, body });
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** undici hides why in `cause`. */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error && error.cause.message !== '' ? error.cause.message : error.message;
}

function queryText(query: object | undefined): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    for (const each of Array.isArray(value) ? value : [value])
      if (each !== undefined && each !== null && each !== '') search.append(name, String(each));
  }
  const text = search.toString();
  return text === '' ? '' : `?${text}`;
}
