/** Answers of searches with pipes: `| stats …` computed by the engine, `| fields …` picked from the records. */
import type { Column, Cost } from '@sillok/api';
import { compileStats, statsStage, type Field, type Query, type Row } from '@sillok/query';
import type { FastifyReply } from 'fastify';
import { TABLE_ROWS_MAX } from './limits.js';
import { runSearch, type Range, type Reading } from './reading.js';

export interface Table {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly unknown[])[];
  readonly truncated: boolean;
  readonly cost: Cost;
}

export interface TableRequest {
  readonly query: Query;
  readonly project: string;
  readonly range: Range;
  readonly nowMs: number;
  readonly reply: FastifyReply;
}

export function isTable(query: Query): boolean {
  return statsStage(query) !== undefined || fieldsStage(query) !== undefined;
}

export async function readStats(reading: Reading, request: TableRequest): Promise<Table> {
  const statement = compileStats(request.query, {
    project: request.project,
    ...request.range,
    nowNs: BigInt(request.nowMs) * 1_000_000n,
    table: reading.store().table,
    limit: TABLE_ROWS_MAX,
  });
  if (statement === undefined) throw new Error('readStats is called for searches with stats only');
  const { columns, rows, statistics } = await runSearch(reading, statement, request);
  return { columns, rows, truncated: rows.length >= TABLE_ROWS_MAX, cost: statistics };
}

/** The fields that `| fields a, b` asks for, when nothing is counted. */
export function fieldsStage(query: Query): readonly Field[] | undefined {
  if (statsStage(query) !== undefined) return undefined;
  const stage = query.stages.findLast((each) => each.type === 'fields');
  return stage?.type === 'fields' ? stage.fields : undefined;
}

export function pickFields(fields: readonly Field[], rows: readonly Row[]): Pick<Table, 'columns' | 'rows'> {
  return {
    columns: fields.map(({ name, source }) => ({ name, type: source.kind })),
    rows: rows.map((row) => fields.map((field) => valueOf(field, row))),
  };
}

/** The value of a field in a record as JSON; null when the record has none. */
export function valueOf({ source }: Field, { record, context }: Row): unknown {
  switch (source.kind) {
    case 'attribute': {
      const path = source.paths.find((each) => record.attributes !== undefined && each in record.attributes);
      return path === undefined ? null : (record.attributes?.[path] ?? null);
    }
    case 'resource':
      return context.resource[source.key] ?? null;
    default:
      return columnOf(source.column, { record, context });
  }
}

function columnOf(column: string, { record, context }: Row): unknown {
  if (column in record) return record[column] ?? null;
  const own: Readonly<Record<string, unknown>> = { ...context };
  return own[column] ?? context.resource[column] ?? null;
}
