/** Properties of the record that must hold for any input. fast-check prints the seed of a failure. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeRecord, encodeRecord } from './encode.js';
import { encodeInput } from './encode-input.js';
import { emptyFlat } from './flat.js';
import { flatten, unflatten } from './flatten.js';
import { KNOWN_ATTRIBUTES } from './known.js';
import { normaliseInput } from './normalise.js';
import { parseRecord } from './parse.js';
import { quoteTree, wellFormed } from './quote.js';
import { createRedactor } from './redact.js';
import { fromStoredText, toStoredText } from './stored-text.js';
import { nsToTime, parseTime, timeToNs } from './time.js';
import { KINDS, LEVELS } from './types.js';
import type { FlatAttributes, FlatRecord, FlatValue } from './types.js';

const numRuns = Number(process.env['FUZZ_RUNS'] ?? 500);

const KNOWN_NAMES = KNOWN_ATTRIBUTES.map(({ name }) => name);
const ODD_KEYS = [
  'a',
  'b',
  'a.b',
  'a.b.c',
  '',
  '.',
  '\\',
  '\\.',
  '7',
  '0',
  '12345678901',
  '__proto__',
  'constructor',
  'http',
  'route',
  'password',
  'toJSON ',
  'request.method',
  '\ud800',
];
const ODD_TEXTS = [
  '7',
  '-0',
  '1e5',
  '0x10',
  'true',
  'null',
  '{}',
  '[1]',
  '"',
  '{',
  '',
  'GET',
  '\ud800',
  '010-1234-5678',
  'Bearer abcdef123456',
  '\\ud800',
  '\u2028',
  '\u0000',
];
/** UTF-16 units in any order: lone surrogates included. */
const units = fc
  .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 8 })
  .map((codes) => String.fromCharCode(...codes));
const text = fc.oneof(
  fc.constantFrom(...ODD_TEXTS),
  units,
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ maxLength: 150 }),
);
const key = fc.oneof(
  fc.constantFrom(...ODD_KEYS),
  fc.constantFrom(...KNOWN_NAMES),
  units,
  fc.string({ maxLength: 12 }),
);
const double = fc
  .double({ noNaN: true, noDefaultInfinity: true })
  .map((value) => (Object.is(value, -0) ? 0 : value));
const number = fc.oneof(
  double,
  fc.integer(),
  fc.constantFrom(200, 70000, 1e21, 5e-324, 2 ** 64, 4111111111111111),
);
const scalar = fc.oneof(text, number, fc.boolean(), fc.constant(null));

const { tree: json } = fc.letrec((tie) => ({
  tree: fc.oneof({ depthSize: 'small', withCrossShrink: true }, scalar, tie('array'), tie('object')),
  array: fc.array(tie('tree'), { maxLength: 4 }),
  object: fc
    .array(fc.tuple(key, tie('tree')), { maxLength: 6 })
    .map((entries) => Object.fromEntries(entries)),
}));
const object = fc
  .array(fc.tuple(key, json), { maxLength: 12 })
  .map((entries) => Object.fromEntries(entries) as { [key: string]: unknown });

const time = fc.bigInt({ min: 0n, max: 9_214_646_399_999_999_999n }).map(nsToTime);
const head = fc.record({
  seq: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  time,
  kind: fc.constantFrom(...KINDS),
  level: fc.constantFrom(...LEVELS),
  message: text,
});
const ids = fc.record({ trace_id: text, span_id: text, user_hash: text }, { requiredKeys: [] });

function isCanonical(line: string): boolean {
  return JSON.stringify(JSON.parse(line)) === line && !/\p{Surrogate}|[\u0000-\u001f]/u.test(line);
}

test('unflatten(flatten(x)) equals x, byte for byte', () => {
  fc.assert(
    fc.property(object, (value) => {
      expect(JSON.stringify(sortKeys(unflatten(flatten(value))))).toBe(JSON.stringify(sortKeys(value)));
    }),
    { numRuns, examples: [[JSON.parse('{"a.b":1,"a":{"b":2},"__proto__":{"":{}},"7":7}')]] },
  );
});

/** Integer-like keys change places on the way; everything else keeps its order. */
function sortKeys(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(sortKeys);
  return Object.entries(value)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, child]) => [name, sortKeys(child)]);
}

test('a line is canonical and decodes to its record', () => {
  fc.assert(
    fc.property(head, ids, object, (fields, idFields, attributes) => {
      const record: FlatRecord = { ...fields, ...idFields, attributes: flatten(attributes) };
      const line = encodeRecord(record);
      expect(isCanonical(line)).toBe(true);
      const decoded = decodeRecord(line);
      expect(encodeRecord(decoded)).toBe(line);
      expect(parseRecord(line, { encoding: 'flat' })).toMatchObject({ ok: true, changed: false, line });
      expect(asMap(allAttributes(decoded))).toEqual(asMap(record.attributes ?? {}));
    }),
    { numRuns },
  );
});

