/**
 * The cases of the W3C's conformance harness (github.com/w3c/trace-context, `test/test.py`), run on the real middleware
 * over HTTP: each request goes through a socket byte by byte as written, and the service calls back with its own headers.
 * `same`: the caller's trace goes on with another parent; `new`: a valid trace begins that is not the caller's.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import express from 'express';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sillokExpress } from '../express.js';
import { sillokHttp } from '../http.js';
import { outgoingHeaders, withTrace } from '../scope.js';
import { createTestLog } from '../test.js';
import { listening, type RunningApp } from './framework.case.js';

const TRACE = '12345678901234567890123456789012';
const PARENT = '1234567890123456';
const VALID = `00-${TRACE}-${PARENT}-01`;
const UNSAMPLED = `00-${TRACE}-${PARENT}-00`;
const SHAPE = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

type Lines = readonly (readonly [name: string, value: string])[];

const { log } = createTestLog();

/** What a service does on behalf of one request: three calls, each with the headers of its own work. */
function answer(): string {
  const calls = [0, 1, 2].map(() => withTrace(outgoingHeaders(), () => outgoingHeaders()));
  return JSON.stringify({ calls });
}

const services: Record<string, () => Promise<RunningApp>> = {
  'node:http': () =>
    listening(createServer(sillokHttp((_request, response) => response.end(answer()), { log }))),
  Express: () => {
    const app = express();
    app.use(sillokExpress({ log }));
    app.use((_request: IncomingMessage, response: { end(text: string): unknown }) => response.end(answer()));
    return listening(createServer(app));
  },
};

interface Call {
  readonly traceparent: string;
  readonly tracestate?: string;
}

async function callsOf(url: string, headers: Lines): Promise<Call[]> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  socket.end(`GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n${lines}\r\n`);
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  await once(socket, 'close');
  const body: { calls: Call[] } = JSON.parse(text.slice(text.indexOf('{"calls"'), text.lastIndexOf('}') + 1));
  return body.calls;
}

function membersOf(call: Call | undefined): Record<string, string> {
  const members = (call?.tracestate ?? '').split(',').filter(Boolean);
  return Object.fromEntries(
    members.map((member) => [member.slice(0, member.indexOf('=')), member.slice(member.indexOf('=') + 1)]),
  );
}

