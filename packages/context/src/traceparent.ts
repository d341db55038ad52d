/**
 * The `traceparent` header of W3C Trace Context: `00-<trace id>-<parent id>-<flags>`.
 *
 * Strict where the specification is strict (lower case, no zero ids, version `ff` refused, exact length in version
 * 00) and tolerant where it asks for it (a future version may have more fields after ours). A header that does
 * not parse is no error: the caller starts a trace of its own.
 */

export interface TraceParent {
  /** 32 lower-case hex digits, not all zero. */
  readonly traceId: string;
  /** 16 lower-case hex digits, not all zero: the caller's span. */
  readonly parentId: string;
  readonly sampled: boolean;
  /** Level 2: the right half of the trace id is random, so it may be used for sampling. */
  readonly random: boolean;
}

const VERSION_00_LENGTH = 55;
const SHAPE = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const ZERO_TRACE = '0'.repeat(32);
const ZERO_SPAN = '0'.repeat(16);
const FLAG_SAMPLED = 1;
const FLAG_RANDOM = 2;

export function isTraceId(text: string): boolean {
  return /^[0-9a-f]{32}$/.test(text) && text !== ZERO_TRACE;
}

export function isSpanId(text: string): boolean {
  return /^[0-9a-f]{16}$/.test(text) && text !== ZERO_SPAN;
}

export function parseTraceparent(header: string): TraceParent | undefined {
  const found = SHAPE.exec(header);
  if (found === null) return undefined;
  const [, version, traceId, parentId, flags] = found;
  if (version === undefined || traceId === undefined || parentId === undefined || flags === undefined)
    return undefined;
  if (version === 'ff') return undefined;
  if (version === '00' && header.length !== VERSION_00_LENGTH) return undefined;
  if (traceId === ZERO_TRACE || parentId === ZERO_SPAN) return undefined;
  const bits = Number.parseInt(flags, 16);
  return {
    traceId,
    parentId,
    sampled: (bits & FLAG_SAMPLED) !== 0,
    random: (bits & FLAG_RANDOM) !== 0,
  };
}

export function formatTraceparent(parent: TraceParent): string {
  const bits = (parent.sampled ? FLAG_SAMPLED : 0) | (parent.random ? FLAG_RANDOM : 0);
  return `00-${parent.traceId}-${parent.parentId}-0${bits}`;
}
