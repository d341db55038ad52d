/**
 * Messages out of a TCP stream, RFC 6587: octet counting (`123 <34>…`) and lines, told apart message by message.
 *
 * Holds at most one message. A line that grows too long is kept up to the limit with a note of its size; a count that
 * is too large cannot be trusted, and neither can anything after it.
 */
import { SYSLOG_COUNT_DIGITS_MAX, SYSLOG_FRAME_BYTES_MAX } from './limits.js';

export interface Frame {
  readonly text: string;
  /** Bytes that came after the limit and are not in `text`. */
  readonly cutBytes: number;
}

export interface FrameReader {
  /** Whole messages so far. `broken`: the stream cannot be followed any more. */
  push(chunk: Buffer): { readonly frames: readonly Frame[]; readonly broken: boolean };
  /** What stands without an end when the connection is closed: most senders leave the last LF out. */
  end(): readonly Frame[];
}

const LF = 0x0a;

export function createFrameReader(): FrameReader {
  let held: Buffer = Buffer.alloc(0);
  /** Bytes of an over-long line that were thrown away, while its end is awaited. */
  let cutBytes = 0;
  let head: Buffer | undefined;

  function takeLine(): Frame | undefined {
    const end = held.indexOf(LF);
    if (end < 0) {
      if (held.length > SYSLOG_FRAME_BYTES_MAX) cutLine();
      return undefined;
    }
    const line = held.subarray(0, end);
    held = held.subarray(end + 1);
    return finishLine(line);
  }

  function cutLine(): void {
    const keep = head === undefined ? SYSLOG_FRAME_BYTES_MAX : 0;
    head ??= Buffer.from(held.subarray(0, keep));
    cutBytes += held.length - keep;
    held = Buffer.alloc(0);
  }

  function finishLine(line: Buffer): Frame {
    const over = head === undefined ? Math.max(0, line.length - SYSLOG_FRAME_BYTES_MAX) : line.length;
    const frame = {
      text: textOf(head ?? line.subarray(0, SYSLOG_FRAME_BYTES_MAX)),
      cutBytes: cutBytes + over,
    };
    head = undefined;
    cutBytes = 0;
    return frame;
  }

  /** `wait`: the count or its message has not arrived whole. */
  function takeCounted(): Frame | 'wait' | 'broken' {
    const space = held.subarray(0, SYSLOG_COUNT_DIGITS_MAX + 1).indexOf(0x20);
    if (space < 0) return held.length > SYSLOG_COUNT_DIGITS_MAX ? 'broken' : 'wait';
    const digits = held.toString('latin1', 0, space);
    const count = /^\d+$/.test(digits) ? Number(digits) : Number.NaN;
    if (!(count <= SYSLOG_FRAME_BYTES_MAX)) return 'broken';
    if (held.length < space + 1 + count) return 'wait';
    const message = held.subarray(space + 1, space + 1 + count);
    held = held.subarray(space + 1 + count);
    return { text: textOf(message), cutBytes: 0 };
  }

  function push(chunk: Buffer): { frames: Frame[]; broken: boolean } {
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    const frames: Frame[] = [];
    while (held.length > 0) {
      const counted = head === undefined && isDigit(held[0]);
      const frame = counted ? takeCounted() : takeLine();
      if (frame === 'broken') return { frames, broken: true };
      if (frame === 'wait' || frame === undefined) break;
      if (frame.text !== '') frames.push(frame);
    }
    return { frames, broken: false };
  }

  function end(): readonly Frame[] {
    const rest = held;
    held = Buffer.alloc(0);
    return rest.length === 0 && head === undefined ? [] : [finishLine(rest)];
  }

  return { push, end };
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x31 && byte <= 0x39;
}

/** Trailing CR, LF and NUL are ends of messages in one dialect or another. */
function textOf(bytes: Buffer): string {
  return bytes.toString('utf8').replace(/[\r\n\0]+$/, '');
}
