/**
 * 100,000 sets of headers, valid, nearly valid and absurd: reading never throws, never makes an id that is none, and what
 * is written from it is read again as the same place.
 */
import { expect, test } from 'vitest';
import { extractTraceContext, traceHeaders } from './propagate.js';
import { isSpanId, isTraceId } from './traceparent.js';
import { WRITTEN_DIALECTS } from './write-dialects.js';

const SETS = 100_000;
const NAMES = [
  'traceparent',
  'tracestate',
  'baggage',
  'b3',
  'x-b3-traceid',
  'x-b3-spanid',
  'x-b3-sampled',
  'x-b3-flags',
  'uber-trace-id',
  'x-amzn-trace-id',
  'x-cloud-trace-context',
  'x-datadog-trace-id',
  'x-datadog-parent-id',
  'x-datadog-tags',
  'x-datadog-sampling-priority',
  'sentry-trace',
  'pinpoint-traceid',
  'x-request-id',
  'x-trace-id',
];
const SEEDS = [
  '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  'foo=1,bar@x=2',
  'sillok.global_trace_id=g-1,sillok.user_hash=u1_a,sillok.sig=1.ab,sillok.route=1_x,a=b;c=d',
  '80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-1-05e3ac9a4f6e3b90',
  '80f198ee56343ba8',
  '3d23d071b5bfd6579171efce907685cb:8f007b46fba591:0:1',
  'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1',
  'Self=1-67891234-12456789abcdef012345678;Root=1-67891233-abcdef012345678912345678',
  '0af7651916cd43dd8448eb211c80319c/13235353014750950193;o=1',
  '18446744073709551615',
  '_dd.p.tid=0af7651916cd43dd',
  'agent^1700000000000^1',
  '0',
  '00000000000000000000000000000000-0000000000000000-1',
];
const ODD = [
  '',
  ' ',
  '\t',
  '-',
  ':',
  ';',
  ',',
  '=',
  '%',
  '\u0000',
  '한',
  '\ud800',
  '0',
  'f',
  'G',
  '^',
  '/',
  '"',
  '\n',
];

const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31);

/** mulberry32: small, and the same on every machine. */
function random(state: number): () => number {
  let now = state;
  return () => {
    now = (now + 0x6d2b79f5) | 0;
    let mixed = Math.imul(now ^ (now >>> 15), 1 | now);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

test(`no set of headers throws or makes an invalid id (FUZZ_SEED=${seed})`, () => {
  const next = random(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)] as T; // never empty
  const mangle = (text: string): string => {
    let mangled = text;
    for (let times = Math.floor(next() * 3); times > 0; times -= 1) {
      const at = Math.floor(next() * (mangled.length + 1));
      mangled = mangled.slice(0, at) + pick(ODD) + mangled.slice(at + Math.floor(next() * 3));
    }
    return next() < 0.02 ? mangled.repeat(200) : mangled;
  };
  const failures: string[] = [];
  for (let set = 0; set < SETS; set += 1) {
    const headers: Record<string, string> = {};
    for (let count = Math.floor(next() * 6); count > 0; count -= 1)
      headers[pick(NAMES)] = mangle(pick(SEEDS));
    const problem = problemWith(headers);
    if (problem !== undefined) failures.push(`${problem}: ${JSON.stringify(headers)}`);
  }
  expect(failures.slice(0, 5)).toEqual([]);
});

function problemWith(headers: Record<string, string>): string | undefined {
  const context = extractTraceContext((name) => headers[name], undefined, { isTrustedSender: true });
  const { traceId, spanId, parentSpanId, aliases = [] } = context;
  if (!isTraceId(traceId)) return `trace ${traceId}`;
  if (!isSpanId(spanId) || spanId === parentSpanId) return `span ${spanId}`;
  if (parentSpanId !== undefined && !isSpanId(parentSpanId)) return `parent ${parentSpanId}`;
  const kept = aliases.flatMap(({ value, span = 'none' }) => [value, span]);
  if (kept.some((id) => !/^[\x21-\x7e]{1,256}$/.test(id))) return 'alias';
  const written = traceHeaders(context, { dialects: WRITTEN_DIALECTS });
  for (const [name, value] of Object.entries(written)) {
    if (!/^[\t\x20-\x7e]+$/.test(value)) return `header ${name}`;
  }
  const again = extractTraceContext((name) => written[name]);
  return again.traceId === traceId && again.parentSpanId === spanId ? undefined : 'not read again';
}
