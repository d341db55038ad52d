/**
 * A stretch of work with a name, a duration and an outcome: one record of kind `span`, written when it ends.
 *
 * Its scope is a child of the current one, so records inside carry its id and fields of the request; OpenTelemetry, where the
 * host uses it, sees it as the active span. It never throws anything but what the work itself throws.
 */
import type { TraceContext } from '@sillok/context';
import { EMPTY_BAGGAGE } from '@sillok/context';
import { makeHead } from './entry.js';
import { EMPTY_FRAGMENT, type Fragment } from './fragment.js';
import { nodeIds } from './id-source.js';
import type { Runtime } from './runtime.js';
import { currentScope, currentTrace, runInSpan, Scope } from './scope.js';
import { errorTypeOf } from './serializers.js';

/** `internal` unless said otherwise. */
export type SpanKind = 'internal' | 'server' | 'client' | 'producer' | 'consumer';

export interface SpanStart {
  readonly name: string;
  readonly runtime: Runtime;
  readonly fields?: object | undefined;
  readonly kind?: SpanKind | undefined;
  readonly bindings?: Fragment | undefined;
  /** The trace to continue instead of the current one: that of a message. */
  readonly trace?: TraceContext | undefined;
  /** The span's own id, where somebody else has given it one already. */
  readonly spanId?: string | undefined;
}

const OK = makeHead('span', 'info');
const SUSPECT = makeHead('span', 'warn');
const FAILED = makeHead('span', 'error');

export class Span {
  readonly scope: Scope;
  readonly trace: TraceContext;
  readonly name: string;
  readonly #runtime: Runtime;
  readonly #bindings: Fragment;
  readonly #startTime: string;
  readonly #startedMs = performance.now();
  #fields: { [name: string]: unknown };
  #head = OK;
  #hasEnded = false;

  constructor(start: SpanStart) {
    this.name = start.name;
    this.#runtime = start.runtime;
    this.#bindings = start.bindings ?? EMPTY_FRAGMENT;
    this.#startTime = start.runtime.recorder.now();
    const parent = start.trace === undefined ? currentScope() : undefined;
    this.trace = start.trace ?? childOf(currentTrace(), start.spanId);
    this.scope = new Scope(this.trace, parent);
    // One object from here to the line: a copy at the end would cost as much as the line itself.
    this.#fields = { 'span.kind': start.kind ?? 'internal' };
    if (start.fields !== undefined) Object.assign(this.#fields, start.fields);
  }

  get traceId(): string {
    return this.trace.traceId;
  }

  get spanId(): string {
    return this.trace.spanId;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** More fields on the span's record. */
  set(fields: object): this {
    Object.assign(this.#fields, fields);
    return this;
  }

  /** The work failed. With an error its type, message and stack are recorded. */
  fail(error?: unknown): this {
    this.#head = FAILED;
    this.set({ 'otel.status_code': 'ERROR' });
    if (error === undefined) return this;
    const { 'error.type': type = errorTypeOf(error) } = this.#fields;
    return this.set({ 'error.type': type, err: error instanceof Error ? error : String(error) });
  }

  /** The answer says that the request was wrong (a 404): worth a look, and nothing is broken. */
  warn(): this {
    this.#head = SUSPECT;
    return this.set({ 'otel.status_code': 'ERROR' });
  }

  /** Runs `work` inside of the span: what it records carries the span's id. */
  run<T>(work: () => T): T {
    return runInSpan(this.scope, work);
  }

  /** Writes the record. Once: a second call does nothing. */
  end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#fields['duration_ms'] = Math.round((performance.now() - this.#startedMs) * 1000) / 1000;
    this.#fields['span.start_time'] = this.#startTime;
    this.#runtime.writer.write({
      head: this.#head,
      message: this.name,
      fields: this.#fields,
      bindings: this.#bindings,
      scope: this.scope,
      // With what was learned about the person in the meantime.
      ids: this.scope.ids,
    });
  }

  /** Ends without a record: somebody else records the same work. */
  discard(): void {
    this.#hasEnded = true;
  }
}

/** Runs `work` in a span that ends with it, also when it ends later; what it throws is recorded and thrown on. */
export function runSpan<T>(span: Span, work: (span: Span) => T): T {
  let result: T;
  try {
    result = span.run(() => work(span));
  } catch (error) {
    span.fail(error).end();
    throw error;
  }
  if (!isThenable(result)) {
    span.end();
    return result;
  }
  // Lazy ones (query builders) begin when somebody waits for them: that must happen inside, too.
  const { then } = result;
  const settled = span.run(() => Reflect.apply(then, result, [ended(span), failed(span)]));
  return settled as T; // a promise of the same value
}

const ended =
  (span: Span) =>
  (value: unknown): unknown => {
    span.end();
    return value;
  };

const failed =
  (span: Span) =>
  (error: unknown): never => {
    span.fail(error).end();
    throw error;
  };

function isThenable(value: unknown): value is { then: (...values: unknown[]) => unknown } {
  const isObject = (typeof value === 'object' && value !== null) || typeof value === 'function';
  return isObject && 'then' in value && typeof value.then === 'function';
}

function childOf(parent: TraceContext | undefined, given: string | undefined): TraceContext {
  const spanId = given ?? nodeIds.newSpanId();
  if (parent !== undefined) return { ...parent, spanId, parentSpanId: parent.spanId };
  const traceId = nodeIds.newTraceId();
  return { traceId, spanId, sampled: true, random: true, baggage: EMPTY_BAGGAGE };
}
