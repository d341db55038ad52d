/**
 * Loads the optional native part (see `native/mapped.c`), once. Undefined where it was not built, does not fit the system,
 * or is switched off with `SILLOK_NATIVE=0`; everything works without it.
 */
import { createRequire } from 'node:module';

export interface NativeMap {
  /** An ArrayBuffer over the first bytes of a file, or the negated errno. */
  map(fd: number, bytes: number): ArrayBuffer | number;
  /** Empties the buffer and ends the mapping. */
  unmap(memory: ArrayBuffer): number;
}

const FILE = `mapped-${process.platform}-${process.arch}.node`;
/** Beside the built program, and from the sources. */
const PLACES = [`./native/${FILE}`, `../dist/native/${FILE}`];

let loaded: { readonly native: NativeMap | undefined } | undefined;

export function loadNative(): NativeMap | undefined {
  loaded ??= { native: process.env['SILLOK_NATIVE'] === '0' ? undefined : tryLoad() };
  return loaded.native;
}

function tryLoad(): NativeMap | undefined {
  const require = createRequire(import.meta.url);
  for (const place of PLACES) {
    try {
      const found: unknown = require(place);
      if (isNativeMap(found)) return found;
    } catch {
      // Not there, or built for another system.
    }
  }
  return undefined;
}

function isNativeMap(value: unknown): value is NativeMap {
  return typeof value === 'object' && value !== null && 'map' in value && 'unmap' in value;
}
