/**
 * The other dialects of trace headers that are still spoken by gateways, meshes, clouds and agents: what stands in
 * their headers, read and written. W3C has files of its own.
 *
 * Reading never picks a winner: it answers what each header says, so that an id which does not name the trace can still
 * be kept as an alias. Ids of 64 bits are padded to 128 with zeros on the left, as the specifications advise.
 */
import type { HeaderReader } from './headers.js';
import { ALIAS_CHARACTERS_MAX } from './limits.js';
import { isSpanId, isTraceId } from './traceparent.js';

/** The names under which ids of strangers are kept: `trace.alias.<name>`. */
export type DialectName = 'b3' | 'jaeger' | 'xray' | 'gcp' | 'datadog' | 'sentry' | 'pinpoint';

/** What one dialect's headers say. */
export interface Spoken {
  readonly name: DialectName;
  /** The trace's id as its own tools show it. */
  readonly alias: string;
  /** The caller's span, as its own tools show it. */
  readonly spanAlias?: string | undefined;
  /** The same in W3C's form; absent when the header is broken or its ids are of another kind. */
  readonly traceId?: string | undefined;
  readonly parentId?: string | undefined;
  readonly sampled: boolean;
}

/** Those by which a dialect is noticed. */
export const DIALECT_HEADERS: readonly string[] = [
  'b3',
  'x-b3-traceid',
  'uber-trace-id',
  'x-amzn-trace-id',
  'x-cloud-trace-context',
  'x-datadog-trace-id',
  'sentry-trace',
  'pinpoint-traceid',
];

const NOT_AN_ID = /[^\x21-\x7e]/;

/** Everything that came in, in the order in which it may name the trace. Empty for most requests. */
export function readDialects(header: HeaderReader): readonly Spoken[] {
  const spoken: Spoken[] = [];
  const b3 = header('b3');
  const b3Trace = header('x-b3-traceid');
  const jaeger = header('uber-trace-id');
  const xray = header('x-amzn-trace-id');
  const gcp = header('x-cloud-trace-context');
  const datadog = header('x-datadog-trace-id');
  const sentry = header('sentry-trace');
  const pinpoint = header('pinpoint-traceid');
  if (b3 !== undefined) keep(spoken, readB3Single(b3));
  if (b3Trace !== undefined) keep(spoken, readB3Multi(b3Trace, header));
  if (jaeger !== undefined) keep(spoken, readJaeger(jaeger));
  if (xray !== undefined) keep(spoken, readXray(xray));
  if (gcp !== undefined) keep(spoken, readCloudTrace(gcp));
  if (datadog !== undefined) keep(spoken, readDatadog(datadog, header));
  if (sentry !== undefined) keep(spoken, readSentry(sentry));
  if (pinpoint !== undefined) keep(spoken, readPinpoint(pinpoint, header));
  return spoken;
}

/** An id that can be kept as it is: printable, without spaces, of a length that ids have. */
export function asAlias(text: string | undefined): string | undefined {
  const id = text?.trim() ?? '';
  return id === '' || id.length > ALIAS_CHARACTERS_MAX || NOT_AN_ID.test(id) ? undefined : id;
}

/** Two headers of one dialect (`b3` in one and in several) are one alias; the first that is whole wins. */
function keep(spoken: Spoken[], said: Spoken | undefined): void {
  if (said === undefined) return;
  const index = spoken.findIndex(({ name }) => name === said.name);
  const before = spoken[index];
  if (before === undefined) spoken.push(said);
  else if (before.traceId === undefined) spoken[index] = said;
}

interface Parts {
  readonly name: DialectName;
  readonly alias: string | undefined;
  readonly spanAlias?: string | undefined;
  /** Hex, of up to 32 and 16 digits. */
  readonly trace: string | undefined;
  readonly span: string | undefined;
  readonly sampled: boolean;
}

function said({ name, alias, spanAlias, trace, span, sampled }: Parts): Spoken | undefined {
  const kept = asAlias(alias);
  if (kept === undefined) return undefined;
  const traceId = trace?.toLowerCase().padStart(32, '0') ?? '';
  const parentId = span?.toLowerCase().padStart(16, '0') ?? '';
  return {
    name,
    alias: kept,
    sampled,
    spanAlias: asAlias(spanAlias),
    traceId: isTraceId(traceId) ? traceId : undefined,
    parentId: isTraceId(traceId) && isSpanId(parentId) ? parentId : undefined,
  };
}

/** As `said`, for dialects in which an id without its span is a broken header. */
function saidWhole(parts: Parts): Spoken | undefined {
  const spoken = said(parts);
  return spoken === undefined || spoken.parentId !== undefined ? spoken : { ...spoken, traceId: undefined };
}

