/**
 * The audit queue for a verification: batches as they stand, also in stretches whose checksum does not fit. There the lines
 * are read one by one, so that an edited record is named and does not take its neighbours with it.
 */
import { closeSync, openSync, readSync } from 'node:fs';

import { INTEGRITY_START, listSegments, type Damage, type SpoolPosition } from '@sillok/spool';

import { tryQueueHeader, type QueueHeader } from '../queue/header.js';
import { readBatches } from '../queue/read-batches.js';

export interface EntryBatch {
  readonly header: QueueHeader;
  readonly segment: number;
  /** Whole lines. */
  readonly records: Buffer;
}

interface Stretch {
  readonly from?: SpoolPosition;
  readonly until?: SpoolPosition;
  readonly windowBytes?: number;
}

export function* readEntries(
  directory: string,
  onDamage: (damage: Damage) => void,
  stretch: Stretch = {},
): Generator<EntryBatch> {
  const damaged: Damage[] = [];
  const take = (damage: Damage): void => {
    onDamage(damage);
    damaged.push(damage);
  };
  for (const { header, from, records } of readBatches({
    ...stretch,
    directory,
    onDamage: take,
    unproven: true,
  })) {
    for (const damage of damaged.splice(0)) yield* readDamaged(directory, damage);
    yield { header, segment: from.segment, records };
  }
  for (const damage of damaged.splice(0)) yield* readDamaged(directory, damage);
}

/** What can still be read there. Nothing of a compressed segment: its bytes are no lines. */
function* readDamaged(directory: string, { segment, from, to }: Damage): Generator<EntryBatch> {
  const file = listSegments({ directory }).find((each) => each.segment === segment && !each.compressed);
  if (file === undefined) return;
  let header: QueueHeader | undefined;
  let lines: string[] = [];
  for (const line of readRange(file.path, from, to).split('\n')) {
    const next = tryHeader(line);
    if (next !== undefined) {
      if (header !== undefined && lines.length > 0) yield batchOf(header, segment, lines);
      header = next;
      lines = [];
    } else if (line !== '' && !line.startsWith('{"sillok":1,') && !line.startsWith(INTEGRITY_START)) {
      lines.push(line);
    }
  }
  if (header !== undefined && lines.length > 0) yield batchOf(header, segment, lines);
}

function batchOf(header: QueueHeader, segment: number, lines: readonly string[]): EntryBatch {
  return { header, segment, records: Buffer.from(lines.map((line) => `${line}\n`).join('')) };
}

function tryHeader(line: string): QueueHeader | undefined {
  try {
    return tryQueueHeader(line);
  } catch {
    // A header that was edited until it is no JSON: its records count as those of the batch before.
    return undefined;
  }
}

function readRange(path: string, from: number, to: number): string {
  const bytes = Buffer.alloc(to - from);
  const fd = openSync(path, 'r');
  try {
    const count = readSync(fd, bytes, 0, bytes.length, from);
    return bytes.toString('utf8', 0, count);
  } finally {
    closeSync(fd);
  }
}
