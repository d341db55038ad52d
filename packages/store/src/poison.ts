/**
 * Finds the records that the engine cannot read, by halving: a stretch of lines is parsed into nothing, and one that
 * fails is cut in two until a single line is left. One bad record so costs only itself.
 *
 * Lines are parsed as the INSERT would parse them, with the same structure and settings, but nothing is stored.
 */
import type { Client } from './client.js';
import { StoreError } from './errors.js';
import { READ_SETTINGS, structure } from './insert-sql.js';
import { INSERT_TIMEOUT_MS, POISON_MAX } from './limits.js';
import { quoteText } from './names.js';

export interface Poison {
  /** Index of the line in the source, from 0. */
  readonly line: number;
  readonly reason: string;
}

interface Stretch {
  readonly from: number;
  readonly to: number;
}

export async function findPoison(client: Client, lines: Uint8Array): Promise<Poison[]> {
  const bytes = Buffer.from(lines.buffer, lines.byteOffset, lines.byteLength);
  const ends = lineEnds(bytes);
  const startOf = (line: number): number => (line === 0 ? 0 : (ends[line - 1] ?? 0));
  const found: Poison[] = [];
  const stretches: Stretch[] = [{ from: 0, to: ends.length }];
  for (let next = stretches.pop(); next !== undefined; next = stretches.pop()) {
    const { from, to } = next;
    if (from === to) continue;
    const reason = await parseError(client, bytes.subarray(startOf(from), startOf(to)));
    if (reason === undefined) continue;
    if (to - from === 1) found.push({ line: from, reason });
    else {
      const middle = (from + to) >> 1;
      stretches.push({ from: middle, to }, { from, to: middle });
    }
    if (found.length > POISON_MAX) {
      throw new StoreError(
        'bad_record',
        `More than ${POISON_MAX} records of the chunk cannot be read: ${reason}`,
      );
    }
  }
  return found;
}

function lineEnds(bytes: Buffer): number[] {
  const ends: number[] = [];
  for (let at = bytes.indexOf(0x0a); at >= 0; at = bytes.indexOf(0x0a, at + 1)) ends.push(at + 1);
  if (bytes.length > (ends.at(-1) ?? 0)) ends.push(bytes.length);
  return ends;
}

/** Why the lines cannot be read, or undefined when they can. Other failures are thrown. */
async function parseError(client: Client, lines: Buffer): Promise<string | undefined> {
  const shape = quoteText(structure());
  const sql = `INSERT INTO FUNCTION null(${shape}) SELECT * FROM input(${shape}) FORMAT JSONEachRow`;
  try {
    await client.insert(
      { sql, pool: 'insert', settings: READ_SETTINGS, timeoutMs: INSERT_TIMEOUT_MS },
      lines,
    );
    return undefined;
  } catch (error) {
    if (error instanceof StoreError && error.code === 'bad_record') return error.message;
    throw error;
  }
}
