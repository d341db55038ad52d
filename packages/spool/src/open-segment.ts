/**
 * The segment that is being written: one file, its current group, and the sums that its next integrity line needs.
 *
 * Hot path: a line is encoded into a buffer that collects the group and handed to write(2) from there, so that
 * the exact bytes are known without Buffer.byteLength and the checksum is computed once per buffer, not per line
 * (per line it costs 205 ns; encoding into the buffer instead of passing the string costs 60 ns).
 * A write that fails or is cut short leaves nothing behind: the file is cut back to the last whole line.
 */
import { crc32 } from './checksum.js';
import type { Disk } from './disk.js';
import { diskFullError, isDiskFull, writeFailedError, type SpoolError } from './errors.js';
import { writeAll } from './files.js';
import { encodeIntegrity } from './integrity.js';
import { LINE_BUFFER_BYTES } from './limits.js';

const NEWLINE = 10;
/** A UTF-16 unit takes at most three bytes of UTF-8. */
const UTF8_BYTES_PER_UNIT = 3;

export interface OpenSegmentOptions {
  readonly disk: Disk;
  readonly directory: string;
  readonly segment: number;
  readonly path: string;
}

/** What an end line needs to know, as it was at the last integrity line. */
interface Sealed {
  groups: number;
  records: number;
  chain: number;
  bytes: number;
}

export class OpenSegment {
  readonly segment: number;
  readonly path: string;
  readonly fd: number;
  /** End of the last whole line. */
  bytes = 0;
  /** Records of the group that has no integrity line yet. */
  groupRecords = 0;
  readonly #disk: Disk;
  readonly #directory: string;
  readonly #buffer = Buffer.allocUnsafeSlow(LINE_BUFFER_BYTES);
  #used = 0;
  #groupSum = 0;
  #mustCut = false;
  #sealed: Sealed = { groups: 0, records: 0, chain: 0, bytes: 0 };

  constructor(options: OpenSegmentOptions) {
    this.segment = options.segment;
    this.path = options.path;
    this.#disk = options.disk;
    this.#directory = options.directory;
    this.fd = options.disk.create(options.path);
  }

  get groupBytes(): number {
    return this.bytes - this.#sealed.bytes;
  }

  /** All records in the segment. */
  get records(): number {
    return this.#sealed.records + this.groupRecords;
  }

  /** Returns the bytes written, newline included. Throws without having written anything. */
  append(line: string, records: number): number {
    const room = line.length * UTF8_BYTES_PER_UNIT + 1;
    if (this.#used + room > LINE_BUFFER_BYTES) {
      if (room > LINE_BUFFER_BYTES) return this.appendBlock(Buffer.from(`${line}\n`), records);
      this.#fold();
    }
    const buffer = this.#buffer;
    const start = this.#used;
    const end = start + buffer.write(line, start, 'utf8') + 1;
    buffer[end - 1] = NEWLINE;
    this.#write(buffer, start, end);
    this.#used = end;
    this.bytes += end - start;
    this.groupRecords += records;
    return end - start;
  }

  /** Whole lines, in one piece. */
  appendBlock(bytes: Uint8Array, records: number): number {
    this.#write(bytes, 0, bytes.length);
    this.#fold();
    this.#groupSum = crc32(bytes, this.#groupSum);
    this.bytes += bytes.length;
    this.groupRecords += records;
    return bytes.length;
  }

  /** Proves the current group; nothing to do when it is empty. */
  writeIntegrity(): void {
    if (this.groupBytes === 0) return;
    this.#fold();
    const group = { sum: this.#groupSum, bytes: this.groupBytes, records: this.groupRecords };
    const line = Buffer.from(`${encodeIntegrity(group)}\n`);
    this.#write(line, 0, line.length);
    this.bytes += line.length;
    const { groups, records, chain } = this.#sealed;
    this.#sealed = {
      groups: groups + 1,
      records: records + group.records,
      chain: crc32(line, chain),
      bytes: this.bytes,
    };
    this.#groupSum = 0;
    this.groupRecords = 0;
  }

  /** After the last integrity line. Not counted in `bytes`, so that `undoEnd` finds the place again. */
  writeEnd(): number {
    const line = Buffer.from(`${encodeIntegrity({ sum: 0, bytes: 0, records: 0, end: this.#sealed })}\n`);
    this.#write(line, 0, line.length);
    return line.length;
  }

  undoEnd(): void {
    this.#cutBack();
  }

  #fold(): void {
    if (this.#used === 0) return;
    this.#groupSum = crc32(this.#buffer.subarray(0, this.#used), this.#groupSum);
    this.#used = 0;
  }

  #write(bytes: Uint8Array, from: number, to: number): void {
    if (this.#mustCut) this.#cutBack();
    try {
      const length = to - from;
      const written = this.#disk.write(this.fd, bytes, { offset: from, length });
      if (written !== length) this.#writeRest(bytes, from + written, to);
    } catch (error) {
      this.#mustCut = true;
      this.#tryCutBack();
      throw this.#explain(error);
    }
  }

  #writeRest(bytes: Uint8Array, from: number, to: number): void {
    writeAll(this.#disk, this.fd, bytes.subarray(from, to));
  }

  #cutBack(): void {
    try {
      this.#disk.truncate(this.fd, this.bytes);
    } catch (error) {
      throw this.#explain(error);
    }
    this.#mustCut = false;
  }

  /** When even cutting back fails, the next write does it first, and no line can follow half a line. */
  #tryCutBack(): void {
    try {
      this.#cutBack();
    } catch {
      this.#mustCut = true;
    }
  }

  #explain(error: unknown): SpoolError {
    return isDiskFull(error)
      ? diskFullError(this.#directory, error)
      : writeFailedError(this.#directory, error);
  }
}
