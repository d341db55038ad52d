import type { Envelope } from '@sillok/record';
import { expect, test } from 'vitest';
import { readAnswer, type PageBytes } from '../../api/page-bytes.js';
import { PARSED_RECORDS_MAX } from '../../limits.js';
import { foundRecords } from './found-records.js';

function pageOf(from: number, count: number): PageBytes {
  const records = Array.from({ length: count }, (_, index) => ({ seq: from + index }));
  const { records: page } = readAnswer(new TextEncoder().encode(JSON.stringify({ records, next: null })));
  if (page === undefined) throw new Error('an answer with records was read as one without');
  return page;
}

const seqs = (list: { length: number; at: (index: number) => Envelope | undefined }): unknown[] =>
  Array.from({ length: list.length }, (_, index) => list.at(index)?.seq);

const upTo = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);

test('pages on both sides, of any length, empty ones too, are one list in order', () => {
  const list = foundRecords(pageOf(10, 5))
    .withNext(pageOf(15, 0))
    .withNext(pageOf(15, 3))
    .withPrevious(pageOf(7, 3))
    .withNext(pageOf(18, 1))
    .withPrevious(pageOf(6, 1));
  expect(seqs(list)).toEqual(upTo(6, 18));
  expect(list.before).toBe(4);
  expect([list.at(-1), list.at(13)]).toEqual([undefined, undefined]);
});

test('a record is the same object while it is in sight, also when others are put before it', () => {
  const list = foundRecords(pageOf(10, 5));
  const record = list.at(2);
  expect(list.withNext(pageOf(15, 5)).at(2)).toBe(record);
  const longer = list.withPrevious(pageOf(1, 9));
  expect(longer.at(11)).toBe(record);
  expect(record === undefined ? -1 : longer.indexOf(record)).toBe(11);
});

test('a record of elsewhere has no place in the list', () => {
  const list = foundRecords(pageOf(1, 3));
  const other = foundRecords(pageOf(1, 3)).at(0);
  expect(other === undefined ? 0 : list.indexOf(other)).toBe(-1);
});

test('what scrolled far away is forgotten, and still found again: by place and as a record', () => {
  const list = foundRecords(pageOf(1, PARSED_RECORDS_MAX * 3));
  const first = list.at(0);
  seqs(list);
  expect(list.at(0)).toEqual(first);
  expect(list.at(0)).not.toBe(first);
  expect(first === undefined ? -1 : list.indexOf(first)).toBe(0);
});
