/**
 * The intents of this boot whose end is not recorded yet, in a file that survives a SIGKILL. The next boot asks the database
 * what became of them.
 *
 * One line per intent and one per end, a write(2) each or one for many; the file begins anew when nothing is open. It is not synced: after
 * a power cut an intent may stand in the record without an end, and `sillok audit list` shows it as one.
 */
import { closeSync, ftruncateSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import type { AuditEntry } from '@sillok/record';
import { intentsFile, ownDirectory } from '../filenames.js';
import { JOURNAL_BYTES_MAX } from '../limits.js';

/** An intent, without what it would change: enough for the record of its end. */
export type OpenIntent = Omit<AuditEntry, 'outcome' | 'before' | 'after' | 'result' | 'arguments'> & {
  readonly transactions: string;
};

export interface JournalPlace {
  readonly root: string;
  readonly producer: string;
  readonly boot: string;
}

/** Journals of this process: each has a file of its own, so that none empties or removes another's. */
let journals = 0;

export class IntentJournal {
  readonly #place: JournalPlace;
  readonly #number = (journals += 1);
  readonly #open = new Map<string, OpenIntent>();
  #fd: number | undefined;
  #bytes = 0;
  /** A write that failed may have left a part of its line: a full disk. */
  #isTorn = false;

  constructor(place: JournalPlace) {
    this.#place = place;
  }

  get open(): readonly OpenIntent[] {
    return [...this.#open.values()];
  }

  /** Throws when it cannot be written: then the work must not begin. */
  begin(intents: readonly OpenIntent[]): void {
    this.#write(intents.map((open) => ({ open })));
    for (const intent of intents) this.#open.set(intent.id, intent);
  }

  end(ids: readonly string[]): void {
    const ended = ids.filter((id) => this.#open.delete(id));
    if (ended.length === 0) return;
    if (this.#open.size === 0 && this.#bytes > JOURNAL_BYTES_MAX) this.#restart();
    else this.#write(ended.map((done) => ({ done })));
  }

  /** Left behind when something is open: the next boot looks at it. */
  close(): void {
    if (this.#fd === undefined) return;
    closeSync(this.#fd);
    this.#fd = undefined;
    if (this.#open.size === 0) rmSync(this.#path, { force: true });
  }

  get #path(): string {
    const { root, boot } = this.#place;
    return intentsFile(root, { boot, number: this.#number });
  }

  #write(lines: readonly object[]): void {
    this.#fd ??= this.#create();
    // Behind a torn line, so that this one is not torn with it.
    const text = `${this.#isTorn ? '\n' : ''}${lines.map((line) => `${JSON.stringify(line)}\n`).join('')}`;
    this.#isTorn = true;
    for (let rest = Buffer.from(text); rest.length > 0;) {
      const written = writeSync(this.#fd, rest);
      this.#bytes += written;
      rest = rest.subarray(written);
    }
    this.#isTorn = false;
  }

  #create(): number {
    const { root, producer } = this.#place;
    mkdirSync(ownDirectory(root), { recursive: true });
    const fd = openSync(this.#path, 'a', 0o640);
    this.#bytes += writeSync(fd, `${JSON.stringify({ producer })}\n`);
    return fd;
  }

  #restart(): void {
    if (this.#fd === undefined) return;
    ftruncateSync(this.#fd, 0);
    this.#isTorn = false;
    this.#bytes = writeSync(this.#fd, `${JSON.stringify({ producer: this.#place.producer })}\n`);
  }
}

export interface JournalFile {
  readonly producer: string;
  readonly open: readonly OpenIntent[];
}

/** What another boot left. A torn last line is passed over: its intent was not begun. */
export function parseJournal(text: string): JournalFile | undefined {
  let producer: string | undefined;
  const open = new Map<string, OpenIntent>();
  for (const line of text.split('\n').slice(0, -1)) {
    const value = tryJson(line);
    if (value?.producer !== undefined) producer = value.producer;
    if (value?.open !== undefined) open.set(value.open.id, value.open);
    if (value?.done !== undefined) open.delete(value.done);
  }
  return producer === undefined ? undefined : { producer, open: [...open.values()] };
}

interface JournalLine {
  readonly producer?: string;
  readonly open?: OpenIntent;
  readonly done?: string;
}

function tryJson(line: string): JournalLine | undefined {
  try {
    // Written by `IntentJournal`; anything else in it has none of these keys.
    return JSON.parse(line) as JournalLine;
  } catch {
    return undefined;
  }
}
