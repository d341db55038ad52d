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
}

interface OtelGlobal {
  readonly context?: { active(): OtelContext };
}

const API = Symbol.for('opentelemetry.js.api.1');
// One symbol of it is read; `globalThis` itself has no index for symbols.
const globals: { readonly [key: symbol]: OtelGlobal | undefined } = globalThis as never;
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

function isSpan(value: unknown): value is { spanContext(): OtelSpanContext } {
  return typeof value === 'object' && value !== null && 'spanContext' in value;
}

/** The API's own span for "nothing" has ids of zeros. */
function checked(context: OtelSpanContext): OtelSpanContext | undefined {
  return isTraceId(context.traceId) && isSpanId(context.spanId) ? context : undefined;
}
