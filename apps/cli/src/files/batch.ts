/**
 * Entries of a file → batches of the native protocol, each record with the name that identity.ts gives it.
 *
 * A batch has one boot; its records are sent in groups of one resource each. What a batch needs to be told apart again
 * after a failure (bytes of the file, texts) stays with it until it is settled.
 */
import { encodeHeader } from '@sillok/record';
import type { Resource } from '@sillok/record';
import { BATCH_BYTES_MAX, BATCH_RECORDS_MAX, BATCH_RESOURCES_MAX, HEAD_RUNGS_BYTES } from '../limits.js';
import { encodeEntry, readEntry } from './entry-record.js';
import type { LineFormat } from './entry-record.js';
import type { Entry } from './fold.js';
import { bootOf, rungOf } from './identity.js';
import { resourceOfFields } from './resource.js';
import { parseTime } from '@sillok/record';

export interface BatchItem {
  readonly seq: number;
  /** Canonical, without its line end. */
  readonly line: string;
  readonly entry: Entry;
  /** False: the record's time is not in its text, so the same text may have been sent with another time. */
  readonly timed: boolean;
}

export interface BatchGroup {
  readonly resource: Resource;
  readonly items: BatchItem[];
}

export interface Batch {
  readonly producer: string;
  readonly boot: string;
  readonly groups: readonly BatchGroup[];
  readonly records: number;
  readonly bytes: number;
}

/** One line of the summary: what could not be read as what it looks like. */
export interface LineProblem {
  readonly lineNumber: number;
  readonly reason: string;
  /** False: the text is not in the store. */
  readonly kept: boolean;
}

export interface BatcherOptions {
  readonly producer: string;
  readonly resource: Resource;
  /** The first HEAD_BYTES of the content, or all of it. */
  readonly head: () => Buffer;
  readonly utc: boolean;
  /** For records before the first time in the file. */
  readonly defaultTime: () => string;
  /** Last `seq` per rung, and the last time seen: given again after a restart. */
  readonly counters?: readonly number[];
  readonly lastTime?: string | undefined;
}

export interface Batcher {
  /** A batch that is full, or of another boot than this entry. */
  add(entry: Entry): Batch[];
  flush(): Batch[];
  readonly counters: readonly number[];
  readonly lastTime: string | undefined;
  readonly formats: ReadonlyMap<LineFormat, number>;
  /** Time of the oldest record so far. */
  readonly oldest: string | undefined;
  readonly problems: LineProblem[];
}

export function createBatcher(options: BatcherOptions): Batcher {
  const counters = HEAD_RUNGS_BYTES.concat(0).map((_, rung) => options.counters?.[rung] ?? 0);
  /** By rung. The bytes that a boot is made of are there before its first record is. */
  const boots: (string | undefined)[] = [];
  const formats = new Map<LineFormat, number>();
  const problems: LineProblem[] = [];
  const headText = textOf(options.head);
  let lastTime = options.lastTime;
  let oldest: string | undefined;
  let open: { boot: string; groups: Map<string, BatchGroup>; records: number; bytes: number } | undefined;

  function toItem(entry: Entry): { item: BatchItem; resource: Resource } | undefined {
    const nearMs = lastTime === undefined ? Date.now() : Date.parse(lastTime);
    const read = readEntry(entry, { utc: options.utc, nearMs, head: headText });
    const { format, fields, problem } = read;
    if (problem !== undefined) problems.push({ lineNumber: entry.lineNumber, reason: problem, kept: true });
    const rung = rungOf(entry.start);
    const seq = (counters[rung] ?? 0) + 1;
    const wrapped = entry.time === undefined ? undefined : parseTime(entry.time);
    const fallback = wrapped ?? lastTime ?? options.defaultTime();
    const encoded = encodeEntry(fields, { seq, defaultTime: fallback });
    if ('reason' in encoded) {
      problems.push({ lineNumber: entry.lineNumber, reason: encoded.reason, kept: false });
      return undefined;
    }
    counters[rung] = seq;
    formats.set(format, (formats.get(format) ?? 0) + 1);
    const { line, record } = encoded;
    if (oldest === undefined || record.time < oldest) oldest = record.time;
    const timed = record.time !== fallback || wrapped !== undefined || lastTime !== undefined;
    if (record.time !== fallback || wrapped !== undefined) lastTime = record.time;
    return { item: { seq, line, entry, timed }, resource: resourceOfFields(fields, options.resource) };
  }

  function take(): Batch[] {
    const done = open;
    open = undefined;
    if (!done) return [];
    const { boot, records, bytes } = done;
    return [{ producer: options.producer, boot, groups: [...done.groups.values()], records, bytes }];
  }

  return {
    add(entry) {
      const made = toItem(entry);
      if (!made) return [];
      const rung = rungOf(entry.start);
      const boot = boots[rung] ?? bootOf(options.head(), entry.start);
      boots[rung] = boot;
      const done = open && open.boot !== boot ? take() : [];
      open ??= { boot, groups: new Map(), records: 0, bytes: 0 };
      const { item, resource } = made;
      groupFor(open.groups, resource).items.push(item);
      open.records += 1;
      open.bytes += item.line.length;
      const full = open.records >= BATCH_RECORDS_MAX || open.bytes >= BATCH_BYTES_MAX;
      return full ? [...done, ...take()] : done;
    },
    flush: take,
    counters,
    get lastTime() {
      return lastTime;
    },
    formats,
    get oldest() {
      return oldest;
    },
    problems,
  };
}

/** The head as text, decoded anew only while it grows. */
function textOf(head: () => Buffer): () => string {
  let read = { bytes: -1, text: '' };
  return () => {
    const bytes = head();
    if (bytes.length !== read.bytes) read = { bytes: bytes.length, text: bytes.toString('utf8') };
    return read.text;
  };
}

/** Past the limit of resources a record goes with the others; its own fields still say where it came from. */
function groupFor(groups: Map<string, BatchGroup>, resource: Resource): BatchGroup {
  const key = JSON.stringify(resource);
  const known = groups.get(key);
  if (known) return known;
  const [first] = groups.values();
  if (first && groups.size >= BATCH_RESOURCES_MAX) return first;
  const group = { resource, items: [] };
  groups.set(key, group);
  return group;
}

/** The body of `POST /v1/records`. */
export function bodyOf(
  header: { producer: string; boot: string; resource: Resource },
  lines: readonly string[],
): string {
  return `${encodeHeader({ sillok: 1, ...header, encoding: 'flat' })}\n${lines.join('\n')}\n`;
}
