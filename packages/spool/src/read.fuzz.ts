/**
 * Any sequence of appends, blocks, syncs, rotations and compressions reads back as exactly the lines that were
 * appended, in order, from every position that a reader was given, however it cuts the groups.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compressSegment } from './compress.js';
import { readGroups } from './read.js';
import { listSegments } from './segments.js';
import { HEADER, temporaryDirectory } from './test-support.js';
import { verifySpool } from './verify.js';
import { openSpoolWriter, type SpoolWriter } from './writer.js';

const message = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.constantFrom(
    '',
    '{"sillok_sum":"00000000","bytes":0,"records":0}',
    '\n{"sillok":1}',
    'x'.repeat(20_000),
    '로그',
  ),
);
const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ type: fc.constant('line' as const), message }) },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('block' as const),
      messages: fc.array(message, { maxLength: 5 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constantFrom('sync' as const, 'rotate' as const, 'compress' as const) }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

class Run {
  readonly lines: string[] = [];
  readonly writer: SpoolWriter;
  readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
    this.writer = openSpoolWriter({ directory, header: HEADER, segmentBytesMax: 4096 });
  }

  async do(each: Step): Promise<void> {
    if (each.type === 'line') this.writer.append(this.#next(each.message));
    if (each.type === 'block') this.#block(each.messages);
    if (each.type === 'sync') await this.writer.sync();
    if (each.type === 'rotate') this.writer.rotate();
    if (each.type === 'compress') await this.#compress();
  }

  #next(text: string): string {
    const line = JSON.stringify({ seq: this.lines.length + 1, message: text });
    this.lines.push(line);
    return line;
  }

  #block(messages: readonly string[]): void {
    const header = JSON.stringify({ ...HEADER, count: messages.length });
    const lines = messages.map((text) => this.#next(text));
    this.writer.appendBlock(Buffer.from([header, ...lines, ''].join('\n')), lines.length);
  }

  async #compress(): Promise<void> {
    const { directory } = this;
    const sealed = listSegments({ directory }).find((segment) => segment.sealed && !segment.compressed);
    if (sealed !== undefined) await compressSegment({ directory, segment: sealed.segment });
  }
}

const recordsIn = (lines: Buffer): string[] =>
  lines
    .toString('utf8')
    .split('\n')
    .filter((line) => line.startsWith('{"seq"'));

test('what is read is what was appended', async () => {
  const steps = fc.array(step, { minLength: 1, maxLength: 60 });
  const property = fc.asyncProperty(steps, fc.integer({ min: 1, max: 9000 }), async (plan, bytesMax) => {
    const run = new Run(temporaryDirectory());
    for (const each of plan) await run.do(each);
    await run.writer.close();
    const { directory, lines } = run;
    const groups = [...readGroups({ directory, bytesMax })];
    expect(groups.flatMap((group) => recordsIn(group.lines))).toEqual(lines);
    expect(groups.every((group) => group.verified)).toBe(true);
    const verification = verifySpool({ directory });
    expect(verification).toMatchObject({ ok: true, records: lines.length, damagedBytes: 0 });
    let before = 0;
    for (const group of groups) {
      before += recordsIn(group.lines).length;
      const next = readGroups({ directory, from: group.to }).next().value;
      const found = next === undefined ? [] : recordsIn(next.lines);
      expect(found).toEqual(lines.slice(before, before + found.length));
    }
  });
  await fc.assert(property, { numRuns: Number(process.env['SILLOK_FUZZ_RUNS'] ?? 30) });
});
