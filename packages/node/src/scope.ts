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
import {
  extractTraceContext,
  traceHeaders,
  type Carried,
  type OwnIds,
  type TraceContext,
  type WrittenDialect,
} from '@sillok/context';
import { aliasFields, withCarried } from './carried.js';
import { type FieldEncoder } from './fields.js';
import { EMPTY_FRAGMENT, type Fragment } from './fragment.js';
import { frozen, mergeFields, NO_FIELDS, type FrozenFields } from './frozen.js';
import { encodeIds, NO_IDS, type RecordIds } from './ids.js';
import { nodeIds } from './id-source.js';
import { activeOtelSpan, otelNeedsParent, withOtelParent } from './otel.js';
import { currentPropagation, type Propagation } from './propagation.js';

const storage = new AsyncLocalStorage<Scope>();

/** What is learned during a request about the person behind it, and what travels with it. */
export type Known = OwnIds & { readonly carried?: Carried };

const NOTHING_KNOWN: Known = {};

/** The fields of a scope as one encoder wrote them. */
interface Encoded {
  readonly fragment: Fragment;
  readonly encoder: FieldEncoder;
  readonly version: number;
}

export class Scope {
  readonly #place: TraceContext | undefined;
  /** The request that this is part of; a request is its own. */
  readonly request: Scope;
  /** Of the request: its support code was shown to somebody, who may ask by it. */
  isCodeShown = false;
  /** Of the request: what `identify` and `carry` said after it began. */
  #known = NOTHING_KNOWN;
  /** Fields set on the whole request, then those of `withContext` around this place. */
  #own: FrozenFields = NO_FIELDS;
  #ids: RecordIds | undefined;
  #idsOf = NOTHING_KNOWN;
  #version = 0;
  #encoded: Encoded | undefined;

  constructor(trace: TraceContext | undefined, parent?: Scope) {
    this.#place = trace;
    this.request = parent?.request ?? this;
    if (parent !== undefined && parent.request !== parent) this.#own = parent.#own;
  }

  get fields(): FrozenFields {
    const { request } = this;
    const own = request === this ? this.#own : mergeFields(request.#own, this.#own);
    const { carried } = this;
    return carried === undefined ? own : withCarried(own, carried);
  }

  /** The place in the trace, with all that is known by now. */
  get trace(): TraceContext | undefined {
    const place = this.#place;
    const known = this.request.#known;
    return known === NOTHING_KNOWN || place === undefined ? place : { ...place, ...known };
  }

