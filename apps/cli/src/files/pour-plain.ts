/** Pours one file that is not a spool segment: bytes → lines → entries → batches → server, with bounded memory. */
import { parseTime } from '@sillok/record';
import type { Resource } from '@sillok/record';
import { producerOf, stemOf } from '../filenames.js';
import { BATCHES_IN_FLIGHT_MAX, BINARY_CHECK_BYTES, HEAD_BYTES } from '../limits.js';
import { createBatcher } from './batch.js';
import type { Batch, Batcher, LineProblem } from './batch.js';
import { createFolder } from './fold.js';
import { createLineSplitter } from './lines.js';
import type { FileLine } from './lines.js';
import { resourceOfPath } from './resource.js';
import type { Sender } from './send.js';
import type { Source } from './sources.js';

export interface PouredFile {
  readonly path: string;
  /** `json`, `logfmt`, …, or `segment`; several when a file mixes them; `binary` when it was left alone. */
  readonly formats: readonly string[];
  taken: number;
  known: number;
  /** Were here, and retention has removed them. */
  expired: number;
  readonly oldest?: string;
  readonly problems: LineProblem[];
}

export interface PlainOptions {
  readonly source: Source;
  readonly sender: Sender;
  readonly utc: boolean;
  /** From the command line, over what the path says. */
  readonly resource: Resource;
  readonly onRecords: (count: number) => void;
}

export async function pourPlain(content: AsyncIterable<Buffer>, options: PlainOptions): Promise<PouredFile> {
  const { source } = options;
  const result: PouredFile & { formats: string[] } = {
    path: source.path,
    formats: [],
    taken: 0,
    known: 0,
    expired: 0,
    problems: [],
  };
  let head = Buffer.alloc(0);
  const lines = createLineSplitter({ offset: 0, number: 1 });
  const folder = createFolder();
  const batcher = createBatcher({
    producer: producerOf(stemOf(source.name)),
    resource: { ...resourceOfPath(source.path), ...options.resource },
    head: () => head,
    utc: options.utc,
    defaultTime: () => parseTime(source.timeMs ?? Date.now()) ?? '',
  });
  const flight = createFlight(result, options);

  for await (const chunk of content) {
    if (head.length < HEAD_BYTES) head = Buffer.concat([head, chunk]).subarray(0, HEAD_BYTES);
    if (isBinary(head)) return { ...result, formats: ['binary'], problems: [binaryProblem()] };
    for (const line of lines.push(chunk)) await addLine(line);
  }
  const last = lines.rest();
  if (last && isWhole(last)) await addLine(last);
  else if (last)
    result.problems.push({ lineNumber: last.number, reason: 'the last line is not complete', kept: false });
  for (const entry of folder.flush()) await flight.launch(batcher.add(entry));
  await flight.launch(batcher.flush());
  await flight.landed();
  return finish(result, batcher);

  async function addLine(line: FileLine): Promise<void> {
    for (const entry of folder.push(line)) await flight.launch(batcher.add(entry));
  }
}

function finish(result: PouredFile & { formats: string[] }, batcher: Batcher): PouredFile {
  const formats = [...batcher.formats].sort(([, a], [, b]) => b - a).map(([format]) => format);
  const problems = [...result.problems, ...batcher.problems].sort((a, b) => a.lineNumber - b.lineNumber);
  const { oldest } = batcher;
  return { ...result, formats, problems, ...(oldest === undefined ? {} : { oldest }) };
}

/** Some batches under way at one time: the next is built while one is written. */
function createFlight(result: PouredFile, options: PlainOptions) {
  const underWay = new Set<Promise<void>>();
  let failure: unknown;

  async function send(batch: Batch): Promise<void> {
    const { taken, known, expired, refused } = await options.sender.send(batch);
    result.taken += taken;
    result.known += known;
    result.expired += expired;
    for (const { lineNumber, code, reason } of refused) {
      result.problems.push({ lineNumber, reason: `${code}: ${reason}`, kept: false });
    }
    options.onRecords(batch.records);
  }

  return {
    async launch(batches: readonly Batch[]): Promise<void> {
      for (const batch of batches) {
        while (underWay.size >= BATCHES_IN_FLIGHT_MAX) await Promise.race(underWay);
        if (failure !== undefined) throw failure;
        const sending = send(batch)
          .catch((error: unknown) => {
            failure ??= error;
          })
          .finally(() => underWay.delete(sending));
        underWay.add(sending);
      }
    },
    async landed(): Promise<void> {
      await Promise.all(underWay);
      if (failure !== undefined) throw failure;
    },
  };
}

/** A JSON line without its end was cut while it was written; it is taken when it is whole. Text may end so. */
function isWhole(line: FileLine): boolean {
  const text = line.text.trim();
  if (!text.startsWith('{"')) return text !== '';
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function isBinary(head: Buffer): boolean {
  return head.subarray(0, BINARY_CHECK_BYTES).includes(0);
}

function binaryProblem(): LineProblem {
  return {
    lineNumber: 0,
    reason: 'not a text file (it holds NUL bytes); nothing of it was taken',
    kept: false,
  };
}
