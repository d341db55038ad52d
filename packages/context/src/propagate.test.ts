import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { parseBaggage } from './baggage.js';
import { OWN_BAGGAGE_BYTES_MAX } from './limits.js';
import { readOwn, writeOwn } from './own-baggage.js';
import { extractTraceContext, traceHeaders, type ExtractOptions } from './propagate.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';

function extract(
  headers: Record<string, string>,
  options: ExtractOptions = {},
): ReturnType<typeof extractTraceContext> {
  return extractTraceContext((name) => headers[name], undefined, options);
}

test('without headers a trace of its own starts, sampled', () => {
  const context = extract({});
  expect(context.traceId).toMatch(/^[0-9a-f]{32}$/);
  expect(context.spanId).toMatch(/^[0-9a-f]{16}$/);
  expect(context.parentSpanId).toBeUndefined();
  expect(context.sampled).toBe(true);
});

test('a called service continues the trace of its caller, with state and baggage', () => {
  const trusted = { isTrustedSender: true };
  const headers = {
    traceparent: `00-${TRACE}-${SPAN}-01`,
    tracestate: 'vendor=abc',
    baggage: 'sillok.global_trace_id=g-1,sillok.user_hash=abcdef,other=1',
  };
  const first = extract(headers, trusted);
  expect(first).toMatchObject({
    traceId: TRACE,
    parentSpanId: SPAN,
    tracestate: 'vendor=abc',
    globalTraceId: 'g-1',
    userHash: 'abcdef',
  });
  const second = extract(traceHeaders(first), trusted);
  expect(second).toMatchObject({
    traceId: TRACE,
    parentSpanId: first.spanId,
    tracestate: 'vendor=abc',
    globalTraceId: 'g-1',
    userHash: 'abcdef',
  });
  expect(second.baggage.get('other')).toEqual({ value: '1' });
});

test('a broken traceparent starts a new trace and its tracestate is not passed on', () => {
  const context = extract({ traceparent: `00-${TRACE}-${SPAN}-1`, tracestate: 'vendor=abc' });
  expect(context.traceId).not.toBe(TRACE);
  expect(context.tracestate).toBeUndefined();
});

test('a broken tracestate is dropped and the trace goes on', () => {
  const context = extract({ traceparent: `00-${TRACE}-${SPAN}-00`, tracestate: 'a=1,A=1' });
  expect(context).toMatchObject({ traceId: TRACE, sampled: false });
  expect(context.tracestate).toBeUndefined();
});

test('ids of ours that do not look like ids are not taken from a stranger', () => {
  const context = extract({ baggage: `sillok.global_trace_id=a%0Ab,sillok.session_hash=${'x'.repeat(200)}` });
  expect(context.globalTraceId).toBeUndefined();
  expect(context.sessionHash).toBeUndefined();
});

const sign = (text: string): string => createHash('sha256').update(`key ${text}`).digest('hex');
const verify = (text: string, signature: string): boolean => sign(text) === signature;

test('who somebody is comes from a signature or a trusted hop, never from a stranger', () => {
  const baggage =
    'sillok.global_trace_id=g-1,sillok.user_hash=u1_a,sillok.customer.id=c7,sillok.client.version=1.2.3';
  const stranger = extract({ baggage }, { verify });
  expect(stranger).toMatchObject({ globalTraceId: 'g-1', carried: { 'client.version': '1.2.3' } });
  expect(stranger.userHash).toBeUndefined();
  expect(stranger.carried).toEqual({ 'client.version': '1.2.3' });
  expect(traceHeaders(stranger)['baggage']).not.toContain('user_hash');
  const hop = extract({ baggage }, { verify, isTrustedSender: true });
  expect(hop).toMatchObject({ userHash: 'u1_a', carried: { 'customer.id': 'c7' } });
  const next = extract(traceHeaders(hop, { sign }), { verify });
  expect(next).toMatchObject({
    userHash: 'u1_a',
    carried: { 'customer.id': 'c7', 'client.version': '1.2.3' },
  });
});

test('a signature of another trace, or over other values, costs what it covers even from a trusted hop', () => {
  const hop = extract({ baggage: 'sillok.user_hash=u1_a' }, { isTrustedSender: true });
  const headers = traceHeaders(hop, { sign });
  const isTrustedSender = true;
  expect(extract(headers, { verify, isTrustedSender }).userHash).toBe('u1_a');
  const moved = { ...headers, traceparent: `00-${TRACE}-${SPAN}-01` };
  expect(extract(moved, { verify, isTrustedSender }).userHash).toBeUndefined();
  const forged = { ...headers, baggage: headers['baggage']?.replace('u1_a', 'u1_b') ?? '' };
  expect(extract(forged, { verify, isTrustedSender }).userHash).toBeUndefined();
});

test('a service without keys believes no signature and hands it on to one that has them', () => {
  const hop = extract({ baggage: 'sillok.user_hash=u1_a,other=1' }, { isTrustedSender: true });
  const between = extract(traceHeaders(hop, { sign }));
  expect(between.userHash).toBeUndefined();
  expect(between.baggage.get('other')).toEqual({ value: '1' });
  expect(extract(traceHeaders(between), { verify }).userHash).toBe('u1_a');
});

test('members of ours have a form each and a budget together', () => {
  const long = 'x'.repeat(120);
  const text = [
    `sillok.session_hash=${long}`,
    `sillok.user_hash=${long}`,
    'sillok.client.version=1.0%0Aforged',
    'sillok.customer.id=c%207',
    'sillok.unknown=1',
  ].join(',');
  const { own, baggage } = readOwn(parseBaggage(text), TRACE, { isTrustedSender: true });
  expect(own).toEqual({ sessionHash: long, userHash: long });
  expect(baggage.size).toBe(0);
  const most = { globalTraceId: 'g'.repeat(64), sessionHash: long, userHash: long };
  const carried = { 'customer.id': long, 'upstream.partner': long, 'client.version': '1'.repeat(64) };
  const written = writeOwn({ ...most, carried }, new Map(), { traceId: TRACE });
  const bytes = [...written].reduce((sum, [key, { value }]) => sum + key.length + value.length + 2, 0);
  expect(bytes).toBeLessThanOrEqual(OWN_BAGGAGE_BYTES_MAX);
});

test('a host of others gets the trace and nothing of ours', () => {
  const context = extract({ baggage: 'sillok.user_hash=u1_a,other=1' }, { isTrustedSender: true });
  expect(Object.keys(traceHeaders(context, { isInside: false }))).toEqual(['traceparent']);
});
