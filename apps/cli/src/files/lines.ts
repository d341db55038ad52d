/**
 * Bytes of a file → its lines, with the place of each. The place is what names a record (see identity.ts), so it counts
 * bytes of the content, whatever the file was compressed with.
 */
import { LINE_BYTES_MAX } from '../limits.js';

export interface FileLine {
  readonly text: string;
  /** Byte offsets in the content: of its first byte, and behind its line end. */
  readonly start: number;
  readonly end: number;
  /** From 1. */
  readonly number: number;
  /** Bytes that were left out because the line is longer than LINE_BYTES_MAX. */
  readonly cutBytes: number;
  /** False for the last line of a file that does not end in a line end. */
  readonly ended: boolean;
}

export interface LineSplitter {
  push(chunk: Buffer): FileLine[];
  /** The line without an end, if there is one; the splitter can be used no further. */
  rest(): FileLine | undefined;
  /** Offset of the first byte that belongs to no line yet. */
  readonly offset: number;
  /** Number of the line that begins there. */
  readonly nextNumber: number;
}

const LF = 0x0a;
const CR = 0x0d;

export function createLineSplitter(from: { readonly offset: number; readonly number: number }): LineSplitter {
  let offset = from.offset;
  let number = from.number;
  /** Pieces of the unfinished line, at most LINE_BYTES_MAX of it. */
  let held: Buffer[] = [];
  let heldBytes = 0;
  let cutBytes = 0;

  function hold(piece: Buffer): void {
    const room = LINE_BYTES_MAX - heldBytes;
    const kept = piece.subarray(0, Math.max(0, room));
    if (kept.length > 0) held.push(kept);
    heldBytes += kept.length;
    cutBytes += piece.length - kept.length;
  }

  function finish(ended: boolean): FileLine {
    const bytes = held.length === 1 && held[0] ? held[0] : Buffer.concat(held, heldBytes);
    const withoutReturn = bytes[bytes.length - 1] === CR ? bytes.subarray(0, -1) : bytes;
    const end = offset + heldBytes + cutBytes + (ended ? 1 : 0);
    const line = { text: withoutReturn.toString('utf8'), start: offset, end, number, cutBytes, ended };
    offset = end;
    number += 1;
    held = [];
    heldBytes = 0;
    cutBytes = 0;
    return line;
  }

  return {
    push(chunk) {
      const lines: FileLine[] = [];
      let start = 0;
      for (let found = chunk.indexOf(LF); found >= 0; found = chunk.indexOf(LF, start)) {
        hold(chunk.subarray(start, found));
        lines.push(finish(true));
        start = found + 1;
      }
      if (start < chunk.length) hold(Buffer.from(chunk.subarray(start)));
      return lines;
    },
    rest: () => (heldBytes + cutBytes > 0 ? finish(false) : undefined),
    get offset() {
      return offset;
    },
    get nextNumber() {
      return number;
    },
  };
}
