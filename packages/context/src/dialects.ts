/**
 * The other dialects of trace headers that are still spoken by gateways, meshes and clouds: B3 (one header and
 * several), Jaeger, AWS X-Ray and Google Cloud. They are read only where `traceparent` is absent or broken; what we
 * send is always W3C. Ids of 64 bits are padded to 128 with zeros on the left, as the specifications advise.
 */
import type { TraceParent } from './traceparent.js';
import { isSpanId, isTraceId } from './traceparent.js';

type HeaderReader = (name: string) => string | undefined;

/** The first dialect that holds a whole and valid parent wins. */
export function readDialects(header: HeaderReader): TraceParent | undefined {
  return (
    readB3Single(header('b3')) ??
    readB3Multi(header) ??
    readJaeger(header('uber-trace-id')) ??
    readXray(header('x-amzn-trace-id')) ??
    readCloudTrace(header('x-cloud-trace-context'))
  );
}

/** `{trace}-{span}[-{0|1|d}[-{parent}]]`; a lone `0` only says "not sampled". */
function readB3Single(text: string | undefined): TraceParent | undefined {
  if (text === undefined) return undefined;
  const [trace, span, state] = text.trim().split('-');
  return parentFrom(trace, span, state !== '0');
}

function readB3Multi(header: HeaderReader): TraceParent | undefined {
  const trace = header('x-b3-traceid');
  if (trace === undefined) return undefined;
  const sampled = header('x-b3-flags') === '1' || !['0', 'false'].includes(header('x-b3-sampled') ?? '1');
  return parentFrom(trace.trim(), header('x-b3-spanid')?.trim(), sampled);
}

/** `{trace}:{span}:{parent}:{flags}`, hex without leading zeros. */
function readJaeger(text: string | undefined): TraceParent | undefined {
  if (text === undefined) return undefined;
  const [trace, span, , flags] = text.trim().replaceAll('%3A', ':').replaceAll('%3a', ':').split(':');
  if (flags === undefined || !/^[0-9a-f]{1,2}$/i.test(flags)) return undefined;
  return parentFrom(trace, span, (Number.parseInt(flags, 16) & 1) === 1);
}

/** `Root=1-{8 hex}-{24 hex};Parent={16 hex};Sampled={0|1|?}` in any order. */
function readXray(text: string | undefined): TraceParent | undefined {
  if (text === undefined) return undefined;
  const root = /(?:^|;)\s*Root=1-([0-9a-f]{8})-([0-9a-f]{24})(?:;|$)/i.exec(text);
  const parent = /(?:^|;)\s*Parent=([0-9a-f]{16})(?:;|$)/i.exec(text);
  if (root === null || parent === null) return undefined;
  return parentFrom(`${root[1] ?? ''}${root[2] ?? ''}`, parent[1], !/(?:^|;)\s*Sampled=0(?:;|$)/i.test(text));
}

/** `{32 hex}/{decimal span}[;o={0|1}]` */
function readCloudTrace(text: string | undefined): TraceParent | undefined {
  const found =
    text === undefined ? null : /^([0-9a-f]{32})\/([0-9]{1,20})(?:;o=([0-9]))?$/i.exec(text.trim());
  if (found === null) return undefined;
  const span = BigInt(found[2] ?? '0');
  if (span >= 1n << 64n) return undefined;
  return parentFrom(found[1], span.toString(16), found[3] !== '0');
}

function parentFrom(
  trace: string | undefined,
  span: string | undefined,
  sampled: boolean,
): TraceParent | undefined {
  if (trace === undefined || span === undefined || trace === '' || span === '') return undefined;
  const traceId = trace.toLowerCase().padStart(32, '0');
  const parentId = span.toLowerCase().padStart(16, '0');
  if (!isTraceId(traceId) || !isSpanId(parentId)) return undefined;
  return { traceId, parentId, sampled, random: false };
}
