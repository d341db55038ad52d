import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { createMemoryKeyStore, createPersonalBox, isSealed } from './personal.js';
import { encodeInput } from './encode-input.js';
import { decodeRecord } from './encode.js';

function setUp() {
  const store = createMemoryKeyStore();
  const first = randomBytes(32);
  const second = randomBytes(32);
  const old = createPersonalBox({ masters: new Map([[1, first]]), store });
  const both = createPersonalBox({
    masters: new Map([
      [1, first],
      [2, second],
    ]),
    store,
  });
  const onlyNew = createPersonalBox({ masters: new Map([[2, second]]), store });
  return { store, old, both, onlyNew };
}

test('a sealed value goes through a record and opens; the plain text is not in the line', () => {
  const { old } = setUp();
  const sealed = old.seal('김철수', 'member:7');
  expect(isSealed(sealed)).toBe(true);
  const head = {
    seq: 1,
    time: '2026-11-21T10:00:00.000000001Z',
    kind: 'log',
    level: 'info',
    message: 'm',
  } as const;
  const line = encodeInput(head, { customer: { name: sealed } });
  expect(line).not.toContain('김철수');
  expect(old.open(String(decodeRecord(line).attributes?.['customer.name']))).toBe('김철수');
  expect(old.seal('김철수', 'member:7')).not.toBe(sealed);
});

test("destroying a person's key makes every value unreadable, and no new key undoes it", () => {
  const { old, both } = setUp();
  const sealed = ['a', 'b'].map((value) => old.seal(value, 'member:7'));
  const other = old.seal('c', 'member:8');
  const index = old.blindIndex('email', 'a@b.kr');
  both.destroy('member:7');
  for (const box of [old, both]) {
    expect(sealed.map((value) => box.open(value))).toEqual([undefined, undefined]);
    expect(box.open(box.seal('later', 'member:7'))).toBeUndefined();
    expect(box.open(other)).toBe('c');
  }
  expect(old.blindIndex('email', 'a@b.kr')).toBe(index);
});

test('a new master opens old values, and after rewrapping the old master is not needed', () => {
  const { old, both, onlyNew } = setUp();
  const sealed = old.seal('x', 'p');
  expect(both.open(sealed)).toBe('x');
  expect(() => onlyNew.open(sealed)).toThrow('master key of epoch 1');
  both.rewrap('p');
  expect(onlyNew.open(sealed)).toBe('x');
});

test('tampering, and a value moved to another person, are noticed', () => {
  const { old } = setUp();
  const sealed = old.seal('x', 'p');
  old.seal('y', 'q');
  const parts = sealed.split(':');
  const body = Buffer.from(parts[4] ?? '', 'base64url');
  body[14] = (body[14] ?? 0) ^ 1;
  const bad = [
    [...parts.slice(0, 4), body.toString('base64url')].join(':'),
    [...parts.slice(0, 3), Buffer.from('q').toString('base64url'), parts[4]].join(':'),
    [...parts.slice(0, 4), 'AAAA'].join(':'),
    'sillok:p2:1:cA:AA',
    'plain',
    `${sealed}:x`,
  ];
  for (const value of bad) expect(() => old.open(value), value).toThrow('cannot be read');
});

test('blind indexes find the same value in any spelling, per kind and epoch', () => {
  const { old, both } = setUp();
  const index = old.blindIndex('phone', '010-1234-5678');
  expect(old.blindIndex('phone', '+82 10 1234 5678')).toBe(index);
  expect(old.blindIndex('phone', '010.1234.5679')).not.toBe(index);
  expect(old.blindIndex('member', '01012345678')).not.toBe(index);
  expect(old.blindIndex('email', ' Kim@Example.KR ')).toBe(old.blindIndex('email', 'kim@example.kr'));
  expect(both.blindIndexes('phone', '01012345678')).toContain(index);
  expect(both.blindIndex('phone', '01012345678')).not.toBe(index);
});

test('masters of the wrong size are refused', () => {
  const store = createMemoryKeyStore();
  expect(() => createPersonalBox({ masters: new Map(), store })).toThrow('at least one master key');
  expect(() => createPersonalBox({ masters: new Map([[1, randomBytes(16)]]), store })).toThrow('32 bytes');
});
