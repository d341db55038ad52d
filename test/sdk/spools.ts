/** Reads what a process left in its spool folders, whatever state it died in. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { decodeRecord, type FlatRecord } from '@sillok/record';
import { listSegments, readGroups, SPOOL_START } from '@sillok/spool';

export interface Boot {
  readonly producer: string;
  readonly boot: string;
  readonly records: readonly FlatRecord[];
}

/** All boots under a root, oldest first. */
export function readBoots(root: string): Boot[] {
  return readdirSync(root)
    .filter((producer) => !producer.startsWith('.'))
    .flatMap((producer) => readdirSync(join(root, producer)).map((boot) => ({ producer, boot })))
    .toSorted((a, b) => (a.boot < b.boot ? -1 : 1))
    .map(({ producer, boot }) => ({ producer, boot, records: readRecords(join(root, producer, boot)) }));
}

export function readRecords(directory: string): FlatRecord[] {
  if (listSegments({ directory }).length === 0) return [];
  const records: FlatRecord[] = [];
  for (const { lines } of readGroups({ directory, from: SPOOL_START })) {
    const text = Buffer.from(lines.buffer, lines.byteOffset, lines.byteLength).toString('utf8');
    for (const line of text.split('\n')) if (line.startsWith('{"seq":')) records.push(decodeRecord(line));
  }
  return records;
}
