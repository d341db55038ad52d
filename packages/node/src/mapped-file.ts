/**
 * One file, written through memory: a store into the page cache instead of a system call. It survives the end of the
 * process as what write(2) wrote does, and a power cut after the same fsync.
 *
 * Memory is touched only where the file has been filled with zeros before, by an ordinary write: so a full disk is an
 * error of that write and not a signal that kills the process. What is filled and not yet used is cut off again by
 * `trim`, so a file that rests ends with its last line.
 */
import { ftruncateSync, writeSync } from 'node:fs';
import { MAPPED_FILL_BYTES } from './limits.js';
import type { NativeMap } from './native.js';

/** If the memory should cease to be the file, the names of open requests are lost, and nothing else. */
const NO_FLAG = -1;
const ZEROS = Buffer.alloc(MAPPED_FILL_BYTES);

export class MappedFile {
  readonly fd: number;
  readonly #native: NativeMap;
  readonly #memory: ArrayBuffer;
  /** Empty once the mapping has ended. */
  #view: Buffer;
  /** End of what was written. */
  #end = 0;
  /** End of the file: everything before it may be touched. */
  #filled = 0;

  private constructor(fd: number, native: NativeMap, memory: ArrayBuffer) {
    this.fd = fd;
    this.#native = native;
    this.#memory = memory;
    this.#view = Buffer.from(memory);
  }

  /** Of an empty file, open for reading and writing. Undefined when it cannot be mapped. */
  static tryOpen(native: NativeMap, fd: number, bytesMax: number): MappedFile | undefined {
    const memory = native.map(fd, bytesMax, NO_FLAG);
    return typeof memory === 'number' ? undefined : new MappedFile(fd, native, memory);
  }

  get end(): number {
    return this.#end;
  }

  /** Writes behind what is there. Throws what the disk said, with nothing written. */
  append(bytes: Uint8Array, range: { readonly offset: number; readonly length: number }): void {
    const { offset, length } = range;
    const end = this.#end + length;
    if (end > this.#filled && !this.#fill(end)) {
      this.#appendByCall(bytes, offset, offset + length);
      return;
    }
    Buffer.prototype.copy.call(bytes, this.#view, this.#end, offset, offset + length);
    this.#end = end;
  }

  /** The memory up to `end`, filled with zeros where nothing was written. Throws what the disk said. */
  use(end: number): Buffer {
    if (end > this.#filled) this.#fill(end);
    this.#end = Math.max(this.#end, end);
    return this.#view;
  }

  cut(bytes: number): void {
    ftruncateSync(this.fd, bytes);
    this.#end = bytes;
    this.#filled = bytes;
  }

  trim(): void {
    if (this.#filled > this.#end) this.cut(this.#end);
  }

  unmap(): void {
    if (this.#view.length === 0) return;
    this.#view = Buffer.alloc(0);
    this.#native.unmap(this.#memory);
  }

  /** False when the mapping ends before `end`. */
  #fill(end: number): boolean {
    if (end > this.#view.length) return false;
    while (this.#filled < end) {
      const length = Math.min(ZEROS.length, this.#view.length - this.#filled);
      this.#filled += writeSync(this.fd, ZEROS, 0, length, this.#filled);
    }
    return true;
  }

  /** A line beyond the end of the mapping: this file goes on without it. */
  #appendByCall(bytes: Uint8Array, from: number, to: number): void {
    this.trim();
    this.unmap();
    let at = from;
    while (at < to) {
      at += writeSync(this.fd, bytes, at, to - at, this.#end + at - from);
    }
    this.#end += to - from;
    this.#filled = this.#end;
  }
}