const parents: [string, Lines, 'same' | 'new'][] = [
  ['no headers at all', [], 'new'],
  ['traceparent alone', [['traceparent', VALID]], 'same'],
  [
    'traceparent twice',
    [
      ['traceparent', `00-${TRACE.replace(/2$/, '1')}-${PARENT}-01`],
      ['traceparent', VALID],
    ],
    'new',
  ],
  ['a wrong name with a dash', [['trace-parent', VALID]], 'new'],
  ['a wrong name with a dot', [['trace.parent', VALID]], 'new'],
  ['a name in camel case', [['TraceParent', VALID]], 'same'],
  ['a name in mixed case', [['TrAcEpArEnT', VALID]], 'same'],
  ['a name in capitals', [['TRACEPARENT', VALID]], 'same'],
  ['version 00 with a dot behind it', [['traceparent', `${VALID}.`]], 'new'],
  ['version 00 with more behind it', [['traceparent', `${VALID}-what-the-future-will-be-like`]], 'new'],
  ['version cc', [['traceparent', `cc${VALID.slice(2)}`]], 'same'],
  ['version cc with more', [['traceparent', `cc${VALID.slice(2)}-what-the-future-will-be-like`]], 'same'],
  ['version cc with more behind a dot', [['traceparent', `cc${VALID.slice(2)}.what-the-future`]], 'new'],
  ['version ff', [['traceparent', `ff${VALID.slice(2)}`]], 'new'],
  ['version .0', [['traceparent', `.0${VALID.slice(2)}`]], 'new'],
  ['version 0.', [['traceparent', `0.${VALID.slice(2)}`]], 'new'],
  ['version 000', [['traceparent', `0${VALID}`]], 'new'],
  ['version 0000', [['traceparent', `00${VALID}`]], 'new'],
  ['version 0', [['traceparent', VALID.slice(1)]], 'new'],
  ['a trace id of zeros', [['traceparent', `00-${'0'.repeat(32)}-${PARENT}-01`]], 'new'],
  ['a dot at the start of the trace id', [['traceparent', `00-.${TRACE.slice(1)}-${PARENT}-01`]], 'new'],
  ['a dot at the end of the trace id', [['traceparent', `00-${TRACE.slice(1)}.-${PARENT}-01`]], 'new'],
  ['a long trace id', [['traceparent', `00-${TRACE}3-${PARENT}-01`]], 'new'],
  ['a short trace id', [['traceparent', `00-${TRACE.slice(1)}-${PARENT}-01`]], 'new'],
  ['a parent id of zeros', [['traceparent', `00-${TRACE}-${'0'.repeat(16)}-01`]], 'new'],
  ['a dot at the start of the parent id', [['traceparent', `00-${TRACE}-.${PARENT.slice(1)}-01`]], 'new'],
  ['a dot at the end of the parent id', [['traceparent', `00-${TRACE}-${PARENT.slice(1)}.-01`]], 'new'],
  ['a long parent id', [['traceparent', `00-${TRACE}-${PARENT}7-01`]], 'new'],
  ['a short parent id', [['traceparent', `00-${TRACE}-${PARENT.slice(1)}-01`]], 'new'],
  ['flags .0', [['traceparent', `00-${TRACE}-${PARENT}-.0`]], 'new'],
  ['flags 0.', [['traceparent', `00-${TRACE}-${PARENT}-0.`]], 'new'],
  ['flags 001', [['traceparent', `00-${TRACE}-${PARENT}-001`]], 'new'],
  ['flags 1', [['traceparent', `00-${TRACE}-${PARENT}-1`]], 'new'],
  ['a space before', [['traceparent', ` ${VALID}`]], 'same'],
  ['a tab before', [['traceparent', `\t${VALID}`]], 'same'],
  ['a space behind', [['traceparent', `${VALID} `]], 'same'],
  ['a tab behind', [['traceparent', `${VALID}\t`]], 'same'],
  ['white space on both sides', [['traceparent', `\t ${VALID} \t`]], 'same'],
  ['tracestate without traceparent', [['tracestate', 'foo=1']], 'new'],
  ['two members without traceparent', [['tracestate', 'foo=1,bar=2']], 'new'],
  ['the random flag (level 2)', [['traceparent', `00-${TRACE}-${PARENT}-02`]], 'same'],
];

const KEY = 'abcdefghijklmnopqrstuvwxyz0123456789_-*/';
const VALUE = Array.from({ length: 0x7f - 0x20 }, (_, index) => String.fromCharCode(0x20 + index))
  .join('')
  .replace(/[,=]/g, '');
const TENANT = `${'t'.repeat(241)}@${'v'.repeat(14)}`;
const TENANT_LONGER = `${'t'.repeat(242)}@v`;
const numbered = (from: number, to: number): string =>
  Array.from({ length: to - from + 1 }, (_, index) => {
    const number = String(from + index).padStart(2, '0');
    return `bar${number}=${number}`;
  }).join(',');
const THIRTY = [numbered(1, 10), numbered(11, 20), numbered(21, 30)];

