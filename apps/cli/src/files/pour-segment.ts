/**
 * Pours spool segments: their records have names already, so the lines go on as they are.
 *
 * A file that is named as a segment is read with its proofs; damaged stretches are named and passed over. The same bytes from
 * standard input or under another name are taken line by line, without proofs.
 */
import { HEADER_START, INTEGRITY_START, parseSegmentFile, readGroups } from '@sillok/spool';
import { parseHeader } from '@sillok/record';
import { basename, dirname } from 'node:path';
import { BATCH_BYTES_MAX, BATCH_RECORDS_MAX } from '../limits.js';
import type { LineProblem } from './batch.js';
import { createLineSplitter } from './lines.js';
import type { PouredFile } from './pour-plain.js';
import { countOf, type Sender } from './send.js';
import type { Source } from './sources.js';

export interface SegmentOptions {
  readonly source: Source;
  readonly sender: Sender;
  readonly onRecords: (count: number) => void;
}

/** Whether the content begins as a segment does. */
export function isSegment(head: Buffer): boolean {
  return head.subarray(0, HEADER_START.length).toString('latin1') === HEADER_START;
}

export async function pourSegment(
  content: AsyncIterable<Buffer>,
  options: SegmentOptions,
): Promise<PouredFile> {
  const { source } = options;
  const result: PouredFile = {
    path: source.path,
    formats: ['segment'],
    taken: 0,
    known: 0,
    expired: 0,
    problems: [],
  };
  const sending = createLineSender(result, options);
  const named = parseSegmentFile(basename(source.path));
  if (named) await readProven(named.segment, { source, result, add: sending.add });
  else await readLines(content, sending.add);
  await sending.flush();
  return result;
}

type Add = (line: string, lineNumber: number) => Promise<void>;

interface Proven {
  readonly source: Source;
  readonly result: PouredFile;
  readonly add: Add;
}

async function readProven(segment: number, { source, result, add }: Proven): Promise<void> {
  const groups = readGroups({
    directory: dirname(source.path),
    from: { segment, offset: 0 },
    until: { segment, offset: Number.MAX_SAFE_INTEGER },
    bytesMax: BATCH_BYTES_MAX,
    onDamage: ({ from, to, reason }) => {
      result.problems.push({
        lineNumber: 0,
        reason: `bytes ${from} to ${to} are damaged: ${reason}`,
        kept: false,
      });
    },
  });
  let lineNumber = 0;
  for (const { lines } of groups) {
    for (const line of lines.toString('utf8').split('\n')) {
      if (line === '') continue;
      lineNumber += 1;
      await add(line, lineNumber);
    }
  }
}

async function readLines(content: AsyncIterable<Buffer>, add: Add): Promise<void> {
  const splitter = createLineSplitter({ offset: 0, number: 1 });
  for await (const chunk of content) {
    for (const { text, number } of splitter.push(chunk)) await add(text, number);
  }
  const rest = splitter.rest();
  if (rest) await add(rest.text, rest.number);
}

/** Gathers lines under their header line; a queue segment has one before each batch. */
function createLineSender(
  result: PouredFile,
  options: SegmentOptions,
): { add: Add; flush: () => Promise<void> } {
  let header: string | undefined;
  let lines: { text: string; lineNumber: number }[] = [];
  let bytes = 0;

  async function flush(): Promise<void> {
    const batch = lines;
    lines = [];
    bytes = 0;
    if (batch.length === 0 || header === undefined) return;
    const answer = await options.sender.post(`${header}\n${batch.map(({ text }) => text).join('\n')}\n`);
    const problems = answer.rejected.map(({ seq, code, reason }) => problemOf(batch, { seq, code, reason }));
    const [known, expired] = [countOf(answer, 'known'), countOf(answer, 'expired')];
    result.problems.push(...problems);
    result.known += known - expired;
    result.expired += expired;
    result.taken += batch.length - problems.length - known;
    options.onRecords(batch.length);
  }

  return {
    flush,
    async add(text, lineNumber) {
      if (text === '' || text.startsWith(INTEGRITY_START)) return;
      if (text.startsWith(HEADER_START)) {
        const next = cleanHeader(text);
        if (next === header && header !== undefined) return;
        await flush();
        header = next;
        if (!next)
          result.problems.push({ lineNumber, reason: 'a header line that cannot be read', kept: false });
        return;
      }
      if (header === undefined) {
        result.problems.push({ lineNumber, reason: 'a record without a header line before it', kept: false });
        return;
      }
      lines.push({ text, lineNumber });
      bytes += text.length;
      if (lines.length >= BATCH_RECORDS_MAX || bytes >= BATCH_BYTES_MAX) await flush();
    },
  };
}

/** Who wrote it, without what a server's queue adds. */
function cleanHeader(text: string): string | undefined {
  const parsed = parseHeader(text);
  if (!parsed.ok) return undefined;
  const { producer, boot, resource, encoding } = parsed.header;
  return JSON.stringify({
    sillok: 1,
    producer,
    boot,
    resource,
    ...(encoding === undefined ? {} : { encoding }),
  });
}

interface Refusal {
  readonly seq: number;
  readonly code: string;
  readonly reason: string;
}

function problemOf(batch: readonly { text: string; lineNumber: number }[], refusal: Refusal): LineProblem {
  const start = `{"seq":${refusal.seq},`;
  const line = batch.find(({ text }) => text.startsWith(start));
  return { lineNumber: line?.lineNumber ?? 0, reason: `${refusal.code}: ${refusal.reason}`, kept: false };
}
