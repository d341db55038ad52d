import { expect, test } from 'vitest';
import { HEADER, lineOf } from './test-support.js';
import { firstSeq, lastSeq, proveTail } from './tail.js';

const bytesOf = (...lines: string[]): Buffer => Buffer.from(lines.map((line) => `${line}\n`).join(''));
const header = JSON.stringify(HEADER);
const batch = (count: number): string => JSON.stringify({ ...HEADER, project: 'p', count });

test('whole lines whose seq rises are kept, a torn one is not', () => {
  const whole = bytesOf(header, lineOf(1), lineOf(2));
  expect(proveTail(whole, undefined)).toMatchObject({ bytes: whole.length, records: 2 });
  expect(proveTail(Buffer.concat([whole, Buffer.from('{"seq":3')]), undefined)).toEqual({
    bytes: whole.length,
    records: 2,
    reason: 'torn',
  });
});

test.each([
  ['a repeated seq', lineOf(2)],
  ['a seq of earlier', lineOf(1)],
  ['zeros that a power cut left', '\0'.repeat(40)],
  ['half a line glued to another', `{"seq":3,"mess${lineOf(4)}`],
  ['broken UTF-8', Buffer.from([...Buffer.from('{"seq":3,"message":"'), 0xff, 0x22, 0x7d])],
  ['JSON that is not an object', '[3]'],
  ['an object that is not a record', '{"rillok_sum":"00000000","bytes":0,"records":0}'],
])('the tail ends at %s', (_name, line) => {
  const whole = bytesOf(lineOf(1), lineOf(2));
  const tail = Buffer.concat([whole, Buffer.from(line), Buffer.from('\n'), bytesOf(lineOf(3))]);
  expect(proveTail(tail, undefined)).toEqual({ bytes: whole.length, records: 2, reason: 'unproven' });
});

test('the tail counts on from the group before it, over numbers that a full disk has cost', () => {
  expect(proveTail(bytesOf(lineOf(3)), bytesOf(lineOf(1), lineOf(2))).records).toBe(1);
  expect(proveTail(bytesOf(lineOf(9)), bytesOf(lineOf(1), lineOf(2))).records).toBe(1);
  expect(proveTail(bytesOf(lineOf(2)), bytesOf(lineOf(1), lineOf(2))).records).toBe(0);
});

test('a batch of the queue is kept whole or not at all', () => {
  const first = bytesOf(batch(2), lineOf(7), lineOf(9));
  expect(proveTail(first, undefined)).toMatchObject({ bytes: first.length, records: 2 });
  for (const rest of [[batch(3)], [batch(3), lineOf(1)], [batch(3), lineOf(1), lineOf(2)]]) {
    const tail = Buffer.concat([first, bytesOf(...rest)]);
    expect(proveTail(tail, undefined)).toEqual({ bytes: first.length, records: 2, reason: 'batch-cut' });
  }
  const cut = Buffer.concat([first, bytesOf(batch(2), lineOf(1), batch(1), lineOf(2))]);
  expect(proveTail(cut, undefined).bytes).toBe(first.length);
});

test('first and last seq of a group, header lines passed over', () => {
  expect([
    firstSeq(bytesOf(header, lineOf(5), lineOf(6))),
    lastSeq(bytesOf(header, lineOf(5), lineOf(6))),
  ]).toEqual([5, 6]);
  expect([firstSeq(bytesOf(header)), lastSeq(bytesOf(header))]).toEqual([undefined, undefined]);
});
