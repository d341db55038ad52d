/**
 * The context of one request (the "MDC"): its place in the trace and the fields that belong on all of its records.
 *
 * Held by AsyncLocalStorage, which Node itself carries through promises, timers and its own callbacks. What is set is
 * copied and frozen, so later changes of an object do not show, and each request has a `Scope` of its own, so that there
 * is nothing to be cleaned up and nothing shared. Where a library calls back from elsewhere (a pool without
 * AsyncResource, a shared emitter), `bindContext` and `bindEmitter` pin the context that was current.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { EventEmitter } from 'node:events';
import { extractTraceContext, traceHeaders, type TraceContext } from '@sillok/context';
import { type FieldEncoder } from './fields.js';
import { EMPTY_FRAGMENT, type Fragment } from './fragment.js';
import { frozen, mergeFields, NO_FIELDS, type FrozenFields } from './frozen.js';
import { encodeIds, NO_IDS, type RecordIds } from './ids.js';
import { nodeIds } from './id-source.js';
import { activeOtelSpan } from './otel.js';

const storage = new AsyncLocalStorage<Scope>();

export class Scope {
  readonly trace: TraceContext | undefined;
  /** The request that this is part of; a request is its own. */
  readonly request: Scope;
  /** Fields set on the whole request, then those of `withContext` around this place. */
  #own: FrozenFields = NO_FIELDS;
  #ids: RecordIds | undefined;
  #version = 0;
  #fragment: Fragment | undefined;
  #fragmentOf: FieldEncoder | undefined;
  #fragmentVersion = -1;

  constructor(trace: TraceContext | undefined, parent?: Scope) {
    this.trace = trace;
    this.request = parent?.request ?? this;
    if (parent !== undefined && parent.request !== parent) this.#own = parent.#own;
  }

  get fields(): FrozenFields {
    if (this.request === this) return this.#own;
    return mergeFields(this.request.#own, this.#own);
  }

  /** The ids of the place in the trace, as they stand in a line. Made once per request. */
  get ids(): RecordIds {
    this.#ids ??= this.trace === undefined ? NO_IDS : encodeIds(this.trace);
    return this.#ids;
  }

  set(fields: object): void {
    this.#own = mergeFields(this.#own, fields);
    this.#version += 1;
  }

  /** The fields encoded for one logger. Kept until they change; a record only joins the text. */
  fragmentFor(encoder: FieldEncoder): Fragment {
    if (this.#own === NO_FIELDS && this.request.#own === NO_FIELDS) return EMPTY_FRAGMENT;
    const version = this.#version + (this.request === this ? 0 : this.request.#version);
    if (this.#fragment !== undefined && this.#fragmentOf === encoder && this.#fragmentVersion === version) {
      return this.#fragment;
    }
    this.#fragment = encoder.fragment(this.fields);
    this.#fragmentOf = encoder;
    this.#fragmentVersion = version;
    return this.#fragment;
  }
}

export function currentScope(): Scope | undefined {
  return storage.getStore();
}

export function runInScope<A extends readonly unknown[], T>(
  scope: Scope | undefined,
  work: (...values: A) => T,
  ...values: A
): T {
  // Without a scope the work must not see that of its caller either.
  return scope === undefined ? storage.exit(work, ...values) : storage.run(scope, work, ...values);
}

/**
 * Sets fields on the current request: they appear on every record of it from now on, wherever in the request this is
 * called. False when there is no request, and then nothing is set.
 */
export function setContext(fields: object): boolean {
  const scope = storage.getStore();
  if (scope === undefined) return false;
  scope.request.set(fields);
  return true;
}

/** Runs `work` with fields that appear on its records only. Opens a context where there is none (jobs, consumers). */
export function withContext<T>(fields: object, work: () => T): T {
  const parent = storage.getStore();
  const scope = parent === undefined ? new Scope(traceOfOtel()) : new Scope(parent.trace, parent);
  scope.set(fields);
  return storage.run(scope, work);
}

/** Runs `work` as a request of its own with a trace: for jobs and messages. `headers` continue a caller's trace. */
export function withTrace<T>(headers: Readonly<Record<string, string | undefined>>, work: () => T): T {
  return storage.run(new Scope(extractTraceContext((name) => headers[name], nodeIds)), work);
}

/** The fields of the current context; frozen. */
export function getContext(): FrozenFields {
  const scope = storage.getStore();
  return scope === undefined ? NO_FIELDS : frozen(scope.fields);
}

/** The current place in the trace: OpenTelemetry's where the host uses it. */
export function currentTrace(): TraceContext | undefined {
  return traceOfOtel() ?? storage.getStore()?.trace;
}

/** Headers (`traceparent`, `tracestate`, `baggage`) for a call to another service. Empty outside a request. */
export function outgoingHeaders(): Record<string, string> {
  const trace = currentTrace();
  return trace === undefined ? {} : traceHeaders(trace);
}

/** `callback`, pinned to the current context: for libraries that call back from somewhere else. */
export function bindContext<A extends readonly unknown[], R>(
  callback: (...values: A) => R,
): (...values: A) => R {
  const scope = storage.getStore();
  return function bound(this: unknown, ...values: A): R {
    return runInScope(scope, () => callback.apply(this, values as [...A])); // the same list, mutable by type
  };
}

/**
 * Pins listeners of an emitter to the context in which they are added, whoever emits. Returns the emitter. Only listeners
 * that are added from now on are pinned, and `removeListener` finds them as ever.
 */
export function bindEmitter<E extends EventEmitter>(emitter: E): E {
  emitter.on = onInContext;
  emitter.addListener = onInContext;
  emitter.once = onceInContext;
  return emitter;
}

type Listener = (...values: unknown[]) => void;
type AddListener = (event: string | symbol, listener: Listener) => EventEmitter;

function onInContext<E extends EventEmitter>(this: E, event: string | symbol, listener: Listener): E {
  const scope = storage.getStore();
  if (scope === undefined || typeof listener !== 'function') return addPlainly(this, event, listener);
  const bound = function (this: unknown, ...values: unknown[]): void {
    return storage.run(scope, () => listener.apply(this, values));
  };
  return addPlainly(this, event, Object.assign(bound, { listener }));
}

function onceInContext<E extends EventEmitter>(this: E, event: string | symbol, listener: Listener): E {
  const scope = storage.getStore();
  if (typeof listener !== 'function') return addPlainly(this, event, listener);
  const bound = (...values: unknown[]): void => {
    this.removeListener(event, bound);
    return runInScope(scope, () => listener.apply(this, values));
  };
  return addPlainly(this, event, Object.assign(bound, { listener }));
}

/** The method of the emitter's own class: streams begin to flow when somebody listens. */
export function addPlainly<E extends EventEmitter>(
  emitter: E,
  event: string | symbol,
  listener: Listener,
): E {
  const { on }: { on: AddListener } = Object.getPrototypeOf(emitter);
  on.call(emitter, event, listener);
  return emitter;
}

function traceOfOtel(): TraceContext | undefined {
  const span = activeOtelSpan();
  if (span === undefined) return undefined;
  const inherited = storage.getStore()?.trace;
  return {
    ...(inherited ?? { random: false }),
    baggage: inherited?.baggage ?? new Map(),
    traceId: span.traceId,
    spanId: span.spanId,
    sampled: (span.traceFlags & 1) === 1,
    random: inherited?.random ?? false,
  };
}
