/**
 * Loads the optional native part (see `native/mapped.c`), once. Undefined where it was not built, does not fit the system,
 * or is switched off with `SILLOK_NATIVE=0`; everything works without it.
 */
import { statfsSync } from 'node:fs';
import { createRequire } from 'node:module';

export interface NativeMap {
  /**
   * An ArrayBuffer over the first bytes of a file, or the negated errno. A 32-bit number at `flag` in it becomes 1 once it is
   * not the file any more; -1 for none.
   */
  map(fd: number, bytes: number, flag: number): ArrayBuffer | number;
  /** Empties the buffer and ends the mapping. */
  unmap(memory: ArrayBuffer): number;
}

const FILE = `mapped-${process.platform}-${process.arch}.node`;
/** Beside the built program, and from the sources. */
const PLACES = [`./native/${FILE}`, `../dist/native/${FILE}`];

/** ext2 to 4, XFS, Btrfs, F2FS, tmpfs and overlay, as statfs(2) numbers them. */
const LOCAL_FILE_SYSTEMS: ReadonlySet<number> = new Set([
  0xef53, 0x58465342, 0x9123683e, 0xf2f52010, 0x01021994, 0x794c7630,
]);

let loaded: { readonly native: NativeMap | undefined } | undefined;

/**
 * For files in that folder. Undefined also where the folder is not on a local file system of the well-known ones: an error of
 * the network under a mapped file would be a signal (SIGBUS) that kills the host.
 */
export function loadNativeFor(directory: string): NativeMap | undefined {
  const native = loadNative();
  if (native === undefined) return undefined;
  try {
    return LOCAL_FILE_SYSTEMS.has(statfsSync(directory).type) ? native : undefined;
  } catch {
    return undefined;
  }
}

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
