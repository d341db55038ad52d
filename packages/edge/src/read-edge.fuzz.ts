/** Whatever stands in an access log: never a throw, never an invalid id, and a reason or a record that can be stored. */
import { isSpanId, isTraceId } from '@sillok/context';
import { normaliseInput } from '@sillok/record';
import fc from 'fast-check';
import { test } from 'vitest';
import { isEdgeLine, readEdgeLine, readEdgeObject, textOfUnparsed } from './index.js';
import { SAMPLES } from './samples.case.js';
import type { Fields } from './values.js';

const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31);
const numRuns = Number(process.env['FUZZ_RUNS'] ?? 3000);
const samples = fc.constantFrom(...Object.values(SAMPLES));

function check(fields: Fields): void {
  for (const [name, isId] of [
    ['trace_id', isTraceId],
    ['span_id', isSpanId],
    ['parent_span_id', isSpanId],
  ] as const) {
    const value = fields[name];
    if (value !== undefined && !isId(String(value))) throw new Error(`${name} ${String(value)}`);
  }
  const place = { seq: 1, dots: 'namespace', defaultTime: '2025-11-21T10:00:00.000000000Z' } as const;
  const parsed = normaliseInput(fields, place);
  if (!parsed.ok) throw new Error(parsed.reason);
  if (parsed.record.kind !== 'access') throw new Error(parsed.record.kind);
}

function readWhole(line: string): boolean {
  isEdgeLine(line);
  textOfUnparsed(line, undefined);
  const reading = readEdgeLine(line, { utc: true });
  if (reading === undefined) return true;
  if ('fields' in reading) check(reading.fields);
  else if (reading.unparsed === '') throw new Error('no reason');
  return true;
}

test('any text', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 300 }), readWhole), { numRuns, seed });
});

test('real lines, cut, doubled and with other text put in', () => {
  const edits = fc.array(fc.tuple(fc.nat(900), fc.nat(60), fc.string({ unit: 'binary', maxLength: 20 })), {
    maxLength: 4,
  });
  const property = fc.property(samples, edits, (sample, list) =>
    readWhole(
      list.reduce(
        (line, [at, cut, text]) => line.slice(0, at) + text + line.slice(at + cut),
        sample as string,
      ),
    ),
  );
  fc.assert(property, { numRuns, seed });
});

test('objects with the names of the formats and values of any kind', () => {
  const names = [
    ...new Set(
      Object.values(SAMPLES).flatMap((line) => (line.startsWith('{') ? Object.keys(JSON.parse(line)) : [])),
    ),
    'constructor',
    '__proto__',
    'kind',
    'level',
  ];
  const edge = fc.constantFrom('nginx', 'haproxy', 'envoy');
  const object = fc.dictionary(fc.constantFrom(...names), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 20 });
  const property = fc.property(edge, object, (kind, fields) => {
    const read = readEdgeObject({ ...fields, edge: kind });
    if (read === undefined) throw new Error('an edge said so itself');
    check(read);
    const other = readEdgeObject(fields);
    if (other !== undefined) check(other);
  });
  fc.assert(property, { numRuns, seed });
});
