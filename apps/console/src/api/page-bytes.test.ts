import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readAnswer } from './page-bytes.js';

const bytesOf = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

const rest = {
  next: 'c',
  previous: null,
  gaps: [{ producer: '"]}', from: 1, to: 2 }],
  cost: { rows_read: 3 },
};

test('records come out of the bytes as they went in, whatever their texts hold', () => {
  const record = fc.record({
    seq: fc.nat(),
    message: fc.string({ unit: 'binary' }),
    attributes: fc.object({ maxDepth: 2, maxKeys: 4 }),
  });
  fc.assert(
    fc.property(fc.array(record, { maxLength: 8 }), (records) => {
      const answer = readAnswer(bytesOf({ records, ...rest }));
      const read = Array.from({ length: answer.records?.count ?? -1 }, (_, row) =>
        answer.records?.record(row),
      );
      expect(read).toEqual(JSON.parse(JSON.stringify(records)));
      expect(answer.rest).toEqual({ records: [], ...rest });
    }),
  );
});

test('brackets, quotes and backslashes inside of texts cut no record', () => {
  const records = ['}', ']', '{"', '\\', '\\"}', '",{', '한글]}'].map((message) => ({
    message,
    list: [[], {}],
  }));
  const answer = readAnswer(bytesOf({ records, ...rest }));
  expect(answer.records?.count).toBe(records.length);
  expect(records.map((_, row) => answer.records?.record(row))).toEqual(records);
});

test('an answer without records is read whole', () => {
  const table = { columns: [{ name: 'n' }], rows: [[1]] };
  expect(readAnswer(bytesOf(table))).toEqual({ rest: table, records: undefined });
});

test.each(['{"records":[{"message":"cut', '{"records":[{"a":1}', '{"records":[{"a":1}],', ''])(
  'an answer that was cut off is an error, not fewer records: %s',
  (text) => {
    expect(() => readAnswer(new TextEncoder().encode(text))).toThrow(SyntaxError);
  },
);
