/**
 * The next stretch of a followed file: which bytes can be taken now, and the entries in them.
 *
 * What is taken is a function of the bytes between two offsets and of the fold style alone. So a stretch that was sent
 * and not noted before a crash is cut into the same entries again.
 */
import { createFolder } from '../files/fold.js';
import type { Entry, FoldStyle } from '../files/fold.js';
import { createLineSplitter } from '../files/lines.js';
import type { FileLine } from '../files/lines.js';

export interface StretchOptions {
  readonly offset: number;
  readonly line: number;
  readonly style: FoldStyle;
  /** Take what may still go on, too: after silence, or when there is no room for more. */
  readonly force: boolean;
  /** Take a last line without its end, too: nobody writes to the file any more. */
  readonly final: boolean;
}

export interface Stretch {
  readonly entries: readonly Entry[];
  /** Equal to `offset` when nothing can be taken yet. */
  readonly to: number;
  readonly line: number;
  readonly style: FoldStyle;
}

export function cutStretch(bytes: Buffer, options: StretchOptions): Stretch {
  const splitter = createLineSplitter({ offset: options.offset, number: options.line });
  const lines = splitter.push(bytes);
  const rest = options.final ? splitter.rest() : undefined;
  if (rest) lines.push(rest);
  const to = options.force || options.final ? endOf(lines, options.offset) : safeEnd(lines, options);
  return entriesOf(
    lines.filter((line) => line.end <= to),
    { ...options, to },
  );
}

/** Up to where nothing is held that a later line could continue. */
function safeEnd(lines: readonly FileLine[], options: StretchOptions): number {
  const folder = createFolder(options.style);
  for (const line of lines) folder.push(line);
  return folder.heldFrom ?? endOf(lines, options.offset);
}

function endOf(lines: readonly FileLine[], offset: number): number {
  return lines[lines.length - 1]?.end ?? offset;
}

function entriesOf(lines: readonly FileLine[], options: StretchOptions & { to: number }): Stretch {
  const folder = createFolder(options.style);
  const entries = [...lines.flatMap((line) => folder.push(line)), ...folder.flush()];
  const line = (lines[lines.length - 1]?.number ?? options.line - 1) + 1;
  return { entries, to: options.to, line, style: folder.style };
}
