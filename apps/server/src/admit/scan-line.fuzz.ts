/** The scanner and `parseRecord` read the same bytes: what the scanner lets through is canonical to the parser. */
import { isUtf8 } from 'node:buffer';

import {
  encodeRecord,
  KINDS,
  LEVELS,
  nsToTime,
  parseRecord,
  timeToNs,
  type FlatRecord,
} from '@sillok/record';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { LineScanner } from './scan-line.js';

const seed = Number(process.env['SILLOK_FUZZ_SEED'] ?? Date.now() % 2 ** 31);
const numRuns = Number(process.env['SILLOK_FUZZ_RUNS'] ?? 20_000);

const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '',
    '7',
    '-0',
    '1e5',
    'true',
    'null',
    '{',
    '[1]',
    '"x"',
    '로그인 실패',
    'a\n\u0001\u007f',
    '127.0.0.1',
    '🙂',
  ),
);
const value = fc.oneof(
  { weight: 12, arbitrary: fc.stringMatching(/^[0-9a-z.:-]{0,12}$/) },
  { weight: 12, arbitrary: fc.integer() },
  text,
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(0, 0.1, 1e-7, 1e21, 123456789012345, 0.000001, 12.5, 100),
  fc.boolean(),
  fc.constant(null),
  fc.constant({}),
  fc.array(fc.jsonValue({ maxDepth: 2 }), { maxLength: 3 }),
);
const plainKey = fc.stringMatching(/^[a-z][a-z_.]{0,12}$/);
const key = fc.oneof(
  fc.constantFrom('a', 'b.c', 'http.route', 'duration_ms', '__proto__', 'order.id', 'x\\.y', '1', ''),
  plainKey,
  plainKey,
  text,
);
const optionalText = fc.option(text, { nil: undefined });

const record = fc.record(
  {
    seq: fc.oneof(fc.integer({ min: 1, max: 1e9 }), fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER })),
    time: fc.bigInt({ min: 0n, max: 9_200_000_000_000_000_000n }).map(nsToTime),
    kind: fc.constantFrom(...KINDS),
    level: fc.constantFrom(...LEVELS),
    message: text,
    trace_id: optionalText,
    user_hash: optionalText,
    'http.response.status_code': fc.option(fc.integer({ min: -1, max: 70_000 }), { nil: undefined }),
    duration_ms: fc.option(
      fc.oneof(
        fc.double({ noNaN: true }),
        fc.integer().map((n) => n / 1000),
      ),
      { nil: undefined },
    ),
    'http.route': optionalText,
    attributes: fc.dictionary(key, value, { maxKeys: 8, noNullPrototype: false }),
  },
  { requiredKeys: ['seq', 'time', 'kind', 'level', 'message'] },
);

/** A line with a few bytes replaced, taken out or doubled. */
const edits = fc.array(
  fc.tuple(
    fc.nat(600),
    fc.constantFrom('cut', 'double', '"', '\\', '{', '}', ',', ':', '0', '1', 'e', ' ', '.', '-'),
  ),
  {
    maxLength: 3,
  },
);
const damage = fc.oneof(fc.constant([]), edits);

function damaged(line: string, edits: readonly (readonly [number, string])[]): Buffer {
  let bytes = Buffer.from(line);
  for (const [place, what] of edits) {
    const at = place % Math.max(1, bytes.length);
    const piece = what === 'cut' ? '' : what === 'double' ? bytes.subarray(at, at + 7) : what;
    const skip = what === 'cut' || what.length === 1 ? 1 : 0;
    bytes = Buffer.concat([bytes.subarray(0, at), Buffer.from(piece), bytes.subarray(at + skip)]);
  }
  return bytes;
}

test(`what the scanner takes is canonical to the parser (seed ${seed})`, () => {
  const scanner = new LineScanner();
  let taken = 0;
  let asked = 0;
  fc.assert(
    fc.property(record, damage, (input, edits) => {
      // The generator makes records of any shape; encodeRecord takes them as they are.
      const bytes = damaged(encodeRecord(input as FlatRecord), edits);
      asked += 1;
      if (!isUtf8(bytes) || bytes.includes(10)) return;
      const body = Buffer.concat([Buffer.from('xx\n'), bytes, Buffer.from('\n')]);
      if (!scanner.scan(body, 3, body.length - 1)) return;
      taken += 1;
      const parsed = parseRecord(bytes.toString(), { encoding: 'flat' });
      expect(parsed.ok && !parsed.changed, bytes.toString()).toBe(true);
      if (!parsed.ok) return;
      expect(parsed.line).toBe(bytes.toString());
      expect(scanner.seq).toBe(parsed.record.seq);
      expect(scanner.timeUs).toBe(Number(timeToNs(parsed.record.time) / 1000n));
      expect(KINDS[scanner.kindIndex]).toBe(parsed.record.kind);
    }),
    { seed, numRuns },
  );
  expect(taken / asked).toBeGreaterThan(0.05);
});