/** `undefined`: dropped. */
const states: [string, readonly string[], Record<string, string> | undefined][] = [
  ['two members', ['foo=1,bar=2'], { foo: '1', bar: '2' }],
  ['an empty header', [''], undefined],
  ['an empty header behind', ['foo=1', ''], { foo: '1' }],
  ['an empty header before', ['', 'foo=1'], { foo: '1' }],
  [
    'several headers',
    ['foo=1,bar=2', 'rojo=1,congo=2', 'baz=3'],
    { foo: '1', bar: '2', rojo: '1', congo: '2', baz: '3' },
  ],
  ['a key twice', ['foo=1,foo=1'], { foo: '1' }],
  ['a key twice with two values', ['foo=1,foo=2'], { foo: '1' }],
  ['a key twice in two headers', ['foo=1', 'foo=1'], { foo: '1' }],
  ['a key twice in two headers with two values', ['foo=1', 'foo=2'], { foo: '1' }],
  ['every legal character', [`${KEY}=${VALUE}`], { [KEY]: VALUE }],
  ['every legal character with a vendor', [`${KEY}@a-z0-9_-*/=${VALUE}`], { [`${KEY}@a-z0-9_-*/`]: VALUE }],
  ['spaces and tabs', ['foo=1 \t , \t bar=2, \t baz=3'], { foo: '1', bar: '2', baz: '3' }],
  ['more spaces and tabs', ['foo=1\t \t,\t \tbar=2,\t \tbaz=3'], { foo: '1', bar: '2', baz: '3' }],
  ['a space before', [' foo=1'], { foo: '1' }],
  ['a tab before', ['\tfoo=1'], { foo: '1' }],
  ['a space behind', ['foo=1 '], { foo: '1' }],
  ['a tab behind', ['foo=1\t'], { foo: '1' }],
  ['white space around', ['\t foo=1 \t'], { foo: '1' }],
  ['a space in the key', ['foo =1'], undefined],
  ['a key in capitals', ['FOO=1'], undefined],
  ['a dot in the key', ['foo.bar=1'], undefined],
  ['an at sign at the end of a key', ['foo@=1,bar=2'], { 'foo@': '1', bar: '2' }],
  ['an at sign at the start of a key', ['@foo=1,bar=2'], undefined],
  ['two at signs', ['foo@@bar=1,bar=2'], { 'foo@@bar': '1', bar: '2' }],
  ['two vendors', ['foo@bar@baz=1,bar=2'], { 'foo@bar@baz': '1', bar: '2' }],
  ['32 members', [...THIRTY, numbered(31, 32)], Object.fromEntries(pairs(numbered(1, 32)))],
  ['33 members', [...THIRTY, numbered(31, 33)], undefined],
  ['a key of 256 characters', ['foo=1', `${'z'.repeat(256)}=1`], { foo: '1', ['z'.repeat(256)]: '1' }],
  ['a key of 257 characters', ['foo=1', `${'z'.repeat(257)}=1`], undefined],
  ['a long tenant', ['foo=1', `${TENANT}=1`], { foo: '1', [TENANT]: '1' }],
  ['a longer tenant', ['foo=1', `${TENANT_LONGER}=1`], { foo: '1', [TENANT_LONGER]: '1' }],
  ['a long system', ['foo=1', `t@${'v'.repeat(15)}=1`], { foo: '1', [`t@${'v'.repeat(15)}`]: '1' }],
  ['an equals sign in the value', ['foo=bar=baz'], undefined],
  ['an empty value', ['foo=,bar=3'], undefined],
];
function pairs(list: string): [string, string][] {
  return list.split(',').map((member) => [member.slice(0, 5), member.slice(6)]);
}

describe.each(Object.entries(services))('%s', (_name, start) => {
  let app: RunningApp;
  beforeAll(async () => {
    app = await start();
  });
  afterAll(() => app.close());

  test.each(parents)('%s', async (_case, headers, outcome) => {
    const calls = await callsOf(app.url, headers);
    for (const { traceparent } of calls) {
      expect(traceparent).toMatch(SHAPE);
      expect(traceparent.slice(36, 52)).not.toBe(PARENT);
      if (outcome === 'same') expect(traceparent.slice(3, 35)).toBe(TRACE);
      else expect(traceparent.slice(3, 35)).not.toBe(TRACE);
    }
    expect(new Set(calls.map(({ traceparent }) => traceparent.slice(36, 52))).size).toBe(3);
    if (outcome === 'same')
      expect(new Set(calls.map(({ traceparent }) => traceparent.slice(3, 35))).size).toBe(1);
    if (outcome === 'new') expect(calls[0]?.tracestate).toBeUndefined();
    const flags = headers
      .find(([name]) => name.toLowerCase() === 'traceparent')?.[1]
      .trim()
      .slice(53, 55);
    if (outcome === 'same') expect(calls[0]?.traceparent.slice(53)).toBe(flags);
  });

  test.each(states)('tracestate: %s', async (_case, values, expected = {}) => {
    const headers: Lines = [
      ['traceparent', UNSAMPLED],
      ...values.map((value) => ['tracestate', value] as const),
    ];
    const [call] = await callsOf(app.url, headers);
    expect(call?.traceparent.slice(3, 35)).toBe(TRACE);
    expect(membersOf(call)).toEqual(expected);
    expect(Object.keys(membersOf(call))).toEqual(Object.keys(expected));
  });

  test.each([
    ['trace-state', {}],
    ['trace.state', {}],
    ['TraceState', { foo: '1' }],
    ['TrAcEsTaTe', { foo: '1' }],
    ['TRACESTATE', { foo: '1' }],
  ])('tracestate under the name %s', async (name, expected) => {
    const [call] = await callsOf(app.url, [
      ['traceparent', UNSAMPLED],
      [name, 'foo=1'],
    ]);
    expect(membersOf(call)).toEqual(expected);
  });
});