  /** Who it is for, also where there is no trace. */
  get known(): Known {
    return this.request.#known === NOTHING_KNOWN
      ? (this.#place ?? NOTHING_KNOWN)
      : { ...this.#place, ...this.request.#known };
  }

  get carried(): Carried | undefined {
    return this.request.#known.carried ?? this.#place?.carried;
  }

  /** The ids of the place in the trace, as they stand in a line. Made anew only when more has become known. */
  get ids(): RecordIds {
    const known = this.request.#known;
    if (this.#ids === undefined || this.#idsOf !== known) {
      this.#ids = this.#place === undefined && known === NOTHING_KNOWN ? NO_IDS : encodeIds(this.known);
      this.#idsOf = known;
    }
    return this.#ids;
  }

  /** Adds to what is known of the whole request. */
  learn(more: Known): void {
    const { request } = this;
    request.#known = { ...request.#known, ...more };
    request.#version += 1;
  }

  set(fields: object): void {
    this.#own = mergeFields(this.#own, fields);
    this.#version += 1;
  }

  /** The fields encoded for one logger. Kept until they change; a record only joins the text. */
  fragmentFor(encoder: FieldEncoder): Fragment {
    const isEmpty = this.#own === NO_FIELDS && this.request.#own === NO_FIELDS;
    if (isEmpty && this.carried === undefined) return EMPTY_FRAGMENT;
    const version = this.#version + (this.request === this ? 0 : this.request.#version);
    const known = this.#encoded;
    if (known !== undefined && known.encoder === encoder && known.version === version) return known.fragment;
    const fragment = encoder.fragment(this.fields);
    this.#encoded = { fragment, encoder, version };
    return fragment;
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
  if (scope === undefined) return storage.exit(work, ...values);
  return otelNeedsParent() ? runInSpan(scope, () => work(...values)) : storage.run(scope, work, ...values);
}

/** In OpenTelemetry's eyes, too: what other people's instrumentations start in `work` hangs below the scope's place. */
export function runInSpan<T>(scope: Scope, work: () => T): T {
  const { trace } = scope;
  if (trace === undefined) return storage.run(scope, work);
  const { traceId, spanId, sampled } = trace;
  return withOtelParent({ traceId, spanId, traceFlags: sampled ? 1 : 0 }, () => storage.run(scope, work));
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
  return runInScope(scope, work);
}

/**
 * Runs `work` as a request of its own with a trace: for jobs and messages. `headers` continue a caller's trace; whoever
 * passes them vouches for them, so only those of a queue of our own belong here. Other ids in them are on all records.
 */
export function withTrace<T>(headers: Readonly<Record<string, string | undefined>>, work: () => T): T {
  const { vouched, admitRoute } = currentPropagation();
  const { trace, fields } = admitRoute(extractTraceContext((name) => headers[name], nodeIds, vouched));
  const scope = new Scope(trace);
  if (fields.length > 0) scope.set(Object.fromEntries(fields));
  if (trace.aliases !== undefined) scope.set(aliasFields(trace.aliases));
  return runInScope(scope, work);
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

export interface OutgoingOptions {
  /**
   * Host that is called. It decides the dialects (option `context.propagate`), and whether baggage goes along: hosts that
   * are not ours get the trace only. Without it the call is taken to stay inside.
   */
  readonly host?: string | undefined;
  /** Instead of those that are configured for the host. */
  readonly dialects?: readonly WrittenDialect[] | undefined;
}

/** Headers for a call to another service: `traceparent`, `tracestate`, `baggage`. Empty outside a request. */
export function outgoingHeaders(
  options: OutgoingOptions = {},
  propagation: Propagation = currentPropagation(),
): Record<string, string> {
  const trace = currentTrace();
  if (trace === undefined) return {};
  const { host, dialects } = options;
  const wanted = propagation.outgoing(host);
  return traceHeaders(trace, dialects === undefined ? wanted : { ...wanted, dialects });
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

export type Listener = (...values: unknown[]) => void;
export type AddListener = (event: string | symbol, listener: Listener) => EventEmitter;
/** `removeListener` finds what was bound by this name. */
type Bound = Listener & { listener?: Listener };

function onInContext<E extends EventEmitter>(this: E, event: string | symbol, listener: Listener): E {
  return addPlainly(this, event, boundListener(listener));
}

function onceInContext<E extends EventEmitter>(this: E, event: string | symbol, listener: Listener): E {
  return addPlainly(this, event, boundOnce(this, event, listener));
}

/** Outside of any context, and of anything but a function, the listener as it is. */
export function boundListener(listener: Listener): Listener {
  const scope = storage.getStore();
  if (scope === undefined || typeof listener !== 'function') return listener;
  const bound: Bound = function (this: unknown, ...values: unknown[]): void {
    return runInScope(scope, () => listener.apply(this, values));
  };
  bound.listener = listener;
  return bound;
}

/** The same for one call: by then it is no listener of the emitter any more. */
export function boundOnce(emitter: EventEmitter, event: string | symbol, listener: Listener): Listener {
  const scope = storage.getStore();
  if (typeof listener !== 'function') return listener;
  const bound: Bound = (...values: unknown[]): void => {
    emitter.removeListener(event, bound);
    return runInScope(scope, () => listener.apply(emitter, values));
  };
  bound.listener = listener;
  return bound;
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
