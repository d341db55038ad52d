/**
 * What was inserted: one line per batch with its stretches and its count. At start the counts are compared with those of
 * the store, because the engine does not fsync: a power cut can take rows whose insert had succeeded, without any error.
 *
 * It holds the latest batches only. Rows that are lost in a merge of older ones show as broken parts (writing.ts).
 */
import { appendFileSync, readFileSync } from 'node:fs';

import type { Kind } from '@sillok/record';

import { replaceFileNow } from '../durable-file.js';
import { JOURNAL_CHUNKS_MAX } from '../limits.js';
import type { Stretch } from './progress.js';

export interface JournalEntry {
  readonly id: number;
  readonly records: number;
  readonly stretches: readonly Stretch[];
  /** Days of its records, `2026-11-21`. */
  readonly days: readonly [from: string, to: string];
}

export class Journal {
  readonly #path: string;
  #entries: JournalEntry[];

  constructor(path: string) {
    this.#path = path;
    this.#entries = readEntries(path);
  }

  get entries(): readonly JournalEntry[] {
    return this.#entries;
  }

  /** Not synced: a line that is lost is a batch that is not compared. */
  add(entry: JournalEntry): void {
    this.#entries.push(entry);
    appendFileSync(this.#path, `${JSON.stringify(entry)}\n`);
    if (this.#entries.length > JOURNAL_CHUNKS_MAX) this.#keep(this.#entries.slice(-JOURNAL_CHUNKS_MAX / 2));
  }

  /** Rows of a day were removed on purpose: batches that touch it cannot be compared any more. */
  forgetDay(kind: Kind, day: string): void {
    const touches = ({ stretches, days: [from, to] }: JournalEntry) =>
      from <= day && day <= to && stretches.some((stretch) => stretch.kind === kind);
    const kept = this.#entries.filter((entry) => !touches(entry));
    if (kept.length < this.#entries.length) this.#keep(kept);
  }

  clear(): void {
    this.#keep([]);
  }

  #keep(entries: JournalEntry[]): void {
    this.#entries = entries;
    replaceFileNow(this.#path, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
  }
}

/** A torn last line is left out. */
function readEntries(path: string): JournalEntry[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return [];
  }
  return text.split('\n').flatMap((line) => {
    if (!line.endsWith('}')) return [];
    try {
      // Written by `add`; what a crash tore fails to parse.
      return [JSON.parse(line) as JournalEntry];
    } catch {
      return [];
    }
  });
}
