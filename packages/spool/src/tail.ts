/**
 * Proves the lines after the last integrity line. A killed process leaves whole lines there and at most one torn
 * one; a power cut may leave anything. A line is kept while everything up to it reads as a record and, where there
 * is one writer, its seq rises (it may jump: a full disk costs numbers, and a `dropped` record names them). A batch of the server's queue is kept whole or not at all: it was not
 * acknowledged, and its header says how many lines it has.
 */
import { isUtf8 } from 'node:buffer';
import { HEADER_START } from './integrity.js';
import { countRecords, isHeader } from './scan.js';

const NEWLINE = 10;

export interface Tail {
  /** Bytes from the start that are proven. */
  readonly bytes: number;
  readonly records: number;
  /** Why the rest is not. */
  readonly reason: 'torn' | 'batch-cut' | 'unproven';
}

interface TailState {
  /** The highest seq so far; undefined before the first, and where lines of several producers mix. */
  seq: number | undefined;
  batches: boolean;
  batchStart: number;
  /** Lines that the current batch still owes. */
  missing: number;
}

/** `before`: the lines of the group in front of the tail, if there is one. */
export function proveTail(bytes: Buffer, before: Buffer | undefined): Tail {
  const state: TailState = { seq: lastSeq(before), batches: false, batchStart: 0, missing: 0 };
  let start = 0;
  let reason: Tail['reason'] = 'torn';
  while (start < bytes.length) {
    const newline = bytes.indexOf(NEWLINE, start);
    if (newline < 0) break;
    if (!proveLine(bytes.subarray(start, newline), start, state)) {
      reason = 'unproven';
      break;
    }
    start = newline + 1;
  }
  if (state.missing > 0) {
    start = state.batchStart;
    reason = 'batch-cut';
  }
  return { bytes: start, records: countRecords(bytes.subarray(0, start)), reason };
}

function proveLine(line: Buffer, start: number, state: TailState): boolean {
  const parsed = parseObject(line);
  if (parsed === undefined) return false;
  if (line.toString('latin1', 0, HEADER_START.length) === HEADER_START)
    return proveHeader(parsed, start, state);
  if (state.batches) {
    if (state.missing === 0) return false;
    state.missing -= 1;
    return true;
  }
  return proveSeq(parsed['seq'], state);
}

function proveHeader(header: { [key: string]: unknown }, start: number, state: TailState): boolean {
  // A batch that is still owed lines cannot be followed by another: cut back to its start.
  if (state.missing > 0) return false;
  const count = header['count'];
  if (typeof count !== 'number') return true;
  state.batches = true;
  state.batchStart = start;
  state.missing = count;
  return true;
}

function proveSeq(seq: unknown, state: TailState): boolean {
  if (typeof seq !== 'number') return false;
  if (state.seq !== undefined && seq <= state.seq) return false;
  state.seq = seq;
  return true;
}

function parseObject(line: Buffer): { [key: string]: unknown } | undefined {
  if (line[0] !== 0x7b || !isUtf8(line)) return undefined;
  try {
    const value: unknown = JSON.parse(line.toString('utf8'));
    // It begins with a brace and parsed, so it is an object.
    return value as { [key: string]: unknown };
  } catch {
    return undefined;
  }
}

/** Of the last line, if it is a record. */
export function lastSeq(lines: Buffer | undefined): number | undefined {
  if (lines === undefined || lines.length === 0) return undefined;
  const start = lines.lastIndexOf(NEWLINE, lines.length - 2) + 1;
  return isHeader(lines, start) ? undefined : seqOf(lines.subarray(start, lines.length - 1));
}

/** Of the first record line, which may follow a header line. */
export function firstSeq(lines: Buffer): number | undefined {
  const start = isHeader(lines, 0) ? lines.indexOf(NEWLINE) + 1 : 0;
  const end = lines.indexOf(NEWLINE, start);
  return end < 0 ? undefined : seqOf(lines.subarray(start, end));
}

function seqOf(line: Buffer): number | undefined {
  const seq = parseObject(line)?.['seq'];
  return typeof seq === 'number' ? seq : undefined;
}