/** `{trace}-{span}[-{0|1|d}[-{parent}]]`; a lone `0`, `1` or `d` only says whether to sample. */
function readB3Single(text: string): Spoken | undefined {
  const [trace, span, state] = text.trim().split('-');
  if (span === undefined && /^[01d]$/.test(trace ?? '')) return undefined;
  return saidWhole({ name: 'b3', alias: trace, spanAlias: span, trace, span, sampled: state !== '0' });
}

function readB3Multi(text: string, header: HeaderReader): Spoken | undefined {
  const trace = text.trim();
  const span = header('x-b3-spanid')?.trim();
  const sampled = header('x-b3-flags') === '1' || !['0', 'false'].includes(header('x-b3-sampled') ?? '1');
  return saidWhole({ name: 'b3', alias: trace, spanAlias: span, trace, span, sampled });
}

/** `{trace}:{span}:{parent}:{flags}`, hex without leading zeros. */
function readJaeger(text: string): Spoken | undefined {
  const parts = text.trim().replaceAll('%3A', ':').replaceAll('%3a', ':').split(':');
  const [trace, span, , flags] = parts;
  const isWhole = parts.length === 4 && flags !== undefined && /^[0-9a-f]{1,2}$/i.test(flags);
  const sampled = isWhole && (Number.parseInt(flags, 16) & 1) === 1;
  const ids = isWhole ? { trace, span } : { trace: undefined, span: undefined };
  return saidWhole({ name: 'jaeger', alias: trace, spanAlias: span, ...ids, sampled });
}

/**
 * `Root=1-{8 hex}-{24 hex}[;Parent={16 hex}][;Sampled={0|1|?}]` in any order. A load balancer sends the root only (or
 * `Self=…;Root=…`): then the trace is known and there is no calling span.
 */
function readXray(text: string): Spoken | undefined {
  const root = /(?:^|;)\s*Root=([^;\s]+)/i.exec(text)?.[1];
  const parent = /(?:^|;)\s*Parent=([^;\s]+)/i.exec(text)?.[1];
  const ids = root === undefined ? null : /^1-([0-9a-f]{8})-([0-9a-f]{24})$/i.exec(root);
  return said({
    name: 'xray',
    alias: root,
    spanAlias: parent,
    trace: ids === null ? undefined : `${ids[1] ?? ''}${ids[2] ?? ''}`,
    span: parent,
    sampled: !/(?:^|;)\s*Sampled=0(?:;|$)/i.test(text),
  });
}

/** `{32 hex}[/{decimal span}][;o={0|1}]` */
function readCloudTrace(text: string): Spoken | undefined {
  const [ids, options] = text.trim().split(';');
  const [trace, span] = ids?.split('/') ?? [];
  const isWhole = trace !== undefined && /^[0-9a-f]{32}$/i.test(trace);
  return said({
    name: 'gcp',
    alias: trace,
    spanAlias: span,
    trace: isWhole ? trace : undefined,
    span: decimalToHex(span),
    sampled: options !== 'o=0',
  });
}

/** Decimal ids of 64 bits; the upper half of a 128-bit trace id stands in a tag. */
function readDatadog(text: string, header: HeaderReader): Spoken | undefined {
  const low = decimalToHex(text.trim());
  const high = /(?:^|,)_dd\.p\.tid=([0-9a-f]{16})(?:,|$)/.exec(header('x-datadog-tags') ?? '')?.[1];
  const span = header('x-datadog-parent-id')?.trim();
  const priority = header('x-datadog-sampling-priority')?.trim();
  return said({
    name: 'datadog',
    alias: text,
    spanAlias: span,
    trace: low === undefined ? undefined : `${high ?? ''}${low.padStart(16, '0')}`,
    span: decimalToHex(span),
    sampled: priority !== '0' && priority !== '-1',
  });
}

/** `{32 hex}-{16 hex}[-{0|1}]` */
function readSentry(text: string): Spoken | undefined {
  const [trace, span, sampled] = text.trim().split('-');
  const isWhole = trace !== undefined && /^[0-9a-f]{32}$/i.test(trace);
  return saidWhole({
    name: 'sentry',
    alias: trace,
    spanAlias: span,
    trace: isWhole ? trace : undefined,
    span,
    sampled: sampled !== '0',
  });
}

/** `{agent}^{start}^{sequence}`: an id of another kind, so it can be an alias and nothing else. */
function readPinpoint(text: string, header: HeaderReader): Spoken | undefined {
  const spanAlias = header('pinpoint-spanid');
  return said({ name: 'pinpoint', alias: text, spanAlias, trace: undefined, span: undefined, sampled: true });
}

function decimalToHex(text: string | undefined): string | undefined {
  if (text === undefined || !/^[0-9]{1,20}$/.test(text)) return undefined;
  const number = BigInt(text);
  return number >= 1n << 64n ? undefined : number.toString(16);
}
