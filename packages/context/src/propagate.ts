/**
 * From a request's headers to the place in the trace at which our work stands, and back to headers for a call
 * that we make. Headers are read through a function, so that any framework's shape fits and nothing is copied.
 *
 * One id names the trace: `traceparent`'s, else that of the first dialect that is whole. All others that came in are
 * kept as aliases, because somewhere there is a log or a vendor's page that knows only them.
 */
import { newSpanId, newTraceId } from '@sillok/record';
import { EMPTY_BAGGAGE, type Baggage, formatBaggage, parseBaggage } from './baggage.js';
import { asAlias, DIALECT_HEADERS, readDialects, type Spoken } from './dialects.js';
import type { HeaderReader, Headers } from './headers.js';
import { readOwn, writeOwn, type BaggageTrust, type Carried, type Own } from './own-baggage.js';
import { formatTraceparent, parseTraceparent } from './traceparent.js';
import { formatTracestate, parseTracestate } from './tracestate.js';
import { writeDialects, type WrittenDialect } from './write-dialects.js';

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
  /** Client version, customer, partner: on every record, and to every service that is called. */
  readonly carried?: Carried;
  /** `sillok.route` as it came; verified by whoever acts on it. */
  readonly route?: string;
  /** Every id that came in beside the one that names the trace. */
  readonly aliases?: readonly Alias[];
  readonly baggage: Baggage;
}

/** An id by which others know this request: attribute `trace.alias.<name>`. */
export interface Alias {
  readonly name: string;
  readonly value: string;
  /** The caller's span in that dialect, when it is not our parent: `trace.alias_span.<name>`. */
  readonly span?: string | undefined;
  /** Of a known form, so that it cannot hold anything but an id. */
  readonly isStrict: boolean;
}

/** A header with an id of somebody's own, and the name under which it is kept. */
export interface AliasHeader {
  readonly header: string;
  readonly name: string;
}

export interface ExtractOptions extends BaggageTrust {
  /** Beside the known dialects. Default: `DEFAULT_ALIAS_HEADERS`. */
  readonly aliasHeaders?: readonly AliasHeader[] | undefined;
}

export const DEFAULT_ALIAS_HEADERS: readonly AliasHeader[] = [
  { header: 'x-request-id', name: 'request_id' },
  aliasHeader('x-trace-id'),
];

/** A header's alias: its name with `_` for everything that a path cannot hold. */
export function aliasHeader(header: string): AliasHeader {
  const lower = header.trim().toLowerCase();
  return { header: lower, name: lower.replace(/[^a-z0-9]+/g, '_').replace(/^_+|_+$/g, '') };
}

/** Where new ids come from: on Node there is a faster source than the one that runs everywhere. */
export interface IdSource {
  readonly newTraceId: () => string;
  readonly newSpanId: () => string;
}

/** Without one of these, and without those of its aliases, a request begins a trace of its own. */
export const TRACE_HEADERS: readonly string[] = ['traceparent', 'baggage', ...DIALECT_HEADERS];

const EVERYWHERE: IdSource = { newTraceId, newSpanId };
const NO_OPTIONS: ExtractOptions = {};

/** Continues the caller's trace, or starts one. Never throws, whatever the headers hold. */
export function extractTraceContext(
  header: HeaderReader,
  ids: IdSource = EVERYWHERE,
  options: ExtractOptions = NO_OPTIONS,
): TraceContext {
  const text = header('traceparent');
  const w3c = text === undefined ? undefined : parseTraceparent(trimOws(text));
  const spoken = readDialects(header);
  const winner = w3c === undefined ? winnerOf(spoken) : undefined;
  const base = placeOf(w3c ?? winner, ids);
  const strangers = readAliasHeaders(header, options.aliasHeaders ?? DEFAULT_ALIAS_HEADERS);
  const baggageText = header('baggage');
  const hasAliases =
    spoken.length > 0 || strangers !== undefined || (text !== undefined && w3c === undefined);
  // Most requests of most services come without any of these; they get by with one object.
  if (w3c === undefined && baggageText === undefined && !hasAliases) return base;
  const tracestate = w3c === undefined ? undefined : checkedTracestate(header('tracestate'));
  const broken = w3c === undefined ? asAlias(text) : undefined;
  const aliases = hasAliases ? aliasesOf({ spoken, winner, broken, strangers: strangers ?? [] }) : [];
  return {
    ...base,
    ...(baggageText === undefined ? {} : ownPart(parseBaggage(baggageText), base.traceId, options)),
    ...(tracestate === undefined ? {} : { tracestate }),
    ...(aliases.length === 0 ? {} : { aliases }),
  };
}

