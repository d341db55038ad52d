/**
 * Stores a chunk exactly: every record once, however often it is tried.
 *
 * What must hold:
 *  - no two attempts of a batch run at once: they share a statement id, which the engine refuses to run twice, and a
 *    retry first kills what may still run and sees it gone;
 *  - a retry inserts only identities that the batch does not have yet;
 *  - success is said only after the rows of the batch have been counted.
 */
import { readFile } from 'node:fs/promises';
import type { Chunk, InsertOutcome } from './chunk.js';
import type { Client } from './client.js';
import { StoreError } from './errors.js';
import { splitByDays } from './days.js';
import { batchCondition, insertSql, READ_SETTINGS, structure, type InsertOptions } from './insert-sql.js';
import { killStatement } from './kill.js';
import { INSERT_TIMEOUT_MS } from './limits.js';
import { INSERT_ID_PREFIX, quoteText } from './names.js';
import { headerRanges, TAG_COLUMN, tagLines } from './tag-lines.js';

export interface InsertDeps {
  readonly client: Client;
  /** `` `sillok`.`records` ``, or the table that a rebuild fills. */
  readonly table: string;
  readonly filesShared: boolean;
  readonly cluster: boolean;
  readonly timeoutMs?: number;
}

export async function insertChunk(deps: InsertDeps, chunk: Chunk): Promise<InsertOutcome> {
  const before = chunk.retry ? await clearEarlierAttempts(deps, chunk) : 0;
  if (before < chunk.records) await insertMissing(deps, chunk, before > 0);
  const present = await countBatch(deps, chunk);
  if (present < chunk.records) {
    throw new StoreError('rows_missing', `Batch ${chunk.id}: ${present} of ${chunk.records} rows are stored`);
  }
  if (present > chunk.records) {
    throw new StoreError(
      'rows_surplus',
      `Batch ${chunk.id}: ${present} rows are stored, not ${chunk.records}`,
    );
  }
  return { inserted: present - before, present };
}

/** Rows of the batch that are visible. */
export async function countBatch({ client, table }: InsertDeps, chunk: Chunk): Promise<number> {
  const sql = `SELECT count() FROM ${table} WHERE ${batchCondition(chunk)} FORMAT TabSeparated`;
  return Number(await client.text({ sql, pool: 'system' }));
}

/** Rows per batch, for reconciliation. */
export async function countBatches(deps: InsertDeps, from: bigint, to: bigint): Promise<Map<bigint, number>> {
  const where = `batch >= ${from} AND batch <= ${to}`;
  const sql = `SELECT batch, count() FROM ${deps.table} WHERE ${where} GROUP BY batch FORMAT TabSeparated`;
  const text = await deps.client.text({ sql, pool: 'system' });
  const counts = new Map<bigint, number>();
  for (const line of text.split('\n')) {
    const [batch = '', count] = line.split('\t');
    if (batch !== '') counts.set(BigInt(batch), Number(count));
  }
  return counts;
}

async function clearEarlierAttempts(deps: InsertDeps, chunk: Chunk): Promise<number> {
  const gone = await killStatement(deps.client, statementId(chunk));
  if (!gone) {
    throw new StoreError('insert_still_running', `An earlier insert of batch ${chunk.id} does not end`);
  }
  return countBatch(deps, chunk);
}

async function insertMissing(deps: InsertDeps, chunk: Chunk, onlyMissing: boolean): Promise<void> {
  const ranges = await splitByDays(chunk);
  for (const days of ranges) {
    for await (const statement of statements(deps, chunk, { table: deps.table, days, onlyMissing })) {
      await runInsert(deps, chunk, statement);
    }
  }
}

async function runInsert(deps: InsertDeps, chunk: Chunk, { sql, body }: Statement): Promise<void> {
  const request = {
    sql,
    pool: 'insert',
    queryId: statementId(chunk),
    timeoutMs: deps.timeoutMs ?? INSERT_TIMEOUT_MS,
    settings: {
      ...READ_SETTINGS,
      ...INSERT_SETTINGS,
      ...(chunk.gentle === true ? GENTLE_SETTINGS : {}),
      ...(deps.cluster ? CLUSTER_SETTINGS : {}),
    },
  } as const;
  try {
    await deps.client.insert(request, body);
  } catch (error) {
    // Whatever the answer would have been, nothing of it may go on behind our back.
    if (error instanceof StoreError && error.code === 'engine_unreachable') {
      await killStatement(deps.client, statementId(chunk)).catch(() => false);
    }
    throw error;
  }
}

/** Memory of an insert is that of its blocks, once per partition. */
const GENTLE_SETTINGS: Readonly<Record<string, string>> = {
  max_threads: '1',
  max_block_size: '4096',
  max_insert_block_size: '4096',
  min_insert_block_size_rows: '4096',
  min_insert_block_size_bytes: '8388608',
  input_format_parallel_parsing: '0',
};

const INSERT_SETTINGS: Readonly<Record<string, string>> = {
  /** One thread parses a chunk: a tenth less CPU and memory, and the other core is the server's. */
  input_format_parallel_parsing: '0',
  /** The chunk becomes one block, so one part per partition. */
  max_insert_block_size: '1048576',
};

/** Distributed tables answer only when the shards have the rows. */
const CLUSTER_SETTINGS: Readonly<Record<string, string>> = {
  distributed_foreground_insert: '1',
  insert_distributed_sync: '1',
};

export function statementId(chunk: Pick<Chunk, 'id'>): string {
  return `${INSERT_ID_PREFIX}${chunk.id}`;
}

type Parts = Pick<InsertOptions, 'table' | 'days' | 'onlyMissing'>;

interface Statement {
  readonly sql: string;
  readonly body?: Uint8Array;
}

async function* statements(
  { filesShared }: InsertDeps,
  chunk: Chunk,
  parts: Parts,
): AsyncGenerator<Statement> {
  const { source, headers } = chunk;
  if (filesShared && 'file' in source) {
    const from = `file(${quoteText(source.file)}, JSONEachRow, ${quoteText(structure())})`;
    const starts = headers.map(({ rowStart }) => rowStart);
    yield { sql: insertSql(chunk, { ...parts, source: from, position: '_row_number', headers, starts }) };
    return;
  }
  const lines = 'file' in source ? await readFile(source.file) : source.lines;
  const from = `input(${quoteText(structure([`${TAG_COLUMN} UInt32`]))})`;
  for (const range of headerRanges(headers)) {
    const some = headers.slice(range.from, range.to);
    const starts = some.map((_header, index) => index);
    const sql = insertSql(chunk, { ...parts, source: from, position: TAG_COLUMN, headers: some, starts });
    yield { sql: `${sql} FORMAT JSONEachRow`, body: tagLines(lines, headers, range) };
  }
}
