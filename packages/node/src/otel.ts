/**
 * The active span of OpenTelemetry, when the host uses it. The API keeps its parts under a global symbol so that all
 * copies of it in one process meet; reading them there needs no import, works for every copy, and costs a
 * property read when there is none.
 */
import { isSpanId, isTraceId } from '@sillok/context';

export interface OtelSpanContext {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceFlags: number;
}

interface OtelContext {
  getValue(key: symbol): unknown;
  setValue(key: symbol, value: unknown): OtelContext;
}

interface OtelGlobal {
  readonly context?: {
    active(): OtelContext;
    with<T>(context: OtelContext, work: () => T): T;
  };
}

const API = Symbol.for('opentelemetry.js.api.1');
// One symbol of it is read; `globalThis` itself has no index for symbols.
const globals: { readonly [key: symbol]: OtelGlobal | undefined } = globalThis as never;
const RPC_METADATA = Symbol.for('OpenTelemetry SDK Context Key RPC_METADATA');
/** `SpanKind.CLIENT` of its API. */
const KIND_CLIENT = 2;
const standIns = new WeakSet<object>();
const SUPPRESS_TRACING = Symbol.for('OpenTelemetry SDK Context Key SUPPRESS_TRACING');
const SPAN = Symbol.for('OpenTelemetry Context Key SPAN');

/** Ids of the span that is active now, or undefined. Never throws. */
export function activeOtelSpan(): OtelSpanContext | undefined {
  const manager = globals[API]?.context;
  if (manager === undefined) return undefined;
  try {
    const span = manager.active().getValue(SPAN);
    return isSpan(span) ? checked(span.spanContext()) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The span that OpenTelemetry's HTTP instrumentation opened for the current request. It is not always the active one:
 * Express's instrumentation opens a span for each middleware.
 */
export function otelServerSpan(): OtelServerSpan | undefined {
  const manager = globals[API]?.context;
  if (manager === undefined) return undefined;
  try {
    const context = manager.active();
    const metadata = context.getValue(RPC_METADATA);
    const span = isObject(metadata) ? Reflect.get(metadata, 'span') : context.getValue(SPAN);
    if (!isSpan(span)) return undefined;
    const own = checked(span.spanContext());
    return own === undefined ? undefined : { context: own, span };
  } catch {
    return undefined;
  }
}

/** OpenTelemetry's own exporters ask not to be recorded: their calls would make spans that make calls. */
export function isOtelSuppressed(): boolean {
  return globals[API]?.context?.active().getValue(SUPPRESS_TRACING) === true;
}

export interface OtelServerSpan {
  readonly context: OtelSpanContext;
  /** The span itself. With OpenTelemetry's SDK it is readable. */
  readonly span: object;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/**
 * Runs `work` with a span of ours as OpenTelemetry's active one, so that what other people's instrumentations start in it
 * hangs below it. Only where the host has a context manager.
 */
export function withOtelParent<T>(span: OtelSpanContext, work: () => T): T {
  const manager = globals[API]?.context;
  return manager === undefined
    ? work()
    : manager.with(manager.active().setValue(SPAN, standInFor(span)), work);
}

/** Whether OpenTelemetry is here and has no active span of its own (a stand-in for one of ours is none). */
export function otelNeedsParent(): boolean {
  const manager = globals[API]?.context;
  if (manager === undefined) return false;
  const span = manager.active().getValue(SPAN);
  return !isSpan(span) || standIns.has(span) || checked(span.spanContext()) === undefined;
}

/** Whether the active span is that of an outgoing call: an instrumentation is about to make it. */
export function isInOtelCall(): boolean {
  const span = globals[API]?.context?.active().getValue(SPAN);
  return isSpan(span) && Reflect.get(span, 'kind') === KIND_CLIENT;
}

/** What OpenTelemetry calls a non-recording span: it can be a parent, and takes no notes. */
function standInFor(context: OtelSpanContext): object {
  const span: { [method: string]: () => unknown } = {};
  for (const method of ['setAttribute', 'setAttributes', 'addEvent', 'addLink', 'addLinks', 'setStatus']) {
    span[method] = () => span;
  }
  span['updateName'] = () => span;
  span['end'] = () => undefined;
  span['recordException'] = () => undefined;
  span['isRecording'] = () => false;
  span['spanContext'] = () => context;
  standIns.add(span);
  return span;
}

function isSpan(value: unknown): value is { spanContext(): OtelSpanContext } {
  return typeof value === 'object' && value !== null && 'spanContext' in value;
}

/** The API's own span for "nothing" has ids of zeros. */
function checked(context: OtelSpanContext): OtelSpanContext | undefined {
  return isTraceId(context.traceId) && isSpanId(context.spanId) ? context : undefined;
}
