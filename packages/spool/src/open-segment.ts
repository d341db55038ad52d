/**
 * The segment that is being written: one file, its current group, and the sums that its next integrity line needs.
 *
 * Hot path: a line is encoded into a buffer that collects the group, so that the exact bytes are known without
 * Buffer.byteLength and the checksum is computed once per buffer, not per line (per line it costs 205 ns). With a stage
 * (`stage.ts`) that buffer is memory that survives the process, and goes to the file when it is full or the group is
 * proven: 0.1 us a line. Without one each line is handed to write(2) from the buffer at once: 1.3 us.
 * A write that fails or is cut short leaves nothing behind: the file is cut back to the last whole line in it.
 */
import { crc32 } from './checksum.js';
import type { Disk } from './disk.js';
import { diskFullError, isDiskFull, writeFailedError, type SpoolError } from './errors.js';
import { readRange, writeAll } from './files.js';
import { encodeIntegrity } from './integrity.js';
import { INTEGRITY_LINE_BYTES_MAX, LINE_BUFFER_BYTES, STAGE_HEADER_BYTES } from './limits.js';
import { countRecords } from './scan.js';
import type { Stage } from './stage.js';

const NEWLINE = 10;
/** A UTF-16 unit takes at most three bytes of UTF-8. */
const UTF8_BYTES_PER_UNIT = 3;

export interface OpenSegmentOptions {
  readonly disk: Disk;
  readonly directory: string;
  readonly segment: number;
  readonly path: string;
  /** Empty, and of this segment alone until the next one begins. */
  readonly stage: Stage | undefined;
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
  #fd: number;
  /** End of the last whole line. */
  bytes = 0;
  /** Records of the group that has no integrity line yet. */
  groupRecords = 0;
  readonly #disk: Disk;
  readonly #directory: string;
  #stage: Stage | undefined;
  #buffer: Buffer;
  /** Where the buffer's lines begin, and where they end. */
  #base: number;
  #used: number;
  /** Records among them. */
  #stagedRecords = 0;
  #groupSum = 0;
  #mustCut = false;
  #sealed: Sealed = { groups: 0, records: 0, chain: 0, bytes: 0 };

  constructor(options: OpenSegmentOptions) {
    this.segment = options.segment;
    this.path = options.path;
    this.#disk = options.disk;
    this.#directory = options.directory;
    this.#fd = options.disk.create(options.path);
    this.#stage = options.stage;
    this.#buffer = options.stage?.memory ?? Buffer.allocUnsafeSlow(LINE_BUFFER_BYTES);
    this.#base = options.stage === undefined ? 0 : STAGE_HEADER_BYTES;
    this.#used = this.#base;
    options.stage?.begin(options.segment, 0);
  }

  get fd(): number {
    return this.#fd;
  }

  get groupBytes(): number {
    return this.bytes - this.#sealed.bytes;
  }

  /** All records in the segment. */
  get records(): number {
    return this.#sealed.records + this.groupRecords;
  }

