/**
 * A native body → its header and the verdict on each line. Lines that are canonical stay where they are in the body;
 * only a line that is not is decoded, put right and encoded anew. One bad line costs itself and nothing else.
 */
import { isUtf8 } from 'node:buffer';

import { KINDS, parseHeader, parseRecord, timeToNs, type ReadHeader } from '@sillok/record';

import { badRequest } from '../errors.js';
import { HEADER_BYTES_MAX } from '../limits.js';
import type { Touch } from './first-touch.js';
import { DROPPED_FROM, LineScanner } from './scan-line.js';

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const NS_PER_US = 1000n;

export interface RefusedLine {
  /** 0: the line does not say, and its neighbours do not tell. */
  readonly seq: number;
  /** Index among the record lines of the body, from 0. */
  readonly line: number;
  readonly code: string;
  readonly reason: string;
}

/** The records of a batch, one array per column: a body may have a hundred thousand of them. */
export interface ReadBatch {
  readonly header: ReadHeader;
  readonly seqs: number[];
  readonly timesUs: number[];
  /** Index in KINDS. */
  readonly kinds: number[];
  readonly starts: number[];
  readonly ends: number[];
  /** Where `starts` and `ends` point into: the body, or for a rewritten line a buffer of its own. */
  readonly body: Buffer;
  readonly rewritten: Map<number, Buffer>;
  readonly refused: RefusedLine[];
  /** Indexes of records that may tell of records given up by the client. */
  readonly drops: number[];
  /** What was done to all its records. */
  readonly touch: Touch | undefined;
}

const scanner = new LineScanner();

/** Throws a `ServerError` when there is no header that can be read; everything below it is a verdict. */
export function readBatch(
  sent: Buffer,
  touchOf: (header: ReadHeader) => Touch | undefined = () => undefined,
): ReadBatch {
  const body =
    sent[sent.length - 1] === NEWLINE || sent.length === 0 ? sent : Buffer.concat([sent, Buffer.from('\n')]);
  const headerEnd = body.indexOf(NEWLINE);
  const header = readHeader(body, headerEnd);
  const touch = touchOf(header);
  const batch: ReadBatch = {
    header: touch === undefined ? header : { ...header, resource: touch.resource(header.resource) },
    seqs: [],
    timesUs: [],
    kinds: [],
    starts: [],
    ends: [],
    body,
    rewritten: new Map(),
    refused: [],
    drops: [],
    touch,
  };
  // A record that has to be touched has to be decoded.
  const mayScan = touch === undefined && isUtf8(body);
  const isFlat = header.encoding === 'flat';
  let line = 0;
  for (let start = headerEnd + 1; start < body.length;) {
    const newline = body.indexOf(NEWLINE, start);
    const end = body[newline - 1] === RETURN ? newline - 1 : newline;
    const isCanonical =
      mayScan && end === newline && scanner.scan(body, start, end) && (isFlat || !scanner.hasAttributes);
    if (isCanonical) take(batch, start, newline + 1);
    else if (end > start) readSlowly(batch, { line, text: body.subarray(start, end), isFlat });
    if (end > start) line += 1;
    start = newline + 1;
  }
  return batch;
}

function readHeader(body: Buffer, end: number): ReadHeader {
  const help =
    'The first line is {"sillok":1,"producer":"…","boot":"…","resource":{…}}; records follow, one a line.';
  if (end <= 0 || end > HEADER_BYTES_MAX)
    throw badRequest('bad_header', 'The body has no header line.', help);
  const parsed = parseHeader(body.toString('utf8', 0, end));
  if (!parsed.ok) throw badRequest(parsed.code, `The header line cannot be used: ${parsed.reason}.`, help);
  return parsed.header;
}

function take(batch: ReadBatch, start: number, end: number): void {
  if (scanner.mayTellDrops) batch.drops.push(batch.seqs.length);
  batch.seqs.push(scanner.seq);
  batch.timesUs.push(scanner.timeUs);
  batch.kinds.push(scanner.kindIndex);
  batch.starts.push(start);
  batch.ends.push(end);
}

interface SlowLine {
  readonly line: number;
  readonly text: Buffer;
  readonly isFlat: boolean;
}

function readSlowly(batch: ReadBatch, { line, text, isFlat }: SlowLine): void {
  // Names of the semantic conventions are written with dots: decision 0005.
  const parsed = parseRecord(text, { encoding: isFlat ? 'flat' : 'nested', dots: 'namespace' });
  if (!parsed.ok) {
    const seq = parsed.seq ?? seqByNeighbour(batch);
    batch.refused.push({ seq, line, code: parsed.code, reason: parsed.reason });
    return;
  }
  const { record } = parsed;
  const encoded = Buffer.from(`${batch.touch?.lineOf(record) ?? parsed.line}\n`);
  if (record.attributes?.[DROPPED_FROM] !== undefined) batch.drops.push(batch.seqs.length);
  batch.rewritten.set(batch.seqs.length, encoded);
  batch.seqs.push(record.seq);
  batch.timesUs.push(Number(timeToNs(record.time) / NS_PER_US));
  batch.kinds.push(KINDS.indexOf(record.kind));
  batch.starts.push(0);
  batch.ends.push(encoded.length);
}

/** Numbers have no gaps, so a line that cannot be read has the number after the line before it. */
function seqByNeighbour({ seqs, refused }: ReadBatch): number {
  const before = Math.max(seqs[seqs.length - 1] ?? 0, refused[refused.length - 1]?.seq ?? 0);
  return before === 0 ? 0 : before + 1;
}
