/** A disk for the spool that can map its stage; everything else is node:fs. */
import { closeSync, constants, openSync, unlinkSync, writeSync } from 'node:fs';
import { STAGE_FLAG_OFFSET, nodeDisk, type Disk, type MappedMemory } from '@sillok/spool';
import type { NativeMap } from './native.js';

const CREATE = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL;
const FILE_MODE = 0o640;

export function createMappedDisk(native: NativeMap): Disk {
  return { ...nodeDisk, map: (path, bytes) => tryMap(native, path, bytes) };
}

function tryMap(native: NativeMap, path: string, bytes: number): MappedMemory | undefined {
  let fd: number | undefined;
  try {
    fd = openSync(path, CREATE, FILE_MODE);
    fill(fd, bytes);
    const memory = native.map(fd, bytes, STAGE_FLAG_OFFSET);
    if (typeof memory !== 'number') return { bytes: memory, close: () => void native.unmap(memory) };
    unlinkSync(path);
  } catch {
    // No room, or no right to: the spool writes each record with a system call, and meets the same error there.
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
  return undefined;
}

/** By an ordinary write, so that a full disk is an error of it and not of a store into memory later. */
function fill(fd: number, bytes: number): void {
  const zeros = Buffer.alloc(bytes);
  let filled = 0;
  while (filled < bytes) filled += writeSync(fd, zeros, filled, bytes - filled, filled);
}
