/**
 * From a request's headers to the place in the trace at which our work stands, and back to headers for a call
 * that we make. Headers are read through a function, so that any framework's shape fits and nothing is copied.
 *
 * `global_trace_id`, `session_hash` and `user_hash` travel in baggage under `sillok.` names. They are taken only
 * when they look like ids: a header comes from a stranger, and what is in it lands in the record.
 */
import { newSpanId, newTraceId } from '@sillok/record';
import { EMPTY_BAGGAGE, type Baggage, type BaggageEntry, formatBaggage, parseBaggage } from './baggage.js';
import { readDialects } from './dialects.js';
import { OWN_ID_CHARACTERS_MAX } from './limits.js';
import { formatTraceparent, parseTraceparent, type TraceParent } from './traceparent.js';
import { formatTracestate, parseTracestate } from './tracestate.js';

/** Value of a header by lower-case name; repeated headers joined by a comma. */
export type HeaderReader = (name: string) => string | undefined;

export interface TraceContext {
  readonly traceId: string;
  /** The span of our own work. */
  readonly spanId: string;
  /** The caller's span; absent when the trace starts here. */
  readonly parentSpanId?: string;
  readonly sampled: boolean;
  readonly random: boolean;
  /** Other vendors' state, checked, passed on as it came. */
  readonly tracestate?: string;
  readonly globalTraceId?: string;
  readonly sessionHash?: string;
  readonly userHash?: string;
  readonly baggage: Baggage;
}

export const BAGGAGE_GLOBAL_TRACE_ID = 'sillok.global_trace_id';
export const BAGGAGE_SESSION_HASH = 'sillok.session_hash';
export const BAGGAGE_USER_HASH = 'sillok.user_hash';

const OWN_ID = /^[A-Za-z0-9_.:-]+$/;

/** Where new ids come from: on Node there is a faster source than the one that runs everywhere. */
export interface IdSource {
  readonly newTraceId: () => string;
  readonly newSpanId: () => string;
}

const EVERYWHERE: IdSource = { newTraceId, newSpanId };

/** Continues the caller's trace, or starts one. Never throws, whatever the headers hold. */
export function extractTraceContext(header: HeaderReader, ids: IdSource = EVERYWHERE): TraceContext {
  const text = header('traceparent');
  const w3c = text === undefined ? undefined : parseTraceparent(text.trim());
  const parent = w3c ?? readDialects(header);
  const baggageText = header('baggage');
  const base = parent === undefined ? startTrace(ids) : continueTrace(parent, ids);
  // Most requests of most services come without any of these; they get by with one object.
  if (w3c === undefined && baggageText === undefined) return base;
  const baggage = baggageText === undefined ? EMPTY_BAGGAGE : parseBaggage(baggageText);
  const tracestate = w3c === undefined ? undefined : checkedTracestate(header('tracestate'));
  return { ...base, baggage, ...(tracestate === undefined ? {} : { tracestate }), ...ownIds(baggage) };
}

/** Headers for a call made from within `context`, so that the called service continues our trace. */
export function traceHeaders(context: TraceContext): Record<string, string> {
  const headers: Record<string, string> = {
    traceparent: formatTraceparent({ ...context, parentId: context.spanId }),
  };
  if (context.tracestate !== undefined && context.tracestate !== '')
    headers['tracestate'] = context.tracestate;
  const baggage = formatBaggage(withOwnIds(context));
  if (baggage !== '') headers['baggage'] = baggage;
  return headers;
}

function startTrace(ids: IdSource): TraceContext {
  return {
    traceId: ids.newTraceId(),
    spanId: ids.newSpanId(),
    sampled: true,
    random: true,
    baggage: EMPTY_BAGGAGE,
  };
}

function continueTrace(parent: TraceParent, ids: IdSource): TraceContext {
  return {
    traceId: parent.traceId,
    spanId: ids.newSpanId(),
    parentSpanId: parent.parentId,
    sampled: parent.sampled,
    random: parent.random,
    baggage: EMPTY_BAGGAGE,
  };
}

function checkedTracestate(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const members = parseTracestate(text);
  return members === undefined || members.length === 0 ? undefined : formatTracestate(members);
}

function ownIds(baggage: Baggage): Pick<TraceContext, 'globalTraceId' | 'sessionHash' | 'userHash'> {
  const globalTraceId = ownId(baggage.get(BAGGAGE_GLOBAL_TRACE_ID));
  const sessionHash = ownId(baggage.get(BAGGAGE_SESSION_HASH));
  const userHash = ownId(baggage.get(BAGGAGE_USER_HASH));
  return {
    ...(globalTraceId === undefined ? {} : { globalTraceId }),
    ...(sessionHash === undefined ? {} : { sessionHash }),
    ...(userHash === undefined ? {} : { userHash }),
  };
}

function ownId(entry: BaggageEntry | undefined): string | undefined {
  if (entry === undefined || entry.value.length > OWN_ID_CHARACTERS_MAX) return undefined;
  return OWN_ID.test(entry.value) ? entry.value : undefined;
}

function withOwnIds(context: TraceContext): Baggage {
  const entries = new Map(context.baggage);
  const own: readonly (readonly [string, string | undefined])[] = [
    [BAGGAGE_GLOBAL_TRACE_ID, context.globalTraceId],
    [BAGGAGE_SESSION_HASH, context.sessionHash],
    [BAGGAGE_USER_HASH, context.userHash],
  ];
  for (const [key, value] of own) {
    if (value === undefined) entries.delete(key);
    else entries.set(key, { value });
  }
  return entries;
}
