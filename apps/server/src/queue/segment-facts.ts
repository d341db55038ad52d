/**
 * What retention has to know of each sealed segment: the latest day of its records. Found by walking its headers once and
 * kept in a small file, so that compressed segments need not be inflated again at every start.
 */
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { nsToTime, type Kind } from '@sillok/record';
import { segmentFile } from '@sillok/spool';

import { replaceFileNow } from '../durable-file.js';
import { readBatches } from './read-batches.js';
import { walkSegment } from './walk.js';

export interface SegmentFact {
  readonly kind: Kind;
  readonly segment: number;
  /** `2026-11-21`; empty when it holds no records. */
  readonly lastDay: string;
  readonly records: number;
}

export class SegmentFacts {
  readonly #path: string;
  readonly #facts = new Map<string, SegmentFact>();

  constructor(path: string) {
    this.#path = path;
    for (const fact of readFacts(path)) this.#facts.set(keyOf(fact), fact);
  }

  /** Of a segment to which nothing is added any more. */
  of(kind: Kind, { segment, directory, bytes, compressed }: SealedSegment): SegmentFact {
    const known = this.#facts.get(keyOf({ kind, segment }));
    if (known !== undefined) return known;
    const found = { kind, segment, ...lookInto({ segment, directory, bytes, compressed }) };
    this.#facts.set(keyOf(found), found);
    appendFileSync(this.#path, `${JSON.stringify(found)}\n`);
    return found;
  }

  forget(gone: readonly { readonly kind: Kind; readonly segment: number }[]): void {
    if (gone.length === 0) return;
    for (const each of gone) this.#facts.delete(keyOf(each));
    replaceFileNow(this.#path, [...this.#facts.values()].map((fact) => `${JSON.stringify(fact)}\n`).join(''));
  }
}

export interface SealedSegment {
  readonly segment: number;
  readonly directory: string;
  readonly bytes: number;
  readonly compressed: boolean;
}

function lookInto({ segment, directory, bytes, compressed }: SealedSegment): {
  lastDay: string;
  records: number;
} {
  let mostUs = -1;
  let records = 0;
  const look = ({ header }: { header: { count: number; times?: readonly [number, number] } }): boolean => {
    records += header.count;
    mostUs = Math.max(mostUs, header.times?.[1] ?? -1);
    return true;
  };
  const path = join(directory, segmentFile(segment));
  const walked = compressed ? undefined : walkSegment({ path, from: 0, until: bytes }, look);
  if (walked === undefined) {
    mostUs = -1;
    records = 0;
    const range = { from: { segment, offset: 0 }, until: { segment: segment + 1, offset: 0 } };
    for (const batch of readBatches({ directory, ...range })) look(batch);
  }
  return { lastDay: mostUs < 0 ? '' : nsToTime(BigInt(mostUs) * 1000n).slice(0, 10), records };
}

function keyOf({ kind, segment }: { readonly kind: Kind; readonly segment: number }): string {
  return `${kind} ${segment}`;
}

/** A torn last line is left out: it is found again. */
function readFacts(path: string): SegmentFact[] {
  try {
    const lines = readFileSync(path, 'utf8').split('\n');
    // Written by `of` and `forget`.
    return lines.filter((line) => line.endsWith('}')).map((line) => JSON.parse(line) as SegmentFact);
  } catch {
    return [];
  }
}
