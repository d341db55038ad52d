/**
 * One reading of the bytes: what `decodeRecord` reads from a line, the engine reads from the same line in a
 * file.
 *
 * Random lines are written by our own encoder, read by the engine with the structure and settings of the
 * store's INSERT, and compared value by value: floating point numbers by their bits, attributes as the stored
 * texts of the map. Short by default; `FUZZ_RUNS=20000` reads more lines, `FUZZ_SEED=…` repeats a run.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ENVELOPE_IDS,
  KINDS,
  KNOWN_ATTRIBUTES,
  LEVELS,
  decodeRecord,
  encodeInput,
  nsToTime,
  toStoredText,
} from '@sillok/record';
import type { FlatRecord } from '@sillok/record';
import { Session } from 'chdb';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { READ_SETTINGS, structure } from '../packages/store/src/insert-sql.js';

const numRuns = Number(process.env['FUZZ_RUNS'] ?? 2000);
const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 1_000_000_007);

const folder = mkdtempSync(join(tmpdir(), 'sillok-readers-'));
const session = new Session(join(folder, 'engine'));
afterAll(() => {
  session.cleanup();
  rmSync(folder, { recursive: true, force: true });
});

const ODD_TEXTS = [
  '',
  '7',
  '-0',
  '1e5',
  'true',
  'null',
  '{}',
  '{"a":1}',
  '[1]',
  '"',
  '"x"',
  '{',
  '\\',
  '\\N',
  'NULL',
  '\ud800',
  'a\u0000b',
  '\u2028\ufeff',
  '\r\n{"seq":2}',
  '\u001b[31m',
  '\u007f',
  'NaN',
  'inf',
  ' 7',
  '7 ',
  '0x10',
  '로그인failed',
  "'; DROP",
  '\t',
  '😀',
];
const units = fc
  .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 12 })
  .map((codes) => String.fromCharCode(...codes));
const text = fc.oneof(
  fc.constantFrom(...ODD_TEXTS),
  units,
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.string({ maxLength: 300 }),
);
const knownKey = fc.constantFrom(...KNOWN_ATTRIBUTES.map(({ name }) => name));
const key = fc.oneof(
  knownKey,
  fc.constantFrom('a', 'a.b', '', '7', '__proto__', 'seq', 'time', 'attributes', 'null'),
  units,
  fc.string({ maxLength: 20 }),
);
const double = fc.double({ noNaN: true, noDefaultInfinity: true });
const number = fc.oneof(
  double,
  fc.integer(),
  fc.maxSafeInteger(),
  fc.constantFrom(0, 1, 65535, 65536, 0.1, 1e21, 1e-7, 5e-324, Number.MAX_VALUE, 2 ** 64),
);
const scalar = fc.oneof(text, number, fc.boolean(), fc.constant(null));
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof({ depthSize: 'small' }, scalar, fc.array(tie('tree'), { maxLength: 4 }), tie('object')),
  object: fc
    .array(fc.tuple(key, tie('tree')), { maxLength: 4 })
    .map((entries) => Object.fromEntries(entries)),
}));
const attributes = fc
  .array(fc.tuple(key, tree), { maxLength: 15 })
  .map((entries): object => Object.fromEntries(entries));

const lines = fc
  .record({
    seq: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
    time: fc.bigInt({ min: 0n, max: 9_214_646_399_999_999_999n }).map(nsToTime),
    kind: fc.constantFrom(...KINDS),
    level: fc.constantFrom(...LEVELS),
    message: text,
    ids: fc.subarray([...ENVELOPE_IDS]),
  })
  .chain(({ ids, ...head }) => {
    const named = Object.fromEntries(ids.map((id) => [id, `id of ${id}`]));
    return attributes.map((given) => encodeInput({ ...head, ...named }, given, { dots: 'namespace' }));
  });

/** What each column must hold, as the engine writes it in JSON. */
function expectedRow(record: FlatRecord): unknown[] {
  const known = KNOWN_ATTRIBUTES.map(({ name, type }) => {
    const value = record[name];
    if (type === 'float64') return value === undefined ? null : bitsOf(Number(value));
    return value ?? (type === 'uint16' ? 0 : '');
  });
  const flat = record.attributes ?? {};
  const paths = Object.keys(flat);
  const texts = paths.map((path) => toStoredText(flat[path] ?? null));
  const { seq, time, kind, level, message } = record;
  const ids = ENVELOPE_IDS.map((id) => record[id] ?? '');
  return [
    String(seq),
    time.replace('T', ' ').slice(0, -1),
    kind,
    level,
    message,
    ...ids,
    ...known,
    paths,
    texts,
  ];
}

function bitsOf(value: number): string {
  return new BigUint64Array(new Float64Array([value]).buffer).join();
}

function selectColumns(): string {
  const known = KNOWN_ATTRIBUTES.map(({ name, type }) =>
    type === 'float64' ? `toString(reinterpretAsUInt64(\`${name}\`))` : `\`${name}\``,
  );
  const fixed = ['toString(seq)', 'toString(time)', 'kind', 'level', 'message', ...ENVELOPE_IDS];
  return [...fixed, ...known, 'mapKeys(attributes)', 'mapValues(attributes)'].join(', ');
}

function readByEngine(content: string): unknown[][] {
  const path = join(folder, 'lines.ndjson');
  writeFileSync(path, content);
  const settings = Object.entries(READ_SETTINGS)
    .map(([name, value]) => `${name} = '${value}'`)
    .join(', ');
  const shape = structure().replaceAll("'", "''");
  const rows: string = session.query(
    `SELECT ${selectColumns()} FROM file('${path}', JSONEachRow, '${shape}') SETTINGS ${settings}, max_threads = 1`,
    'JSONCompactEachRow',
  );
  return rows
    .split('\n')
    .filter((row) => row !== '')
    .map((row) => JSON.parse(row) as unknown[]); // one array a row
}

test('the engine reads from our lines exactly what we read', { timeout: 300_000 }, () => {
  const sample = fc.sample(lines, { numRuns, seed });
  const rows = readByEngine(sample.map((line) => `${line}\n`).join(''));
  expect(rows, `seed ${seed}`).toHaveLength(sample.length);
  for (const [index, line] of sample.entries()) {
    expect(rows[index], `seed ${seed}, line ${line}`).toEqual(expectedRow(decodeRecord(line)));
  }
});
