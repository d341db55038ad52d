/**
 * Lines → entries: parts of one line joined, stacks folded under the line that they belong to.
 *
 * Whether a line continues the one before is decided by these two lines and by the first line of the file only, never by
 * what comes later: so a file that has grown is cut into the same entries as before. When the first line begins with a
 * time, every line without one continues; otherwise indentation and the words of known stacks decide.
 */
import { isEdgeLine } from '@sillok/edge';
import { FOLD_BYTES_MAX, FOLD_LINES_MAX } from '../limits.js';
import { unwrapLine } from './container-line.js';
import type { FileLine } from './lines.js';
import { tryLogfmt } from './logfmt.js';
import { hasOpenQuote } from './postgres-csv.js';
import { belongsToPostgres, tryPostgresLine } from './postgres-line.js';
import { isPostgresCsv } from './postgres-log.js';
import { readTimeHead } from './text-time.js';

export interface Entry {
  /** Lines as the program wrote them. */
  readonly lines: readonly string[];
  /** Bytes in the file: from the first byte of its first line to behind its last. */
  readonly start: number;
  readonly end: number;
  readonly lineNumber: number;
  /** From the runtime that wrapped the line. */
  readonly time?: string;
  readonly stream: string;
  readonly cutBytes: number;
}

/** `unknown`: no line has been seen. Kept in cursors, so that a restart folds as before. */
export type FoldStyle = 'unknown' | 'timed' | 'indented';

export interface Folder {
  /** Entries that this line shows to be complete. */
  push(line: FileLine): Entry[];
  /** Whatever is held, now: at the end of a file, or after silence. */
  flush(): Entry[];
  /** Start of the first byte that is held; undefined when nothing is. */
  readonly heldFrom: number | undefined;
  readonly style: FoldStyle;
}

interface Draft {
  lines: string[];
  bytes: number;
  readonly start: number;
  end: number;
  readonly lineNumber: number;
  readonly time: string | undefined;
  readonly stream: string;
  cutBytes: number;
  /** Inside a Python traceback, which ends with a line that is not indented. */
  inTraceback: boolean;
}

const TIME_OPTIONS = { utc: true, nearMs: 0 };
const INDENTED = /^[ \t]/;
const KNOWN_CONTINUATION =
  /^(?:Caused by: |Suppressed: |\.\.\. \d+ (?:more|common frames)|Traceback \(most recent call last\):|goroutine \d+ |created by |[}\])]+[,;]?$)/;
const PYTHON_LAST_LINE = /^[A-Za-z_][\w.]*(?:: |$)/;
const PYTHON_CHAIN = /^(?:During handling of the above exception|The above exception was the direct cause)/;

export function createFolder(initialStyle: FoldStyle = 'unknown'): Folder {
  let style = initialStyle;
  let draft: Draft | undefined;
  /** Unfinished lines, by stream. */
  const parts = new Map<string, Draft>();

  function addWhole(whole: Draft): Entry[] {
    const text = whole.lines[0] ?? '';
    if (style === 'unknown' && text.trim() !== '')
      style = readTimeHead(text, TIME_OPTIONS) ? 'timed' : 'indented';
    if (draft && continues(draft, whole, style)) {
      append(draft, whole);
      return [];
    }
    if (text.trim() === '') return take();
    const done = take();
    draft = whole;
    return done;
  }

  function take(): Entry[] {
    const done = draft;
    draft = undefined;
    return done ? [finish(done)] : [];
  }

  return {
    push(line) {
      const { text, time, stream, partial } = unwrapLine(line.text);
      const before = parts.get(stream);
      const next = before ?? newDraft(line, { time, stream });
      if (before) joinPart(before, line, text);
      else next.lines.push(text);
      next.bytes += text.length;
      if (partial && next.bytes < FOLD_BYTES_MAX) {
        parts.set(stream, next);
        return [];
      }
      parts.delete(stream);
      return addWhole(next);
    },
    flush() {
      const done = [...parts.values()].flatMap(addWhole);
      parts.clear();
      return [...done, ...take()];
    },
    get heldFrom() {
      const starts = [...parts.values(), ...(draft ? [draft] : [])].map(({ start }) => start);
      return starts.length === 0 ? undefined : Math.min(...starts);
    },
    get style() {
      return style;
    },
  };
}

function newDraft(line: FileLine, origin: { time: string | undefined; stream: string }): Draft {
  const { start, end, number, cutBytes } = line;
  return { lines: [], bytes: 0, start, end, lineNumber: number, ...origin, cutBytes, inTraceback: false };
}

function joinPart(before: Draft, line: FileLine, text: string): void {
  before.lines[0] = `${before.lines[0] ?? ''}${text}`;
  before.end = line.end;
  before.cutBytes += line.cutBytes;
}

function continues(draft: Draft, next: Draft, style: FoldStyle): boolean {
  const text = next.lines[0] ?? '';
  if (next.stream !== draft.stream) return false;
  if (draft.lines.length >= FOLD_LINES_MAX || draft.bytes + text.length > FOLD_BYTES_MAX) return false;
  const first = draft.lines[0] ?? '';
  if (isPostgresCsv(first)) return hasOpenQuote(draft.lines);
  if (tryPostgresLine(first)) return text.startsWith('\t') || belongsToPostgres(first, text);
  if (isStructured(first)) return false;
  if (text === '' || isTracebackLine(draft, text)) return true;
  if (isStructured(text)) return false;
  if (style === 'timed') return readTimeHead(text, TIME_OPTIONS) === undefined;
  return INDENTED.test(text) || KNOWN_CONTINUATION.test(text) || PYTHON_CHAIN.test(text);
}

/** Lines in JSON or logfmt and those of access logs are whole by themselves. A lone `{` opens JSON over several lines. */
function isStructured(text: string): boolean {
  return (
    (text.startsWith('{') && text.trimEnd().endsWith('}') && text.length > 2) ||
    isEdgeLine(text) ||
    tryLogfmt(text) !== undefined
  );
}

function isTracebackLine(draft: Draft, text: string): boolean {
  if (text.startsWith('Traceback (most recent call last):')) {
    draft.inTraceback = true;
    return true;
  }
  if (draft.lines.length === 1 && (draft.lines[0] ?? '').startsWith('Traceback (most recent'))
    draft.inTraceback = true;
  if (!draft.inTraceback || INDENTED.test(text)) return draft.inTraceback;
  draft.inTraceback = false;
  return PYTHON_LAST_LINE.test(text);
}

function append(draft: Draft, next: Draft): void {
  draft.lines.push(...next.lines);
  draft.bytes += next.bytes;
  draft.end = next.end;
  draft.cutBytes += next.cutBytes;
}

/** Empty lines at the end say nothing. */
function finish(draft: Draft): Entry {
  const lines = [...draft.lines];
  while (lines.length > 1 && lines[lines.length - 1]?.trim() === '') lines.pop();
  const { start, end, lineNumber, time, stream, cutBytes } = draft;
  return { lines, start, end, lineNumber, ...(time === undefined ? {} : { time }), stream, cutBytes };
}
