/**
 * One INSERT may touch at most 100 partitions. A chunk whose records span many days (old files that are poured) is
 * inserted in several statements, each for a range of days; usually there is one range, found without reading a line.
 */
import { readFile } from 'node:fs/promises';
import type { Chunk } from './chunk.js';
import { DAY_MS, PARTITIONS_PER_INSERT_MAX } from './limits.js';

/** Both ends belong to the range; YYYYMMDD. */
export interface DayRange {
  readonly from: number;
  readonly to: number;
}

/** Canonical lines begin with `{"seq":N,"time":"YYYY-MM-DDT`. */
const DAY = /^\{"seq":\d+,"time":"(\d{4})-(\d{2})-(\d{2})T/gm;

/** `[undefined]` when one statement takes it all. */
export async function splitByDays(chunk: Chunk): Promise<(DayRange | undefined)[]> {
  const classes = new Set(chunk.headers.map((header) => header.class)).size;
  const daysMax = Math.max(1, Math.floor(PARTITIONS_PER_INSERT_MAX / classes));
  const span = (Date.parse(chunk.timeTo) - Date.parse(chunk.timeFrom)) / DAY_MS;
  if (span + 2 <= daysMax) return [undefined];
  const { source } = chunk;
  const bytes = 'file' in source ? await readFile(source.file) : source.lines;
  return rangesOf(daysIn(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)), daysMax);
}

function daysIn(bytes: Buffer): number[] {
  const days = new Set<number>();
  for (const [, year, month, day] of bytes.toString('latin1').matchAll(DAY))
    days.add(Number(`${year}${month}${day}`));
  return [...days].sort((a, b) => a - b);
}

function rangesOf(days: readonly number[], daysMax: number): (DayRange | undefined)[] {
  if (days.length <= daysMax) return [undefined];
  const ranges: DayRange[] = [];
  for (let index = 0; index < days.length; index += daysMax) {
    const from = days[index];
    const to = days[Math.min(index + daysMax, days.length) - 1];
    if (from !== undefined && to !== undefined) ranges.push({ from, to });
  }
  return ranges;
}
