/**
 * Whether a call is the same call once more, with the evidence for saying so. Three things count, and nothing else:
 *
 * - `attempt`: the host says so, by `withAttempt()` around it;
 * - `idempotency_key`: from the same span, to the same place, with the same key, after a failure;
 * - `same_call`: from the same span, with the same method and URL, after a failure, for methods that mean the same when repeated.
 *
 * A POST without a key is never taken for a repetition: its body may be another order. Calls that overlap are not either.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { RESENDS_REMEMBERED_MAX } from '../limits.js';
import type { Scope } from '../scope.js';

export interface Resend {
  /** 0 for the first try. */
  readonly count: number;
  readonly evidence?: 'attempt' | 'idempotency_key' | 'same_call';
}

export interface Sent {
  readonly method: string;
  readonly url: string;
  /** The span that sends. */
  readonly parentSpanId: string | undefined;
  readonly idempotencyKey: string | undefined;
}

interface Memory {
  count: number;
  open: number;
  hasFailed: boolean;
}

const REPEATABLE = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']);
const FIRST: Resend = { count: 0 };
const attempts = new AsyncLocalStorage<number>();
/** Per request, so that it goes with it. */
const memories = new WeakMap<Scope, Map<string, Memory>>();

/**
 * Says that `work` is the n-th try of a call, counted from 1 as retry libraries do. The client spans in it carry
 * `http.request.resend_count` = n − 1.
 */
export function withAttempt<T>(attempt: number, work: () => T): T {
  return attempts.run(Math.max(0, Math.trunc(attempt) - 1), work);
}

export interface OpenSend {
  readonly resend: Resend;
  /** With the status of the answer, for then a caller may send again; and once more when the answer is torn after that. */
  readonly settle: (hasFailed: boolean) => void;
}

export function openSend(scope: Scope | undefined, sent: Sent): OpenSend {
  const said = attempts.getStore();
  const resend: Resend = said === undefined ? FIRST : { count: said, evidence: 'attempt' };
  const { idempotencyKey, parentSpanId, method, url } = sent;
  const isRepeatable = idempotencyKey !== undefined || REPEATABLE.has(method);
  if (scope === undefined || !isRepeatable) return { resend, settle: () => undefined };
  const memory = remember(scope, `${parentSpanId} ${method} ${url} ${idempotencyKey ?? ''}`);
  const isRepeated = memory.hasFailed && memory.open === 0;
  memory.count = isRepeated ? memory.count + 1 : 0;
  memory.open += 1;
  let isOpen = true;
  const settle = (hasFailed: boolean): void => {
    if (isOpen) memory.open -= 1;
    isOpen = false;
    memory.hasFailed = hasFailed;
  };
  if (said !== undefined || !isRepeated) return { resend, settle };
  const evidence = idempotencyKey === undefined ? 'same_call' : 'idempotency_key';
  return { resend: { count: memory.count, evidence }, settle };
}

function remember(scope: Scope, key: string): Memory {
  let known = memories.get(scope.request);
  if (known === undefined) memories.set(scope.request, (known = new Map()));
  let memory = known.get(key);
  if (memory === undefined) {
    memory = { count: 0, open: 0, hasFailed: false };
    known.set(key, memory);
    const [oldest] = known.keys();
    if (known.size > RESENDS_REMEMBERED_MAX && oldest !== undefined) known.delete(oldest);
  }
  return memory;
}
