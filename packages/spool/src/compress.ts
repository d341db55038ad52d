/**
 * Compresses a sealed segment. Positions do not change: they count bytes of the text. The compressed file is
 * synced and read back before the plain one goes, so at every moment one whole form is on the disk.
 */
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import * as zlib from 'node:zlib';
import { nodeDisk, type Disk } from './disk.js';
import { segmentBusyError } from './errors.js';
import { COMPRESSED_SUFFIX, TEMPORARY_SUFFIX } from './filenames.js';
import { unlinkQuietly, withFile, writeAll } from './files.js';
import { COMPRESS_LEVEL_DEFAULT, COMPRESS_MEMBER_BYTES } from './limits.js';
import { encodeMember } from './members.js';
import { isSealed, listSegmentFiles, type DirectoryOptions } from './segments.js';
import { openSource } from './source.js';

// In the thread pool: the event loop stays free.
const deflateRaw = promisify<Buffer, zlib.ZlibOptions, Buffer>(zlib.deflateRaw);

export interface CompressOptions extends DirectoryOptions {
  readonly segment: number;
  /** gzip level, 1 to 9. */
  readonly level?: number | undefined;
}

export interface Compressed {
  readonly bytesBefore: number;
  readonly bytesAfter: number;
}

/** Undefined when the segment is not there or is compressed already; an unsealed one is refused. */
export async function compressSegment(options: CompressOptions): Promise<Compressed | undefined> {
  const disk = options.disk ?? nodeDisk;
  const file = listSegmentFiles(disk, options.directory).find((each) => each.segment === options.segment);
  if (file === undefined || file.compressed) return undefined;
  if (!isSealed(disk, file)) throw segmentBusyError(file.path);
  const target = file.path + COMPRESSED_SUFFIX;
  const temporary = target + TEMPORARY_SUFFIX;
  unlinkQuietly(disk, temporary);
  try {
    await writeCompressed({
      disk,
      from: file.path,
      to: temporary,
      level: options.level ?? COMPRESS_LEVEL_DEFAULT,
    });
    assertSameText(disk, file.path, temporary);
  } catch (error) {
    unlinkQuietly(disk, temporary);
    throw error;
  }
  disk.rename(temporary, target);
  await disk.syncDirectory(dirname(target));
  disk.unlink(file.path);
  return { bytesBefore: file.bytes, bytesAfter: disk.stat(target)?.bytes ?? 0 };
}

async function writeCompressed(work: { disk: Disk; from: string; to: string; level: number }): Promise<void> {
  const { disk, level } = work;
  const input = disk.openRead(work.from);
  const output = disk.create(work.to);
  try {
    const source = openSource(disk, input, { compressed: false });
    for (let at = 0; at < source.bytes; at += COMPRESS_MEMBER_BYTES) {
      const text = source.read(at, at + COMPRESS_MEMBER_BYTES);
      writeAll(disk, output, encodeMember(text, await deflateRaw(text, { level }), at));
    }
    await disk.datasync(output);
  } finally {
    disk.close(input);
    disk.close(output);
  }
}

/** A member that does not read back (bad memory, a bad disk) must not replace good text. */
function assertSameText(disk: Disk, plain: string, compressed: string): void {
  withFile(disk, disk.openRead(plain), (plainFd) =>
    withFile(disk, disk.openRead(compressed), (compressedFd) => {
      const before = openSource(disk, plainFd, { compressed: false });
      const after = openSource(disk, compressedFd, { compressed: true });
      for (let at = 0; at < before.bytes; at += COMPRESS_MEMBER_BYTES) {
        const end = at + COMPRESS_MEMBER_BYTES;
        if (before.read(at, end).equals(after.read(at, end))) continue;
        throw new Error(`${compressed} does not read back as ${plain}`);
      }
    }),
  );
}
