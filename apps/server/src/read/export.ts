/**
 * `GET /api/export`: all records of a search as one stream, NDJSON, CSV or Parquet. It reads page after page, so memory stays
 * that of one page, and the reader's pace is the pace. If anything fails on the way the connection breaks: an
 * export that ended properly is complete.
 */
import { Readable } from 'node:stream';
import { exportQuery, ROUTES } from '@sillok/api';
import { compileStats, fieldOf, type Field, type Query, type Row } from '@sillok/query';
import { csvLine } from '@sillok/record';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { z } from 'zod';
import { whileGood } from '../still-good.js';
import { ReadError } from './errors.js';
import { EXPORT_PAGE_RECORDS, EXPORT_RECORDS_MAX } from './limits.js';
import { parquetOf } from './parquet.js';
import { envelopeOf, readPage, type PageStart } from './records-page.js';
import {
  checked,
  hasPipes,
  projectOf,
  rangeOf,
  runSearch,
  searchOf,
  type Range,
  type Reading,
} from './reading.js';
import { valueOf } from './table-page.js';

/** Columns of a CSV or a Parquet file when the caller names none; `attributes` is the rest, as JSON. */
const FIELDS = 'time,level,kind,service.name,message,trace_id,span_id,global_trace_id,session_hash,user_hash';
const FIELDS_ALL = `${FIELDS},producer,boot,seq,attributes`;

export function registerExport(app: FastifyInstance, reading: Reading): void {
  app.get(ROUTES.export, async (request, reply) => {
    const project = projectOf(reading, request);
    const asked = checked(exportQuery, request.query);
    const query = searchOf(asked.q);
    if (hasPipes(query))
      throw new ReadError('pipes_refused', 'An export takes records, so its search has no pipes.');
    const nowMs = Date.now();
    const range = rangeOf(asked, nowMs);
    const total = await countOf(reading, { query, project, range, reply });
    if (asked.limit === undefined && total > EXPORT_RECORDS_MAX) throw tooLarge(total);
    void reply.type(TYPES[asked.format]);
    void reply.header('content-disposition', `attachment; filename="sillok.${asked.format}"`);
    void reply.header('sillok-records', String(Math.min(total, asked.limit ?? total)));
    const pages = pagesOf(reading, { asked, query, project, start: { range, nowMs }, reply });
    const allowed = whileGood(pages, { auth: reading.auth, request });
    return reply.send(Readable.from(bodyOf(asked, allowed), { objectMode: false }));
  });
}

const TYPES = {
  csv: 'text/csv; charset=utf-8',
  ndjson: 'application/x-ndjson',
  parquet: 'application/vnd.apache.parquet',
} as const;

function bodyOf(
  { format, fields }: z.output<typeof exportQuery>,
  pages: AsyncIterable<readonly Row[]>,
): AsyncIterable<string | Uint8Array> {
  if (format === 'ndjson') return linesOf(pages);
  const names = (fields ?? FIELDS_ALL).split(',').map((name) => name.trim());
  const table = tableOf(names.filter(Boolean), pages);
  return format === 'csv' ? csvOf(table) : parquetOf(table.names, table.pages);
}

function tooLarge(total: number): ReadError {
  const message = `${total} records match, and one export takes at most ${EXPORT_RECORDS_MAX}.`;
  return new ReadError('export_too_large', message, { more: { records: total } });
}

interface Counting {
  readonly query: Query;
  readonly project: string;
  readonly range: Range;
  readonly reply: FastifyReply;
}

async function countOf(reading: Reading, { query, project, range, reply }: Counting): Promise<number> {
  const count = {
    type: 'stats',
    aggregates: [{ function: 'count', name: 'count()' }],
    dimensions: [],
  } as const;
  const counted = { ...query, stages: [count] };
  const statement = compileStats(counted, { project, ...range, table: reading.store().table });
  if (statement === undefined) return 0;
  const { rows } = await runSearch(reading, statement, { project, reply });
  return Number(rows[0]?.[0] ?? 0);
}

interface Exporting {
  readonly asked: z.output<typeof exportQuery>;
  readonly query: Query;
  readonly project: string;
  readonly start: PageStart;
  readonly reply: FastifyReply;
}

async function* pagesOf(reading: Reading, exporting: Exporting): AsyncGenerator<readonly Row[]> {
  const { asked, query, project, reply } = exporting;
  const { q, order, from, to } = asked;
  const binding = { project, q, order, from, to };
  let { start } = exporting;
  let left = asked.limit ?? EXPORT_RECORDS_MAX;
  while (left > 0) {
    const limit = Math.min(left, EXPORT_PAGE_RECORDS);
    const page = await readPage(reading, { query, binding, limit, start, reply });
    yield page.rows;
    left -= page.rows.length;
    if (page.next === null) return;
    start = { ...start, cursor: reading.cursors.decode(page.next, binding) };
  }
}

async function* linesOf(pages: AsyncIterable<readonly Row[]>): AsyncGenerator<string> {
  for await (const rows of pages) yield rows.map((row) => `${JSON.stringify(envelopeOf(row))}\n`).join('');
}

interface CellPages {
  readonly names: readonly string[];
  readonly pages: AsyncIterable<readonly (readonly unknown[])[]>;
}

function tableOf(names: readonly string[], pages: AsyncIterable<readonly Row[]>): CellPages {
  const columns = names.map((name) => (name === 'attributes' ? undefined : fieldOf(name)));
  async function* cells(): AsyncGenerator<readonly (readonly unknown[])[]> {
    for await (const rows of pages) yield rows.map((row) => cellsOf(columns, row));
  }
  return { names, pages: cells() };
}

async function* csvOf({ names, pages }: CellPages): AsyncGenerator<string> {
  yield csvLine(names);
  for await (const rows of pages) yield rows.map(csvLine).join('');
}

function cellsOf(columns: readonly (Field | undefined)[], row: Row): unknown[] {
  return columns.map((field) => (field === undefined ? envelopeOf(row).attributes : valueOf(field, row)));
}
