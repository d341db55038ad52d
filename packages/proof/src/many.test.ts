import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { leafHash, nodeHash } from './hash.js';
import { HASH_BYTES, VIEWS_MAX } from './limits.js';
import { oneByOne } from './many.js';
import { loadNative } from './native.js';

const native = loadNative();
const prefix = Buffer.from('project\nproducer\nboot\n');

/** Lengths around the blocks of SHA-256 and around the buffer that lines are hashed from. */
const line = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 140 }).map((text) => text.replaceAll('\n', ' ')),
  fc.integer({ min: VIEWS_MAX - 40, max: VIEWS_MAX + 40 }).map((length) => 'x'.repeat(length)),
);

describe.each([
  ['node:crypto', oneByOne],
  ['the native part', native],
])('many hashes at once by %s', (_name, way) => {
  test.skipIf(way === undefined)('are those of each line and each pair alone', () => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 20 }), fc.boolean(), (lines, endsInNewline) => {
        const text = lines.join('\n') + (endsInNewline && lines.length > 0 ? '\n' : '');
        const expected = linesOf(text).map((each) => leafHash(prefix, Buffer.from(each)));
        const into = Buffer.alloc(expected.length * HASH_BYTES);
        expect(way?.leaves(prefix, Buffer.from(text), into)).toBe(expected.length);
        expect(into.toString('latin1')).toBe(expected.join(''));
        const nodes = expected.flatMap((left, at) => {
          const right = expected[at + 1];
          return at % 2 === 1 || right === undefined ? [] : [nodeHash(left, right)];
        });
        const pairs = Buffer.alloc(nodes.length * HASH_BYTES);
        expect(way?.nodes(into, pairs)).toBe(nodes.length);
        expect(pairs.toString('latin1')).toBe(nodes.join(''));
      }),
    );
  });

  test.skipIf(way === undefined)(
    'say when there is no room for all of them, and write none behind the end',
    () => {
      const memory = Buffer.alloc(3 * HASH_BYTES, 7);
      const room = memory.subarray(0, 2 * HASH_BYTES);
      expect(way?.leaves(prefix, Buffer.from('a\nb\nc\n'), room)).toBe(-1);
      expect(memory.subarray(2 * HASH_BYTES)).toEqual(Buffer.alloc(HASH_BYTES, 7));
      expect(way?.leaves(prefix, Buffer.from('a\nb\n'), room)).toBe(2);
      expect(way?.leaves(prefix, Buffer.alloc(0), room)).toBe(0);
    },
  );
});

/** As they are counted: each newline ends one, and what follows the last one is one more if there is anything. */
function linesOf(text: string): string[] {
  const lines = text.split('\n');
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}
