/**
 * The two ways of writing a line, byte for byte: whatever is recorded, of every kind, the quick encoder of the SDK and the general
 * one of `@sillok/record` write the same line, and that line is what the canonical parser and encoder make of it.
 *
 * A logger with rules takes the general way for every record; a rule file without rules changes nothing.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseRecord } from '@sillok/record';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { HttpRequest } from './http/request.js';
import type { Logger } from './logger.js';
import { withContext } from './scope.js';
import { createTestLog } from './test.js';

const numRuns = Number(process.env['SILLOK_FUZZ_RUNS'] ?? 300);
const folder = mkdtempSync(join(tmpdir(), 'sillok-lines-'));
const noRules = join(folder, 'empty.rules');
writeFileSync(noRules, '# no rules\n');
afterAll(() => rmSync(folder, { recursive: true }));

const quick = createTestLog();
const general = createTestLog({ rules: noRules });

/** Without what differs from one call to the next. */
function comparable(line: string | undefined): string {
  return (line ?? '')
    .replace(/^\{"seq":\d+,"time":"[^"]*",/, '')
    .replace(/"(trace_id|span_id)":"[0-9a-f]+"/g, '"$1":""')
    .replace(/"support_code":"[0-9A-Z-]+"/g, '"support_code":""')
    .replace(/"duration_ms":[\d.]+/g, '"duration_ms":0')
    .replace(/"span.start_time":"[^"]*"/g, '"span.start_time":""');
}

function sameOf(write: (log: Logger) => void): void {
  quick.clear();
  general.clear();
  for (const { log } of [quick, general]) {
    write(log);
    log.runtime.recorder.writeWaiting();
  }
  expect(quick.lines()).toHaveLength(1);
  const [line = ''] = quick.lines();
  expect(comparable(line)).toBe(comparable(general.lines()[0]));
  const parsed = parseRecord(line, { encoding: 'flat' });
  expect(parsed.ok && !parsed.changed && parsed.line).toBe(line);
}

const texts = fc.oneof(
  fc.string({ maxLength: 30 }),
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constantFrom('7', 'true', '{', '"q"', '010-1234-5678', 'Bearer abcdefghijklmnop', '4111 1111 1111 1111'),
  fc.constantFrom('한글 로그', '/orders/7', 'x\\y', '\u2028', '', 'é'),
);
const names = fc.constantFrom(
  'order',
  'http.route',
  'url.path',
  'duration_ms',
  'http.response.status_code',
  'event.name',
  'error.type',
  'user_hash',
  'trace_id',
  'password',
  'client.address',
  'audit.entity.id',
  '한글',
  'a b',
);
const values = fc.oneof(texts, fc.integer(), fc.double({ noNaN: true }), fc.boolean(), fc.constant(null));
const nested = fc.dictionary(fc.constantFrom('id', 'token', 'x y'), values, { maxKeys: 2 });
const fields = fc.dictionary(names, fc.oneof(values, nested, fc.array(texts, { maxLength: 3 })), {
  maxKeys: 5,
  noNullPrototype: true,
});
const calls = fc.record({ context: fields, bindings: fields, fields, message: texts });

test('log', () => {
  fc.assert(
    fc.property(calls, (call) => {
      sameOf((log) =>
        withContext(call.context, () => log.child(call.bindings).warn(call.fields, '%s', call.message)),
      );
    }),
    { numRuns },
  );
});

test('event', () => {
  fc.assert(
    fc.property(calls, ({ context, message, fields: given }) => {
      sameOf((log) => withContext(context, () => log.event('order.paid', given, message)));
    }),
    { numRuns },
  );
});

test('audit', () => {
  fc.assert(
    fc.property(calls, ({ context, message, fields: given }) => {
      sameOf((log) => withContext(context, () => void log.audit(`refund ${message}`, given)));
    }),
    { numRuns },
  );
});

test('span', () => {
  fc.assert(
    fc.property(calls, fc.boolean(), ({ context, bindings, fields: given, message }, hasFailed) => {
      sameOf((log) =>
        withContext(context, () => {
          const span = log.child(bindings).startSpan(`charge ${message}`, given);
          if (hasFailed) span.fail(message);
          span.end();
        }),
      );
    }),
    { numRuns },
  );
});

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const requests = fc.record({
  method: fc.oneof(fc.constantFrom('GET', 'POST', 'get'), texts),
  url: fc.oneof(
    fc.constantFrom('/orders/7?card=4111', '/', '*', '/010-1234-5678'),
    texts.map((text) => `/${text}`),
  ),
  remoteAddress: fc.option(fc.oneof(fc.ipV4(), fc.ipV6()), { nil: undefined }),
  headers: fc.record(
    {
      'user-agent': texts,
      traceparent: fc.oneof(fc.constant(TRACEPARENT), texts),
      'x-request-id': texts,
      'x-forwarded-for': texts,
      b3: texts,
      'idempotency-key': texts,
      baggage: fc.constantFrom('sillok.client.version=2.0', 'sillok.global_trace_id=g-1,x=y'),
    },
    { requiredKeys: [] },
  ),
});
const outcomes = fc.record({
  status: fc.oneof(fc.integer({ min: 100, max: 999 }), fc.integer(), fc.constantFrom(0, 1.5, NaN)),
  route: fc.option(texts, { nil: undefined }),
  isAborted: fc.boolean(),
  error: fc.constantFrom(undefined, undefined, new Error('x')),
});

test('access', () => {
  fc.assert(
    fc.property(requests, outcomes, fc.option(fields), ({ headers, ...start }, outcome, set) => {
      sameOf((log) => {
        const header = (name: string): string | undefined => Reflect.get(headers, name);
        const open = new HttpRequest({ ...start, header }, { log, trustProxy: true });
        if (set !== null) open.scope.set(set);
        open.end(outcome);
      });
    }),
    { numRuns },
  );
});
