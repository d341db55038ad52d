/**
 * Calls to the server. Every failure of every call passes `ask`, so that each has a sentence and a next step.
 * The session is a cookie that scripts cannot read; no key is kept in the page.
 */
import type { Envelope } from '@sillok/record';

export interface Failure {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly help: string;
  /** Place in the query text, when the query is at fault. */
  readonly from?: number;
  readonly to?: number;
}

export class ApiFailure extends Error {
  readonly failure: Failure;
  constructor(failure: Failure) {
    super(failure.message);
    this.failure = failure;
  }
}

export interface Page {
  readonly records: readonly Envelope[];
  readonly next: string | null;
  readonly gaps: readonly { producer: string; boot: string; from: number; to: number }[];
  readonly freshness: { readonly visible_through: string; readonly lag_ms: number };
  readonly cost: { readonly rows_read: number; readonly bytes_read: number; readonly elapsed_ms: number };
}

export interface Histogram {
  readonly buckets: readonly {
    readonly time: string;
    readonly count: number;
    readonly by?: Readonly<Record<string, number>>;
  }[];
}

export interface FieldValues {
  readonly values: readonly { readonly value: unknown; readonly count: number }[];
}

export interface Fields {
  readonly fields: readonly { readonly name: string; readonly count: number }[];
  readonly sampled: number;
}

async function ask<T>(path: string, init: RequestInit = {}): Promise<T> {
  const response = await fetch(path, { credentials: 'same-origin', ...init }).catch((cause: unknown) => {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
    throw new ApiFailure({ status: 0, code: 'unreachable', message: String(cause), help: '' });
  });
  const body: unknown = await response.json().catch(() => undefined);
  if (response.ok) {
    // The server's answers follow the public contract of packages/api; each caller names its shape.
    return body as T;
  }
  throw new ApiFailure(failureOf(response.status, body));
}

function failureOf(status: number, body: unknown): Failure {
  const error = body !== null && typeof body === 'object' && 'error' in body ? body.error : undefined;
  if (error === null || typeof error !== 'object') {
    return { status, code: 'unknown', message: `HTTP ${status}`, help: '' };
  }
  return { code: 'unknown', message: `HTTP ${status}`, help: '', ...error, status };
}

function query(path: string, values: Readonly<Record<string, string | undefined>>): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined && value !== '') parameters.set(name, value);
  }
  return `${path}?${parameters}`;
}

export interface Range {
  readonly q: string;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

export const api = {
  signIn: (secret: { token: string } | { key: string }): Promise<unknown> =>
    ask('/api/session', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(secret),
    }),
  signOut: (): Promise<unknown> => ask('/api/session', { method: 'DELETE' }),
  search: (range: Range, cursor: string | undefined, signal: AbortSignal): Promise<Page> =>
    ask<Page>(query('/api/search', { ...range, cursor, limit: '100' }), { signal }),
  histogram: (range: Range, signal: AbortSignal): Promise<Histogram> =>
    ask<Histogram>(query('/api/histogram', { ...range, by: 'level', buckets: '60' }), { signal }),
  fields: (range: Range, signal: AbortSignal): Promise<Fields> =>
    ask<Fields>(query('/api/fields', { ...range }), { signal }),
  fieldValues: (range: Range, name: string, signal: AbortSignal): Promise<FieldValues> =>
    ask<FieldValues>(query(`/api/fields/${encodeURIComponent(name)}/values`, { ...range, limit: '12' }), {
      signal,
    }),
  liveUrl: (q: string): string => query('/api/live', { q }),
};
