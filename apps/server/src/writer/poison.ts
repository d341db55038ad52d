/**
 * A batch that the engine cannot read because of single records: they are found by halving (@sillok/store), kept aside
 * with the reason, and the batch goes on without them. One bad record so costs only itself, and never the writer's way.
 */
import type { ChunkHeader, Store } from '@sillok/store';

import type { Aside, AsideEntry } from '../aside.js';
import { contentOfLines, type BatchContent } from './content.js';
import { eachLine, isRecord } from './lines.js';

type Poison = Awaited<ReturnType<Store['findPoison']>>[number];

/** The same batch without the records that cannot be read. They are on disk elsewhere when it resolves. */
export async function withoutPoison(
  store: Store,
  content: BatchContent,
  aside: Aside,
): Promise<BatchContent> {
  const lines = await content.lines();
  const found = await poisonIn(store, lines);
  aside.keep(found.map((poison) => entryOf(poison, { lines, headers: content.headers })));
  return contentOfLines(content, { lines, without: new Set(found.map(({ line }) => line)) });
}

/** When the engine cannot say which, none of it can be kept in the store: all of it is set aside. */
async function poisonIn(store: Store, lines: Buffer): Promise<readonly Poison[]> {
  try {
    return await store.findPoison(lines);
  } catch (error) {
    const isHopeless = error instanceof Error && 'code' in error && error.code === 'bad_record';
    if (!isHopeless) throw error;
    return recordLines(lines).map((line) => ({ line, reason: error.message }));
  }
}

function recordLines(lines: Buffer): number[] {
  const found: number[] = [];
  eachLine(lines, (line, row) => {
    if (isRecord(line)) found.push(row);
  });
  return found;
}

function entryOf(
  { line, reason }: Poison,
  { lines, headers }: { lines: Buffer; headers: readonly ChunkHeader[] },
): AsideEntry {
  const header = headers.findLast(({ rowStart }) => rowStart <= line);
  const text = lineAt(lines, line);
  const seq = Number(/^\{"seq":(\d+),/.exec(text)?.[1] ?? 0);
  const { project = '', producer = '', boot = '' } = header ?? {};
  return { project, producer, boot, seq, reason: `poison: ${reason}`, line: text };
}

function lineAt(lines: Buffer, wanted: number): string {
  let text = '';
  eachLine(lines, (line, row) => {
    if (row === wanted) text = line.toString('utf8');
  });
  return text;
}
