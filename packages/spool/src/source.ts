/**
 * The text of a segment as random-access bytes, whether it lies plain or compressed on the disk.
 * Reads go through one window, because groups are small and are looked at in order.
 */
import { openMembers } from './members.js';
import type { Disk } from './disk.js';
import { readRange } from './files.js';
import { READ_WINDOW_BYTES, ZEROS_WINDOW_BYTES } from './limits.js';

export interface ByteSource {
  readonly bytes: number;
  /** The bytes of [from, to), fewer at the end of the text. Valid for ever: a window is never overwritten. */
  read(from: number, to: number): Buffer;
  /** The bytes on the disk that hold [from, to), when they are not the text itself. */
  stored?(from: number, to: number): Buffer;
}

export interface Window {
  /** How much is read at once; at least what is asked for. */
  readonly windowBytes?: number | undefined;
}

export function openSource(disk: Disk, fd: number, file: { compressed: boolean } & Window): ByteSource {
  const raw = { bytes: disk.size(fd), read: (from: number, to: number) => readRange(disk, fd, { from, to }) };
  const source = file.compressed ? openMembers(raw) : { ...raw, bytes: endOfText(raw) };
  return withWindow(source, file.windowBytes ?? READ_WINDOW_BYTES);
}

/**
 * A writer through memory fills the file with zero bytes ahead of its lines, and a killed one leaves them. No line
 * holds a zero byte, so they are not part of the text.
 */
function endOfText(source: ByteSource): number {
  let end = source.bytes;
  while (end > 0) {
    const from = Math.max(0, end - ZEROS_WINDOW_BYTES);
    const bytes = source.read(from, end);
    let used = bytes.length;
    while (used > 0 && bytes[used - 1] === 0) used -= 1;
    if (used > 0) return from + used;
    end = from;
  }
  return 0;
}

/** A view that ends earlier, for a reader that must not pass what is synced. */
export function limitSource(source: ByteSource, bytes: number): ByteSource {
  if (bytes >= source.bytes) return source;
  return { bytes, read: (from, to) => source.read(from, Math.min(to, bytes)) };
}

function withWindow(source: ByteSource, windowBytes: number): ByteSource {
  let start = 0;
  let window: Buffer = Buffer.alloc(0);
  return {
    ...source,
    read: (from, to) => {
      const end = Math.min(to, source.bytes);
      if (end <= from) return Buffer.alloc(0);
      if (from < start || end > start + window.length) {
        start = from;
        window = source.read(from, Math.min(source.bytes, Math.max(end, from + windowBytes)));
      }
      return window.subarray(from - start, end - start);
    },
  };
}

/** Where `needle` is next found at or after `from`, or -1. */
export function indexOfBytes(source: ByteSource, needle: Buffer, from: number): number {
  let at = from;
  while (at < source.bytes) {
    const piece = source.read(at, at + READ_WINDOW_BYTES);
    const found = piece.indexOf(needle);
    if (found >= 0) return at + found;
    if (piece.length < needle.length) return -1;
    at += piece.length - needle.length + 1;
  }
  return -1;
}
