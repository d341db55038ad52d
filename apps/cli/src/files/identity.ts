/**
 * Names for the records of a file that has none, such that pouring it again, under another name after a rotation, from
 * another folder or with lines added, gives every record the same name again.
 *
 * The producer is the file's name without what rotation adds to it. The boot comes from the head of the content,
 * `seq` counts records. A hash of the head must not change when the file grows, so there is a ladder: a record that
 * begins behind the first 128 bytes is named by the hash of these, one behind 256 bytes by the hash of those, and so on
 * up to 4 KiB; whoever has the record has the bytes before it. Records in front of all rungs are named by the first line.
 *
 * Two files of one name that begin alike (no times in the lines) share the rungs up to where they differ. What begins
 * between that place and the next rung meets the other file's records; the server says `identity_conflict` then, and the
 * record can be given a name made of its own text: see `conflictBoot`.
 */
import { createHash } from 'node:crypto';
import { HEAD_RUNGS_BYTES } from '../limits.js';

/** 0: named by the first line. Otherwise by as many bytes as HEAD_RUNGS_BYTES says at `rung - 1`. */
export function rungOf(start: number): number {
  return HEAD_RUNGS_BYTES.filter((bytes) => start >= bytes).length;
}

/** The boot of a record that begins at `start`; `head` is the content's first HEAD_BYTES, or all of it. */
export function bootOf(head: Buffer, start: number): string {
  const rung = rungOf(start);
  // The rung stands in front, so that records of one time keep their order: boots are compared as text.
  return `${rung}-${hashOf(headOf(head, rung))}`;
}

function headOf(head: Buffer, rung: number): Buffer {
  if (rung > 0) return head.subarray(0, HEAD_RUNGS_BYTES[rung - 1]);
  const lineEnd = head.indexOf(0x0a);
  return lineEnd < 0 ? head : head.subarray(0, lineEnd);
}

/** The boot of a record whose place is taken by another one: its own text at that place. Its `seq` is 1. */
export function conflictBoot(boot: string, seq: number, text: string): string {
  return `${boot}-${seq}-${hashOf(Buffer.from(text))}`;
}

function hashOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 24);
}
