/**
 * The fast encoder against the general one: whatever the fields are, both write the same record, and the line is
 * canonical. `SILLOK_FUZZ_RUNS` makes it longer; fast-check prints the seed of a failure.
 */
import {
  createRedactor,
  decodeRecord,
  ENVELOPE_IDS,
  emptyFlat,
  encodeRecord,
  flatten,
  parseRecord,
  type FlatRecord,
} from '@sillok/record';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mergeFields, NO_FIELDS } from './frozen.js';
import { SHAPE_SEEN_MIN } from './limits.js';
import { setOwn } from './own-property.js';
import { withContext } from './scope.js';
import { createTestLog } from './test.js';

const numRuns = Number(process.env['SILLOK_FUZZ_RUNS'] ?? 400);

const keys = fc.oneof(
  fc.constantFrom(
    'a',
    'b',
    'a.b',
    'http.route',
    'http',
    'route',
    'duration_ms',
    'url.path',
    'err',
    'trace_id',
    'user_hash',
    'password',
    'token',
    '7',
    '0',
    '__proto__',
    'constructor',
    'exception.message',
    'x\\y',
    '한글',
    '',
    'a.',
    'http.response.status_code',
  ),
  fc.string({ maxLength: 6 }),
);
const leaves = fc.oneof(
  fc.string({ maxLength: 60 }),
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constantFrom(
    '7',
    'true',
    'null',
    '{',
    '[x',
    '"q"',
    '-1e5',
    '',
    '010-1234-5678',
    '4111111111111111',
    'é"\\\n',
    '한글 로그',
  ),
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  fc.constant(undefined),
  fc.constantFrom(4111111111111111, 1.5e300, -0, NaN, Infinity, 200, 0, 70000),
  fc.date({ noInvalidDate: false }),
  fc.bigInt(),
  fc.constant(Symbol('s')),
  fc.array(fc.oneof(fc.string({ maxLength: 12 }), fc.integer(), fc.boolean(), fc.constant(null)), {
    maxLength: 4,
  }),
  fc.array(fc.dictionary(keys, fc.string({ maxLength: 20 }), { maxKeys: 2 }), { maxLength: 2 }),
);
const { tree } = fc.letrec<{ tree: object; value: unknown }>((tie) => ({
  tree: fc.dictionary(keys, tie('value'), { maxKeys: 5, noNullPrototype: false }),
  value: fc.oneof({ depthSize: 'small', withCrossShrink: true }, leaves, tie('tree')),
}));

/** What the record must be, from the general functions alone. */
function expected(parts: readonly object[], message: string): FlatRecord {
  const attributes = emptyFlat();
  for (const part of parts) Object.assign(attributes, flatten(part, { dots: 'namespace' }));
  const time = '2026-11-21T10:00:00.000000001Z';
  const record: FlatRecord = { seq: 1, time, kind: 'log', level: 'info', message };
  for (const id of ENVELOPE_IDS) {
    const value = attributes[id];
    if (typeof value !== 'string' || value === '') continue;
    record[id] = value;
    delete attributes[id];
  }
  record.attributes = attributes;
  createRedactor().redact(record);
  const parsed = parseRecord(encodeRecord(record), { encoding: 'flat' });
  if (!parsed.ok) throw new Error(parsed.reason);
  return decodeRecord(parsed.line);
}

/** Order of attributes is free; where they stand and what they hold is not. */
function comparable(record: FlatRecord): unknown {
  const { seq: _, time: __, attributes = {}, ...rest } = record;
  return { ...rest, attributes: Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1)) };
}

const inputs = fc.record({
  context: tree,
  bindings: tree,
  fields: tree,
  message: fc.string({ maxLength: 40 }),
});

test('fields, bindings and context become the record that the general encoder writes, in a canonical line', () => {
  const quiet = createTestLog();
  fc.assert(
    fc.property(inputs, ({ context, bindings, fields, message }) => {
      quiet.clear();
      withContext(context, () => quiet.log.child(bindings).info(fields, '%s', message));
      const [line = ''] = quiet.lines();
      const parts = [mergeFields(NO_FIELDS, context), bindings, fields];
      expect(comparable(decodeRecord(line))).toEqual(comparable(expected(parts, message)));
      const parsed = parseRecord(line, { encoding: 'flat' });
      expect(parsed.ok && !parsed.changed && parsed.quarantined).toEqual([]);
    }),
    { numRuns },
  );
});

const AS_IT_IS = Symbol('as it is');

/** The same keys at every depth, with values of other kinds here and there. */
function varied(object: object, draw: () => unknown): object {
  const other: { [key: string]: unknown } = {};
  for (const [key, value] of Object.entries(object)) {
    const drawn = draw();
    const isNested = isRecord(value) && drawn === AS_IT_IS;
    setOwn(other, key, isNested ? varied(value, draw) : drawn === AS_IT_IS ? value : drawn);
  }
  return other;
}

function isRecord(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

test('the code made for a shape writes what the general encoder writes, also for values of other kinds', () => {
  const quiet = createTestLog();
  const other = fc.oneof(leaves, fc.constant({}), fc.constant({ a: 1 }));
  const rare = fc.oneof({ weight: 3, arbitrary: fc.constant(AS_IT_IS) }, { weight: 1, arbitrary: other });
  const draws = fc.infiniteStream(rare);
  fc.assert(
    fc.property(tree, fc.array(draws, { minLength: 2, maxLength: 4 }), (fields, streams) => {
      const variants = streams.map((stream) => varied(fields, () => stream.next().value));
      // Often enough that the shape has its code; after each surprise once more.
      const calls = [
        ...Array.from({ length: SHAPE_SEEN_MIN + 1 }, () => fields),
        ...variants,
        fields,
        ...variants,
      ];
      quiet.clear();
      for (const call of calls) quiet.log.info(call, 'm');
      const lines = quiet.lines();
      calls.forEach((call, index) => {
        const record = decodeRecord(lines[index] ?? '');
        expect(comparable(record)).toEqual(comparable(expected([call], 'm')));
      });
    }),
    { numRuns: Math.ceil(numRuns / 2) },
  );
});
