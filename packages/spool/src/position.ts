/** A place in a spool: the byte offset of an end of a line in a segment (of its uncompressed text). */
export interface SpoolPosition {
  readonly segment: number;
  readonly offset: number;
}

/** Before everything: segments are numbered from 1. */
export const SPOOL_START: SpoolPosition = { segment: 0, offset: 0 };

/** Negative when `a` lies before `b`. */
export function comparePositions(a: SpoolPosition, b: SpoolPosition): number {
  return a.segment - b.segment || a.offset - b.offset;
}