  /** Returns the bytes added, newline included. Throws without having added anything. */
  append(line: string, records: number): number {
    const room = line.length * UTF8_BYTES_PER_UNIT + 1;
    if (this.#used + room > this.#buffer.length) {
      if (this.#base + room > this.#buffer.length) return this.appendBlock(Buffer.from(`${line}\n`), records);
      this.#empty();
    }
    // Half a line at the end of the file would be taken for the beginning of what is in the stage.
    if (this.#mustCut) this.#cutBack();
    const buffer = this.#buffer;
    const start = this.#used;
    const end = start + buffer.write(line, start, 'utf8') + 1;
    buffer[end - 1] = NEWLINE;
    if (this.#stage === undefined) this.#write(buffer, start, end);
    else this.#stage.commit(end);
    this.#used = end;
    this.bytes += end - start;
    this.groupRecords += records;
    this.#stagedRecords += records;
    if (this.#stage?.isBroken === true) this.#rescue(start, records);
    return end - start;
  }

  /** Whole lines, in one piece. */
  appendBlock(bytes: Uint8Array, records: number): number {
    this.#empty();
    this.#write(bytes, 0, bytes.length);
    this.#groupSum = crc32(bytes, this.#groupSum);
    this.bytes += bytes.length;
    this.#stage?.begin(this.segment, this.bytes);
    this.groupRecords += records;
    return bytes.length;
  }

  /** Afterwards all lines are in the file itself. Throws, with all of them still in the stage, when the disk is full. */
  flush(): void {
    const stage = this.#stage;
    if (stage === undefined || this.#used === this.#base) return;
    let lines = this.#buffer.subarray(this.#base, this.#used);
    // Reads every byte, and so finds out whether the memory is still the file.
    let sum = crc32(lines, this.#groupSum);
    if (stage.isBroken) {
      lines = this.#salvage(lines);
      sum = crc32(lines, this.#groupSum);
    }
    this.#write(lines, 0, lines.length);
    this.#groupSum = sum;
    this.#used = this.#base;
    this.#stagedRecords = 0;
    if (stage.isBroken) this.#goOnWithoutStage();
    else stage.begin(this.segment, this.bytes);
  }

  /** Proves the current group; nothing to do when it is empty. */
  writeIntegrity(): void {
    if (this.groupBytes === 0 || this.#tryProveAtOnce()) return;
    this.#empty();
    const line = Buffer.from(this.#integrityText(this.#groupSum));
    this.#write(line, 0, line.length);
    this.#stage?.begin(this.segment, this.bytes + line.length);
    this.#endGroup(line);
  }

  /**
   * Lines from the stage and their integrity line with one write: half the system calls of a small group. False where that
   * cannot be, with nothing done; a disk without room for both may have it for the lines.
   */
  #tryProveAtOnce(): boolean {
    const [stage, buffer, end] = [this.#stage, this.#buffer, this.#used];
    const isRoom = end + INTEGRITY_LINE_BYTES_MAX <= buffer.length;
    if (stage === undefined || end === this.#base || !isRoom) return false;
    // Reads every byte, and so finds out whether the memory is still the file.
    const sum = crc32(buffer.subarray(this.#base, end), this.#groupSum);
    if (stage.isBroken) return false;
    const line = buffer.subarray(end, end + buffer.write(this.#integrityText(sum), end, 'latin1'));
    try {
      this.#write(buffer, this.#base, end + line.length);
    } catch (error) {
      if (isDiskFull(error)) return false;
      throw error;
    }
    this.#used = this.#base;
    this.#stagedRecords = 0;
    this.#endGroup(line);
    if (stage.isBroken) this.#goOnWithoutStage();
    else stage.begin(this.segment, this.bytes);
    return true;
  }

  #integrityText(sum: number): string {
    return `${encodeIntegrity({ sum, bytes: this.groupBytes, records: this.groupRecords })}\n`;
  }

  #endGroup(line: Uint8Array): void {
    this.bytes += line.length;
    const { groups, records, chain } = this.#sealed;
    this.#sealed = {
      groups: groups + 1,
      records: records + this.groupRecords,
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
    this.#stage?.begin(this.segment, this.bytes);
    this.#cutBack();
  }

  /**
   * Its file lost its name: all of it is written again under that name, and is on the disk when this returns. The descriptor
   * of the nameless one is returned. The stage lost its name, too, so lines are written one by one from now on.
   */
  restore(): number {
    this.flush();
    if (this.#stage !== undefined) this.#goOnWithoutStage();
    const nameless = this.#fd;
    const fd = this.#disk.create(this.path);
    try {
      writeAll(this.#disk, fd, readRange(this.#disk, nameless, { from: 0, to: this.#disk.size(nameless) }));
      this.#disk.datasyncNow(fd);
    } catch (error) {
      this.#disk.close(fd);
      throw this.#explain(error);
    }
    this.#fd = fd;
    return nameless;
  }

  /** Of the lines that stand in the file itself. */
  get #fileBytes(): number {
    return this.#stage === undefined ? this.bytes : this.bytes - (this.#used - this.#base);
  }

  /** Makes the buffer empty: its lines are in the file, and counted in the sum. */
  #empty(): void {
    if (this.#stage !== undefined) return this.flush();
    this.#groupSum = crc32(this.#buffer.subarray(0, this.#used), this.#groupSum);
    this.#used = 0;
    this.#stagedRecords = 0;
  }

  /** The line from `start` on is in memory that dies with the process: in the file with it, or it was not taken. */
  #rescue(start: number, records: number): void {
    const length = this.#used - start;
    try {
      this.flush();
    } catch (error) {
      this.#used = start;
      this.bytes -= length;
      this.groupRecords -= records;
      this.#stagedRecords -= records;
      throw error;
    }
  }

  /**
   * Somebody cut the stage's file, or its disk failed. What cannot be read any more is zeros, which no line holds: the lines
   * before and after them are kept. The others leave a gap in the numbers, which every reader is told of.
   */
  #salvage(lines: Buffer): Buffer {
    const zero = lines.indexOf(0);
    if (zero < 0) return lines;
    const before = lines.subarray(0, zero === 0 ? 0 : lines.lastIndexOf(NEWLINE, zero) + 1);
    const after = lines.subarray(lines.lastIndexOf(0) + 1);
    const kept = Buffer.concat([before, after]);
    this.bytes -= lines.length - kept.length;
    this.#used = this.#base + kept.length;
    this.groupRecords -= this.#stagedRecords - countRecords(kept);
    this.#stagedRecords = countRecords(kept);
    kept.copy(this.#buffer, this.#base);
    return kept;
  }

  #goOnWithoutStage(): void {
    this.#stage = undefined;
    this.#buffer = Buffer.allocUnsafeSlow(LINE_BUFFER_BYTES);
    this.#base = 0;
    this.#used = 0;
  }

  #write(bytes: Uint8Array, from: number, to: number): void {
    if (this.#mustCut) this.#cutBack();
    try {
      const length = to - from;
      const written = this.#disk.write(this.#fd, bytes, { offset: from, length });
      if (written !== length) this.#writeRest(bytes, from + written, to);
    } catch (error) {
      this.#mustCut = true;
      this.#tryCutBack();
      throw this.#explain(error);
    }
  }

  #writeRest(bytes: Uint8Array, from: number, to: number): void {
    writeAll(this.#disk, this.#fd, bytes.subarray(from, to));
  }

  #cutBack(): void {
    try {
      this.#disk.truncate(this.#fd, this.#fileBytes);
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