/** What `extractTraceContext` answers where there is nothing to extract. */
export function beginTrace(traceId: string, spanId: string): TraceContext {
  return { traceId, spanId, sampled: true, random: true, baggage: EMPTY_BAGGAGE };
}

export interface HeaderOptions {
  /** Default: W3C alone. */
  readonly dialects?: readonly WrittenDialect[] | undefined;
  /** Signs what only we may say; without it such members travel unsigned. */
  readonly sign?: ((text: string) => string) | undefined;
  /** False: the trace goes on, but nothing of ours is said. For hosts of others. */
  readonly isInside?: boolean | undefined;
}

const W3C_ONLY: readonly WrittenDialect[] = ['w3c'];

/** Headers for a call made from within `context`, so that the called service continues our trace. */
export function traceHeaders(context: TraceContext, options: HeaderOptions = {}): Headers {
  const { dialects = W3C_ONLY, sign, isInside = true } = options;
  const headers: Headers = {};
  if (dialects.includes('w3c')) {
    headers['traceparent'] = formatTraceparent({ ...context, parentId: context.spanId });
    const { tracestate } = context;
    if (tracestate !== undefined && tracestate !== '') headers['tracestate'] = tracestate;
  }
  if (dialects !== W3C_ONLY) {
    const requestId = context.aliases?.find(({ name }) => name === 'request_id')?.value;
    Object.assign(headers, writeDialects({ ...context, requestId }, dialects));
  }
  if (!isInside) return headers;
  const baggage = formatBaggage(writeOwn(context, context.baggage, { traceId: context.traceId, sign }));
  if (baggage !== '') headers['baggage'] = baggage;
  return headers;
}

/** A caller's span makes a better beginning than a trace alone: a load balancer's id comes last. */
function winnerOf(spoken: readonly Spoken[]): Spoken | undefined {
  if (spoken.length === 0) return undefined;
  return (
    spoken.find(({ parentId }) => parentId !== undefined) ??
    spoken.find(({ traceId }) => traceId !== undefined)
  );
}

interface Named {
  readonly traceId?: string | undefined;
  readonly parentId?: string | undefined;
  readonly sampled: boolean;
  readonly random?: boolean;
}

function placeOf(named: Named | undefined, ids: IdSource): TraceContext {
  const spanId = ids.newSpanId();
  if (named?.traceId === undefined) return beginTrace(ids.newTraceId(), spanId);
  const { traceId, parentId, sampled, random = false } = named;
  if (parentId === undefined) return { traceId, spanId, sampled, random, baggage: EMPTY_BAGGAGE };
  return { traceId, spanId, parentSpanId: parentId, sampled, random, baggage: EMPTY_BAGGAGE };
}

function readAliasHeaders(header: HeaderReader, wanted: readonly AliasHeader[]): Alias[] | undefined {
  let found: Alias[] | undefined;
  for (const each of wanted) {
    const text = header(each.header);
    const value = text === undefined ? undefined : asAlias(text);
    if (value === undefined) continue;
    found ??= [];
    found.push({ name: each.name, value, isStrict: false });
  }
  return found;
}

interface AliasParts {
  readonly spoken: readonly Spoken[];
  readonly winner: Spoken | undefined;
  /** A `traceparent` that could not be read. */
  readonly broken: string | undefined;
  readonly strangers: readonly Alias[];
}

function aliasesOf({ spoken, winner, broken, strangers }: AliasParts): Alias[] {
  const aliases: Alias[] = spoken.map((each) => ({
    name: each.name,
    value: each.alias,
    span: each === winner ? undefined : each.spanAlias,
    isStrict: each.traceId !== undefined,
  }));
  if (broken !== undefined) aliases.push({ name: 'w3c', value: broken, isStrict: false });
  return [...aliases, ...strangers];
}

function ownPart(parsed: Baggage, traceId: string, trust: BaggageTrust): Own & { readonly baggage: Baggage } {
  const { own, baggage } = readOwn(parsed, traceId, trust);
  return { ...own, baggage };
}

function checkedTracestate(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const members = parseTracestate(text);
  return members === undefined || members.length === 0 ? undefined : formatTracestate(members);
}

/** Optional white space of HTTP is space and tab, not everything that `trim` takes. */
function trimOws(text: string): string {
  return text.replace(/^[ \t]+|[ \t]+$/g, '');
}
