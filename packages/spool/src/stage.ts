/**
 * The stage: a small file, mapped into memory, in which lines wait to be written to their segment together. A line that is
 * in it survives the end of the process as if write(2) had been called for it, and costs a twentieth of that; the segment
 * itself stays a plain file of whole lines that anybody may read or follow.
 *
 *   bytes 0 to 63     magic, how much is in use, whether the memory still is the file, segment, offset in that segment
 *   bytes 64 …        lines, as they will stand in the segment from that offset on
 *
 * Order of the stores makes it safe against a kill at any point: first the bytes of a line, then how much is in use; and
 * after the stretch was written to the segment first "nothing in use", then where the next one belongs. What the segment
 * holds already is known by its length. A power cut may leave anything here; recovery puts it behind the segment's end and
 * proves it there, line by line, as it does with every tail (`unstage.ts`).
 */
import type { Disk, MappedMemory } from './disk.js';
import { STAGE_BYTES, STAGE_HEADER_BYTES } from './limits.js';

/** Where the disk notes that the memory is not the file any more. */
export const STAGE_FLAG_OFFSET = 8;
/** "SLST", and the form of this file. */
const MAGIC = 0x534c5431;

/** Indexes of 32-bit numbers. */
const MAGIC_AT = 0;
const USED_AT = 1;
const FLAG_AT = STAGE_FLAG_OFFSET / 4;
/** Indexes of doubles. */
const SEGMENT_AT = 2;
const OFFSET_AT = 3;

export class Stage {
  readonly memory: Buffer;
  readonly #mapped: MappedMemory;
  readonly #words: Int32Array;
  readonly #places: Float64Array;

  private constructor(mapped: MappedMemory) {
    this.#mapped = mapped;
    this.memory = Buffer.from(mapped.bytes);
    this.#words = new Int32Array(mapped.bytes, 0, STAGE_HEADER_BYTES / 4);
    this.#places = new Float64Array(mapped.bytes, 0, STAGE_HEADER_BYTES / 8);
    this.#words[MAGIC_AT] = MAGIC;
  }

  /** Undefined where the disk cannot map, or a dead writer's stage could not be emptied yet. */
  static tryOpen(disk: Disk, path: string): Stage | undefined {
    if (disk.map === undefined || disk.stat(path) !== undefined) return undefined;
    const mapped = disk.map(path, STAGE_BYTES);
    return mapped === undefined ? undefined : new Stage(mapped);
  }

  /** The memory is no longer the file: what is stored in it from now on dies with the process. */
  get isBroken(): boolean {
    return this.#words[FLAG_AT] !== 0;
  }

  /** Nothing is in use, and what comes next belongs to that place. */
  begin(segment: number, offset: number): void {
    Atomics.store(this.#words, USED_AT, 0);
    this.#places[SEGMENT_AT] = segment;
    this.#places[OFFSET_AT] = offset;
  }

  /** The lines up to `end`, an offset in the memory, are whole. */
  commit(end: number): void {
    // Atomic, so that no compiler moves it before the stores of the bytes.
    Atomics.store(this.#words, USED_AT, end - STAGE_HEADER_BYTES);
  }

  get isEmpty(): boolean {
    return this.#words[USED_AT] === 0;
  }

  close(): void {
    this.#mapped.close();
  }
}

export interface Staged {
  readonly segment: number;
  readonly offset: number;
  readonly lines: Buffer;
}

/** What a dead writer left. Undefined when there is nothing in it, or it is not readable as a stage. */
export function readStage(bytes: Buffer): Staged | undefined {
  if (bytes.length < STAGE_HEADER_BYTES) return undefined;
  const header = Uint8Array.from(bytes.subarray(0, STAGE_HEADER_BYTES)).buffer;
  const words = new Int32Array(header);
  const places = new Float64Array(header);
  if (words[MAGIC_AT] !== MAGIC) return undefined;
  const [used = 0, segment = 0, offset = 0] = [words[USED_AT], places[SEGMENT_AT], places[OFFSET_AT]];
  const isSane = [segment, offset].every((value) => Number.isSafeInteger(value) && value >= 0);
  if (used <= 0 || used > bytes.length - STAGE_HEADER_BYTES || !isSane) return undefined;
  return { segment, offset, lines: bytes.subarray(STAGE_HEADER_BYTES, STAGE_HEADER_BYTES + used) };
}
