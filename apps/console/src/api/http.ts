/**
 * Calls to the server. Every failure of every call passes `answerTo`, so that each has a sentence and a next step.
 * The session is a cookie that scripts cannot read; no key is kept in the page.
 */
import { createStore } from '../ui/store.js';

export interface Failure {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly help: string;
  /** Place in the query text, when the query is at fault. */
  readonly from?: number;
  readonly to?: number;
  /** All that is wrong with a search, the first of which the sentence tells; each by its code. */
  readonly errors?: readonly {
    readonly code?: string;
    readonly values?: readonly string[];
    readonly message: string;
    readonly help: string;
  }[];
}

export class ApiFailure extends Error {
  readonly failure: Failure;
  constructor(failure: Failure) {
    super(failure.message);
    this.failure = failure;
  }
}

/** False once any call was refused for want of a session; signing in sets it again. */
export const signedInStore = createStore(true);

export async function ask<T>(path: string, init: RequestInit = {}): Promise<T> {
  const response = await answerTo(path, init);
  // The server's answers follow the public contract of packages/api; each caller names its shape.
  return (await response.json().catch(() => undefined)) as T;
}

/** The answer's bytes as they came: for those that are too many to be objects. */
export async function askBytes(path: string, init: RequestInit = {}): Promise<Uint8Array> {
  return new Uint8Array(await (await answerTo(path, init)).arrayBuffer());
}

async function answerTo(path: string, init: RequestInit): Promise<Response> {
  const response = await fetch(path, { credentials: 'same-origin', ...init }).catch((cause: unknown) => {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
    throw new ApiFailure({ ...UNREACHABLE, message: String(cause) });
  });
  if (response.ok) return response;
  const body: unknown = await response.json().catch(() => undefined);
  if (response.status === 401 && !path.startsWith('/api/session')) signedInStore.set(false);
  throw new ApiFailure(failureOf(response.status, body));
}

export function send<T>(
  method: 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  path: string,
  body?: unknown,
): Promise<T> {
  if (body === undefined) return ask<T>(path, { method });
  return ask<T>(path, {
    method,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

function failureOf(status: number, body: unknown): Failure {
  const error = body !== null && typeof body === 'object' && 'error' in body ? body.error : undefined;
  if (error === null || typeof error !== 'object') {
    return { status, code: 'unknown', message: `HTTP ${status}`, help: '' };
  }
  return { code: 'unknown', message: `HTTP ${status}`, help: '', ...error, status };
}

/** Whether anybody is there, signed in or not. */
export function serverAnswers(): Promise<boolean> {
  return fetch('/livez', { cache: 'no-store' }).then(
    () => true,
    () => false,
  );
}

/** What is told when nobody answered. */
export const UNREACHABLE: Failure = { status: 0, code: 'unreachable', message: '', help: '' };

/** The failure behind whatever was thrown; undefined for a call that was given up on purpose. */
export function failureFrom(cause: unknown): Failure | undefined {
  if (cause instanceof ApiFailure) return cause.failure;
  if (cause instanceof DOMException && cause.name === 'AbortError') return undefined;
  return { status: 0, code: 'unknown', message: String(cause), help: '' };
}

export function withQuery(path: string, values: object): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined && value !== '') parameters.set(name, String(value));
  }
  const text = parameters.toString();
  return text === '' ? path : `${path}?${text}`;
}