/** Known attributes back among the others. */
function allAttributes(record: FlatRecord): FlatAttributes {
  const flat = Object.assign(emptyFlat(), record.attributes);
  for (const name of KNOWN_NAMES) if (record[name] !== undefined) flat[name] = record[name] as FlatValue;
  return flat;
}

/** As text, in any order, and as a file can hold it: without lone surrogates. */
function asMap(flat: FlatAttributes): ReadonlyMap<string, string> {
  const entries = Object.keys(flat)
    .sort()
    .map((path): [string, string] => [wellFormed(path), storable(flat[path] ?? null)]);
  return new Map(entries);
}

function storable(value: FlatValue): string {
  return typeof value === 'object' && value !== null
    ? quoteTree(value)
    : JSON.stringify(typeof value === 'string' ? wellFormed(value) : value);
}

test('the text rule gives back what went in', () => {
  fc.assert(
    fc.property(fc.oneof(scalar, fc.array(json)), (value) => {
      const leaf = value as FlatValue;
      expect(fromStoredText(toStoredText(leaf))).toEqual(leaf);
    }),
    { numRuns },
  );
});

test.each(['escape', 'namespace'] as const)(
  'the one-pass encoder writes the same line as flatten and encode (%s)',
  (dots) => {
    fc.assert(
      fc.property(head, ids, object, (fields, idFields, attributes) => {
        const expected = encodeRecord({ ...fields, ...idFields, attributes: flatten(attributes, { dots }) });
        expect(encodeInput({ ...fields, ...idFields }, attributes, { dots })).toBe(expected);
        expect(isCanonical(expected)).toBe(true);
      }),
      { numRuns },
    );
  },
);

test('redacting a record twice changes nothing more, and its line stays canonical', () => {
  const redactor = createRedactor({ email: true });
  fc.assert(
    fc.property(head, object, (fields, attributes) => {
      const once = encodeRecord(redactor.redact({ ...fields, attributes: flatten(attributes) }));
      expect(isCanonical(once)).toBe(true);
      expect(encodeRecord(redactor.redact(decodeRecord(once)))).toBe(once);
    }),
    { numRuns },
  );
});

test('whatever stands on a line, the parser answers, and what it takes is canonical', () => {
  const mutated = fc.tuple(head, object, fc.nat(), units).map(([fields, attributes, at, noise]) => {
    const line = JSON.stringify({ ...fields, attributes });
    const position = at % (line.length + 1);
    return `${line.slice(0, position)}${noise}${line.slice(position + (at % 3))}`;
  });
  const anything = fc.oneof(
    mutated,
    text,
    json.map((value) => JSON.stringify(value)),
    fc.tuple(head, object).map(([fields, other]) => JSON.stringify({ ...other, ...fields })),
  );
  fc.assert(
    fc.property(anything, fc.constantFrom('flat', 'nested'), fc.boolean(), (line, encoding, asBytes) => {
      const parsed = parseRecord(asBytes ? Buffer.from(line) : line, { encoding });
      if (!parsed.ok) {
        expect(parsed.reason).not.toBe('');
        return;
      }
      expect(isCanonical(parsed.line)).toBe(true);
      expect(parseRecord(parsed.line, { encoding: 'flat' })).toMatchObject({ ok: true, changed: false });
      // As JSON, since a line holds no minus zero.
      expect(asJson(decodeRecord(parsed.line))).toEqual(asJson(parsed.record));
    }),
    { numRuns },
  );
});

function asJson(record: FlatRecord): unknown {
  return JSON.parse(JSON.stringify(record));
}

test('a nested line gives back its attributes exactly', () => {
  fc.assert(
    fc.property(head, object, (fields, attributes) => {
      const parsed = parseRecord(JSON.stringify({ ...fields, attributes }), { encoding: 'nested' });
      if (!parsed.ok) throw new Error(parsed.reason);
      if (parsed.quarantined.length > 0) return;
      const back = unflatten(allAttributes(parsed.record));
      expect(JSON.stringify(sortKeys(back))).toBe(JSON.stringify(sortKeys(attributes)));
    }),
    { numRuns },
  );
});

test('any foreign object becomes a canonical record', () => {
  fc.assert(
    fc.property(fc.oneof(object, fc.object()), fc.constantFrom('escape', 'namespace'), (input, dots) => {
      const parsed = normaliseInput(input, { seq: 1, dots, defaultTime: '2026-11-21T10:00:00.000000000Z' });
      expect(parsed.ok && isCanonical(parsed.line)).toBe(true);
      expect(parsed.ok && parseRecord(parsed.line, { encoding: 'flat' })).toMatchObject({
        ok: true,
        changed: false,
      });
    }),
    { numRuns },
  );
});

test('every nanosecond of the years that are taken survives as text', () => {
  fc.assert(
    fc.property(time, (moment) => {
      expect(nsToTime(timeToNs(moment))).toBe(moment);
      expect(parseTime(moment)).toBe(moment);
      expect(parseTime(moment.replace('Z', '+00:00'))).toBe(moment);
    }),
    { numRuns },
  );
});
