/**
 * The ledger on disk: a snapshot with the positions it covers, and at start the batch headers after them. Without a
 * readable snapshot all headers of the queue are read, so the file is a matter of speed, and of segments that are gone.
 */
import { createReadStream, existsSync } from 'node:fs';
import { createInterface } from 'node:readline';

import { KINDS, type Kind } from '@sillok/record';
import { SPOOL_START, type SpoolPosition } from '@sillok/spool';

import type { ContentWindow } from '../admit/content-window.js';
import { replaceFile } from '../durable-file.js';
import type { Log } from '../log.js';
import type { Ledger, LedgerLine } from './ledger.js';

export type Positions = ReadonlyMap<Kind, SpoolPosition>;

export interface Remembered {
  readonly ledger: Ledger;
  readonly contents: ContentWindow;
}

interface SnapshotHead {
  readonly ledger: 1;
  readonly positions: { readonly [kind: string]: SpoolPosition };
}
type ContentLine = readonly [key: string, takenMs: number];

const END = '{"end":true}';

/** `positions`: the written ends at this moment. `synced`: resolves when they are on disk; only then it counts. */
export async function saveSnapshot(
  path: string,
  now: Remembered & { positions: Positions; synced(): Promise<void> },
): Promise<void> {
  // Taken in one turn of the loop: entries and positions belong together.
  const head: SnapshotHead = { ledger: 1, positions: Object.fromEntries(now.positions) };
  const lines = [JSON.stringify(head)];
  for (const entry of now.ledger.lines()) lines.push(JSON.stringify(entry));
  for (const content of now.contents.entries()) lines.push(JSON.stringify(content));
  lines.push(END);
  await now.synced();
  await replaceFile(path, `${lines.join('\n')}\n`);
}

/** Fills ledger and contents; answers the positions from which headers are to be read. */
export async function loadSnapshot(
  path: string,
  into: () => Remembered,
  log: Log,
): Promise<Remembered & { positions: Positions }> {
  const fromStart = () => ({ ...into(), positions: new Map(KINDS.map((kind) => [kind, SPOOL_START])) });
  if (!existsSync(path)) return fromStart();
  try {
    return await readSnapshot(path, into());
  } catch (error) {
    log.warn('the snapshot of the ledger cannot be read; it is rebuilt from the queue', { error });
    return fromStart();
  }
}

async function readSnapshot(
  path: string,
  remembered: Remembered,
): Promise<Remembered & { positions: Positions }> {
  let head: SnapshotHead | undefined;
  let isWhole = false;
  for await (const line of createInterface({ input: createReadStream(path) })) {
    // Lines written by `saveSnapshot`; a file that is not whole is refused below.
    const value = JSON.parse(line) as SnapshotHead | LedgerLine | ContentLine;
    if (line === END) isWhole = true;
    else if (Array.isArray(value)) remembered.contents.restore(value[0], value[1]);
    else if ('ledger' in value) head = value;
    else if ('producer' in value) remembered.ledger.restore(value);
  }
  if (head === undefined || !isWhole) throw new Error('the snapshot is not whole');
  const { positions } = head;
  return { ...remembered, positions: new Map(KINDS.map((kind) => [kind, positions[kind] ?? SPOOL_START])) };
}
