/** What lies on disk: partitions by (class, day), bytes, and parts that the engine has set aside as broken. */
import type { Client } from './client.js';
import { quoteName, quoteText } from './names.js';
import { onCluster, storageTable, type SchemaOptions } from './schema.js';

export interface Partition {
  readonly class: string;
  /** `2026-11-21` */
  readonly day: string;
  readonly rows: number;
  /** Compressed, with indexes and marks. */
  readonly bytes: number;
  readonly parts: number;
}

export interface DiskUsage {
  readonly bytes: number;
  readonly rows: number;
  readonly byClass: readonly { readonly class: string; readonly bytes: number; readonly rows: number }[];
  /** Free bytes of the disk that holds the tables. */
  readonly free: number;
}

export interface BrokenPart {
  readonly name: string;
  readonly reason: string;
  readonly bytes: number;
}

export interface DiskDeps {
  readonly client: Client;
  readonly schema: SchemaOptions;
}

export async function listPartitions(deps: DiskDeps): Promise<Partition[]> {
  const sql = `SELECT partition, sum(rows), sum(bytes_on_disk), count() FROM ${system(deps, 'parts')}
    WHERE active AND ${ours(deps)} GROUP BY partition ORDER BY partition`;
  const rows = await cells(deps, sql);
  return rows.map(([partition = '', count, bytes, parts]) => ({
    ...parsePartition(partition),
    rows: Number(count),
    bytes: Number(bytes),
    parts: Number(parts),
  }));
}

/** `('log',20261121)` */
function parsePartition(text: string): { class: string; day: string } {
  const match = /^\('((?:[^'\\]|\\.)*)',(\d{4})(\d{2})(\d{2})\)$/.exec(text);
  if (match === null) return { class: text, day: '' };
  const [, name = '', year, month, day] = match;
  return { class: name.replaceAll(/\\(.)/g, '$1'), day: `${year}-${month}-${day}` };
}

export async function diskUsage(deps: DiskDeps): Promise<DiskUsage> {
  const partitions = await listPartitions(deps);
  const byClass = new Map<string, { class: string; bytes: number; rows: number }>();
  for (const { class: name, bytes, rows } of partitions) {
    const sum = byClass.get(name) ?? { class: name, bytes: 0, rows: 0 };
    byClass.set(name, { class: name, bytes: sum.bytes + bytes, rows: sum.rows + rows });
  }
  const [disk] = await cells(deps, `SELECT min(free_space) FROM ${system(deps, 'disks')}`);
  return {
    bytes: partitions.reduce((sum, { bytes }) => sum + bytes, 0),
    rows: partitions.reduce((sum, { rows }) => sum + rows, 0),
    byClass: [...byClass.values()],
    free: Number(disk?.[0] ?? 0),
  };
}

/**
 * Parts that the engine found damaged and detached, which it does without any error. Rows in them are gone from
 * answers: their batches must be counted and inserted again.
 */
export async function brokenParts(deps: DiskDeps): Promise<BrokenPart[]> {
  const sql = `SELECT name, reason, bytes_on_disk FROM ${system(deps, 'detached_parts')}
    WHERE ${ours(deps)} AND reason NOT IN ('', 'ignored', 'clone', 'attaching', 'deleting', 'tmp-fetch')`;
  const rows = await cells(deps, sql);
  return rows.map(([name = '', reason = '', bytes]) => ({ name, reason, bytes: Number(bytes) }));
}

/** Removes a day of a class. The caller removes the segments afterwards: a row expires before its segment does. */
export async function dropDay(deps: DiskDeps, retention: string, day: string): Promise<void> {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) throw new Error(`not a day: ${day}`);
  const table = `${quoteName(deps.schema.database)}.${quoteName(storageTable(deps.schema))}`;
  const partition = `(${quoteText(retention)}, ${day.replaceAll('-', '')})`;
  const sql = `ALTER TABLE ${table}${onCluster(deps.schema)} DROP PARTITION ${partition}`;
  await deps.client.text({ sql, pool: 'system' });
}

function system({ schema }: DiskDeps, table: string): string {
  return schema.cluster === undefined
    ? `system.${table}`
    : `cluster(${quoteText(schema.cluster)}, system.${table})`;
}

function ours({ schema }: DiskDeps): string {
  return `database = ${quoteText(schema.database)} AND table = ${quoteText(storageTable(schema))}`;
}

/** Cells of a TSV answer; none of ours holds a tab. */
async function cells({ client }: DiskDeps, sql: string): Promise<string[][]> {
  const text = await client.text({ sql: `${sql} FORMAT TabSeparatedRaw`, pool: 'system' });
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split('\t'));
}
