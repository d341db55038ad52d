/** A disk for the spool whose new segments are written through memory; everything else is node:fs. */
import { closeSync, constants, openSync } from 'node:fs';
import { nodeDisk, type Disk } from '@sillok/spool';
import { MAPPED_SLACK_BYTES } from './limits.js';
import { MappedFile } from './mapped-file.js';
import type { NativeMap } from './native.js';

const CREATE = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL;
const FILE_MODE = 0o640;

export function createMappedDisk(native: NativeMap, segmentBytesMax: number): Disk {
  const files = new Map<number, MappedFile>();
  return {
    ...nodeDisk,
    create: (path) => {
      const fd = openSync(path, CREATE, FILE_MODE);
      const file = MappedFile.tryOpen(native, fd, segmentBytesMax + MAPPED_SLACK_BYTES);
      if (file !== undefined) {
        files.set(fd, file);
        return fd;
      }
      closeSync(fd);
      return nodeDisk.openAppend(path);
    },
    write: (fd, bytes, range) => {
      const file = files.get(fd);
      if (file === undefined) return nodeDisk.write(fd, bytes, range);
      file.append(bytes, range);
      return range.length;
    },
    size: (fd) => files.get(fd)?.end ?? nodeDisk.size(fd),
    truncate: (fd, bytes) => {
      const file = files.get(fd);
      if (file === undefined) nodeDisk.truncate(fd, bytes);
      else file.cut(bytes);
    },
    datasync: async (fd) => {
      files.get(fd)?.trim();
      await nodeDisk.datasync(fd);
    },
    datasyncNow: (fd) => {
      files.get(fd)?.trim();
      nodeDisk.datasyncNow(fd);
    },
    close: (fd) => {
      const file = files.get(fd);
      files.delete(fd);
      try {
        file?.trim();
      } finally {
        file?.unmap();
        nodeDisk.close(fd);
      }
    },
  };
}
