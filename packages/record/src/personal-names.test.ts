import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import {
  createFileKeyStore,
  createPersonalBox,
  createPseudonyms,
  mastersOf,
  parseKeyFile,
  personOf,
  withNewEpoch,
} from './personal.js';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'sillok-personal-'));
  folders.push(made);
  return made;
}

function epochs(count: number) {
  let list = parseKeyFile(withNewEpoch([], '2026-01-01T00:00:00.000Z'));
  while (list.length < count) list = parseKeyFile(withNewEpoch(list, '2027-01-01T00:00:00.000Z'));
  return list;
}

test('a pseudonym is the same everywhere, other for users and sessions, and holds nothing of the id', () => {
  const [file] = [epochs(1)];
  const here = createPseudonyms(mastersOf(file));
  const there = createPseudonyms(mastersOf(file));
  expect(here.user('kim@example.kr')).toBe(there.user('kim@example.kr'));
  expect(here.user('7')).toMatch(/^u1_[\w-]{22}$/);
  expect(here.session('7')).toMatch(/^s1_[\w-]{22}$/);
  expect(here.session('7').slice(3)).not.toBe(here.user('7').slice(3));
  expect(createPseudonyms(mastersOf(epochs(1))).user('7')).not.toBe(here.user('7'));
});

test('a new epoch makes new names, and all epochs are known for finding', () => {
  const two = epochs(2);
  const old = createPseudonyms(mastersOf(two.slice(1)));
  const both = createPseudonyms(mastersOf(two));
  expect(both.user('7')).toMatch(/^u2_/);
  expect(both.users('7')).toEqual([both.user('7'), old.user('7')]);
});

test('a signature holds for its purpose and text, also after a new epoch, and for nothing else', () => {
  const two = epochs(2);
  const old = createPseudonyms(mastersOf(two.slice(1)));
  const both = createPseudonyms(mastersOf(two));
  const signature = old.sign('baggage', 'text');
  expect(both.verify('baggage', 'text', signature)).toBe(true);
  expect(both.verify('route', 'text', signature)).toBe(false);
  expect(both.verify('baggage', 'texts', signature)).toBe(false);
  expect(old.verify('baggage', 'text', both.sign('baggage', 'text'))).toBe(false);
  for (const bad of ['', '1', '1.', '1.xyz', `9.${'0'.repeat(32)}`, `${signature}0`]) {
    expect(both.verify('baggage', 'text', bad), bad).toBe(false);
  }
});

test.each([
  ['no JSON', '{', 'not JSON'],
  ['another file', '{"epochs":[]}', 'not a key file'],
  ['no epochs', '{"sillok_identity":1,"epochs":[]}', '0 epochs'],
  ['a short secret', '{"sillok_identity":1,"epochs":[{"epoch":1,"secret":"c2hvcnQ"}]}', '32 bytes'],
  ['no number', '{"sillok_identity":1,"epochs":[{"secret":"c2hvcnQ"}]}', 'whole number'],
])('a key file with %s is refused without showing a secret', (_name, text, problem) => {
  expect(() => parseKeyFile(text)).toThrow(problem);
  expect(() => parseKeyFile(text)).not.toThrow('c2hvcnQ');
});

test('two processes that meet a person in the same moment use one key', () => {
  const directory = folder();
  const masters = mastersOf(epochs(1));
  const boxes = [1, 2].map(() => createPersonalBox({ masters, store: createFileKeyStore(directory) }));
  const sealed = boxes.map((box) => box.seal('김철수', 'u1_a'));
  for (const box of boxes) expect(sealed.map((text) => box.open(text))).toEqual(['김철수', '김철수']);
  expect(sealed.map(personOf)).toEqual(['u1_a', 'u1_a']);
  expect(personOf('plain')).toBeUndefined();
});

test('a key file is for its owner only, is named by no person, and is gone after the destruction', () => {
  const directory = folder();
  const masters = mastersOf(epochs(1));
  const box = createPersonalBox({ masters, store: createFileKeyStore(directory) });
  const sealed = box.seal('김철수', 'u1_a');
  const files = (): string[] =>
    readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
  const [path = ''] = files();
  const before = readFileSync(path, 'utf8');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(path).not.toContain('u1_a');
  const other = createPersonalBox({ masters, store: createFileKeyStore(directory) });
  other.destroy('u1_a');
  expect(box.open(sealed)).toBeUndefined();
  expect(box.open(box.seal('later', 'u1_a'))).toBeUndefined();
  expect(files()).toEqual([path]);
  expect(readFileSync(path, 'utf8')).toBe('destroyed\n');
  expect(before).not.toContain('destroyed');
  other.rewrap('u1_a');
  expect(readFileSync(path, 'utf8')).toBe('destroyed\n');
});

test('spellings of a phone, a member and an order come to one index each', () => {
  const box = createPersonalBox({ masters: mastersOf(epochs(1)), store: createFileKeyStore(folder()) });
  const same = (kind: string, ...spellings: string[]): void => {
    expect(new Set(spellings.map((spelling) => box.blindIndex(kind, spelling))).size, spellings[0]).toBe(1);
  };
  same(
    'phone',
    '010-1234-5678',
    '+82 10 1234 5678',
    '+82 (0)10-1234-5678',
    '0082101234 5678',
    '０１０１２３４５６７８',
    '82-10-1234-5678',
  );
  same('phone', '+1 415 555 2671', '001-415-555-2671');
  same('email', 'Kim@Example.KR', ' kim@example.kr ');
  same('order', '20261124-0001a', '202611240001A', '2026 1124 0001 A');
  same('member', 'M-77', 'm77');
  expect(box.blindIndex('phone', '+1 010 1234 5678')).not.toBe(box.blindIndex('phone', '010 1234 5678'));
});
