/**
 * Loads the optional native part (see `native/hash.c`), once per thread. Undefined where it was not built, does not fit this
 * Node, answers anything else than node:crypto does, or is switched off with `SILLOK_NATIVE=0`.
 */
import { hash } from 'node:crypto';
import { createRequire } from 'node:module';
import { HASH_BYTES } from './limits.js';

export interface NativeHash {
  /** One hash per line behind `prefix`; -1 when `into` has no room for all of them. */
  leaves(prefix: Buffer, lines: Buffer, into: Buffer): number;
  /** One hash per two hashes. */
  nodes(hashes: Buffer, into: Buffer): number;
}

const FILE = `hash-${process.platform}-${process.arch}.node`;
/** Beside the built program, and from the sources. */
const PLACES = [`./native/${FILE}`, `../dist/native/${FILE}`];

let loaded: { readonly native: NativeHash | undefined } | undefined;

export function loadNative(): NativeHash | undefined {
  loaded ??= { native: process.env['SILLOK_NATIVE'] === '0' ? undefined : tryLoad() };
  return loaded.native;
}

function tryLoad(): NativeHash | undefined {
  const require = createRequire(import.meta.url);
  for (const place of PLACES) {
    try {
      const found: unknown = require(place);
      if (isNativeHash(found) && isRight(found)) return found;
    } catch {
      // Not there, or built for another system.
    }
  }
  return undefined;
}

function isNativeHash(value: unknown): value is NativeHash {
  return typeof value === 'object' && value !== null && 'leaves' in value && 'nodes' in value;
}

/** A proof that is wrong is worse than a slow one: both functions answer what node:crypto answers, or are not used. */
function isRight(native: NativeHash): boolean {
  const line = 'x'.repeat(1000);
  const into = Buffer.alloc(2 * HASH_BYTES);
  const leaves = native.leaves(Buffer.from('p\n'), Buffer.from(`${line}\n\n`), into);
  const expected = [`\0p\n${line}`, '\0p\n'].map((text) => hash('sha256', text, 'hex')).join('');
  if (leaves !== 2 || into.toString('hex') !== expected) return false;
  const node = Buffer.alloc(HASH_BYTES);
  const pair = Buffer.concat([Buffer.from([1]), into]);
  return native.nodes(into, node) === 1 && node.toString('hex') === hash('sha256', pair, 'hex');
}
