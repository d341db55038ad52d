/**
 * What an audit record is to the Merkle tree of its project: who wrote it, and its line, byte for byte as the queue holds it.
 *
 *     PROJECT \n PRODUCER \n BOOT \n LINE
 *
 * None of the three names can hold a newline, so no two records have the same content, and a line that is moved to another
 * project or producer is another leaf.
 */
import { leafHash, type Hash } from '@sillok/proof';

import type { QueueHeader } from '../queue/header.js';

type Names = Pick<QueueHeader, 'project' | 'producer' | 'boot'>;

const NEWLINE = 0x0a;

export function leafPrefix({ project, producer, boot }: Names): Buffer {
  return Buffer.from(`${project}\n${producer}\n${boot}\n`);
}

/** `records`: whole lines. Calls `take` with each leaf and its line without the newline. */
export function forEachLeaf(names: Names, records: Buffer, take: (leaf: Hash, line: Buffer) => void): void {
  const prefix = leafPrefix(names);
  for (let start = 0; start < records.length;) {
    const newline = records.indexOf(NEWLINE, start);
    const end = newline < 0 ? records.length : newline;
    const line = records.subarray(start, end);
    take(leafHash(prefix, line), line);
    start = end + 1;
  }
}
