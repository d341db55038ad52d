import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createCursorCodec, type Cursor, type CursorBinding } from './cursor.js';
import { loadCursorKey } from './cursor-key.js';
import { CURSOR_KEY_FILE } from './filenames.js';

const codec = createCursorCodec(Buffer.from('a secret of the tests'));
const binding: CursorBinding = { project: 'shop', q: 'level:error', order: 'desc', from: '-1h' };
const cursor: Cursor = {
  key: { time: '2026-11-21T10:00:00.000000001Z', producer: 'orders-7f', boot: '018f', seq: 12 },
  isBack: false,
  range: { from: '2026-11-21T09:00:00.000000000Z' },
  nowMs: 1_795_000_000_000,
  left: 5,
};

test('a cursor comes back as it was, with the range that was fixed for it', () => {
  expect(codec.decode(codec.encode(cursor, binding), binding)).toEqual(cursor);
});

test('any changed character is refused', () => {
  const text = codec.encode(cursor, binding);
  for (let index = 0; index < text.length - 1; index += 1) {
    const changed = `${text.slice(0, index)}${text[index] === 'A' ? 'B' : 'A'}${text.slice(index + 1)}`;
    expect(() => codec.decode(changed, binding)).toThrow(/not one of this server/);
  }
});

test.each([{ project: 'other' }, { q: '' }, { order: 'asc' as const }, { from: '-2h' }, { to: 'now' }])(
  'with %j it is another search',
  (change) => {
    expect(() => codec.decode(codec.encode(cursor, binding), { ...binding, ...change })).toThrow(
      /another search/,
    );
  },
);

test('a cursor of another server is refused', () => {
  const other = createCursorCodec(Buffer.from('another secret'));
  expect(() => codec.decode(other.encode(cursor, binding), binding)).toThrow(/not one of this server/);
});

test('the key outlives a restart, is for the server only, and a torn file is made anew', () => {
  const directory = mkdtempSync(join(tmpdir(), 'sillok-cursor-'));
  const path = join(directory, CURSOR_KEY_FILE);
  const key = loadCursorKey(directory);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(Buffer.from(loadCursorKey(directory))).toEqual(Buffer.from(key));
  writeFileSync(path, readFileSync(path).subarray(0, 5));
  expect(loadCursorKey(directory).length).toBe(32);
  rmSync(directory, { recursive: true });
});
