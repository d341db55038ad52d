/**
 * The INSERT of a chunk.
 *
 * The engine reads the lines itself. Header and integrity lines read as rows with seq 0 and are filtered. A record's
 * batch is found by the number of its line (`_row_number`, rounded down to a header's): nearly free, where a join cost
 * 26 to 33 % (FACTS). Few distinct writers stand behind many batches, so the number is first mapped to a small index.
 */
import type { Chunk, ChunkHeader } from './chunk.js';
import { COLUMNS, LINE_COLUMNS, TIME_TYPE, type Column } from './columns.js';
import { quoteName, quoteText } from './names.js';

export interface InsertOptions {
  /** `` `sillok`.`records` `` */
  readonly table: string;
  /** Where the lines come from, e.g. `file('…', JSONEachRow, …)`. */
  readonly source: string;
  /** The expression for the number of the line, or of the header, that `starts` are compared with. */
  readonly position: string;
  /** The batches in the source, and the values of `position` at which each begins. */
  readonly headers: readonly ChunkHeader[];
  readonly starts: readonly number[];
  /** Days (YYYYMMDD) to take, when the chunk is split. */
  readonly days?: { readonly from: number; readonly to: number } | undefined;
  readonly onlyMissing: boolean;
}

/** How the engine is told to read a line. `extra` are columns of the source beyond the record's. */
export function structure(extra: readonly string[] = []): string {
  const columns = LINE_COLUMNS.map(({ name, type }) => `${quoteName(name)} ${type}`);
  return [...extra, ...columns].join(', ');
}

/** One reading of the bytes, whatever the server's defaults are. */
export const READ_SETTINGS: Readonly<Record<string, string>> = {
  input_format_skip_unknown_fields: '1',
  input_format_defaults_for_omitted_fields: '1',
  input_format_null_as_default: '0',
  input_format_json_read_numbers_as_strings: '1',
  input_format_json_read_bools_as_strings: '1',
  input_format_json_read_arrays_as_strings: '1',
  input_format_json_read_objects_as_strings: '1',
  input_format_allow_errors_num: '0',
  input_format_allow_errors_ratio: '0',
  date_time_input_format: 'best_effort',
};

export function insertSql(chunk: Chunk, options: InsertOptions): string {
  const names = COLUMNS.map(({ name }) => quoteName(name)).join(', ');
  const writers = indexWriters(options.headers);
  const expressions = COLUMNS.map((column) => expression(column, { chunk, options, writers }));
  const conditions = ['seq > 0'];
  if (options.days !== undefined) {
    conditions.push(`toYYYYMMDD(time) BETWEEN ${options.days.from} AND ${options.days.to}`);
  }
  const select = `SELECT ${expressions.join(', ')} FROM ${options.source} WHERE ${conditions.join(' AND ')}`;
  const rows = options.onlyMissing ? withoutPresent(select, chunk, options) : select;
  return `INSERT INTO ${options.table} (${names}) ${rows}`;
}

/** Rows whose identity the batch does not have yet. Exact, where deduplication tokens are not (FACTS). */
function withoutPresent(select: string, chunk: Chunk, { table }: InsertOptions): string {
  const identity = 'project, producer, boot, seq';
  const present = `SELECT ${identity} FROM ${table} WHERE ${batchCondition(chunk)}`;
  return `SELECT * FROM (${select}) WHERE (${identity}) NOT IN (${present})`;
}

/** The rows of a batch; the times let the engine skip all other partitions and granules. */
export function batchCondition({ id, timeFrom, timeTo }: Chunk): string {
  return `batch = ${id} AND time >= ${timeLiteral(timeFrom)} AND time <= ${timeLiteral(timeTo)}`;
}

export function timeLiteral(time: string): string {
  return `toDateTime64(${quoteText(time.replace('T', ' ').replace('Z', ''))}, 9, 'UTC')`;
}

interface Writers {
  /** Distinct headers but for `observed_time`. */
  readonly distinct: readonly ChunkHeader[];
  /** For each header, the index of its writer in `distinct`, from 1. */
  readonly of: readonly number[];
}

function indexWriters(headers: readonly ChunkHeader[]): Writers {
  const indexes = new Map<string, number>();
  const distinct: ChunkHeader[] = [];
  const of = headers.map((header) => {
    const { project, class: retention, producer, boot, resource } = header;
    const key = JSON.stringify([project, retention, producer, boot, resource]);
    let index = indexes.get(key);
    if (index === undefined) {
      distinct.push(header);
      index = distinct.length;
      indexes.set(key, index);
    }
    return index;
  });
  return { distinct, of };
}

interface Context {
  readonly chunk: Chunk;
  readonly options: InsertOptions;
  readonly writers: Writers;
}

function expression(column: Column, context: Context): string {
  if (column.from === 'line') return quoteName(column.name);
  if (column.name === 'batch') return `toUInt64(${context.chunk.id})`;
  const name = quoteName(column.name);
  if (column.name === 'observed_time') {
    const times = context.options.headers.map(({ observed_time: time }) => time);
    if (new Set(times).size === 1) return `${timeLiteral(times[0] ?? '')} AS ${name}`;
    const values = times.map((time) => quoteText(time.replace('T', ' ').replace('Z', '')));
    return `CAST(${perHeader(context, values, "''")}, ${quoteText(TIME_TYPE)}) AS ${name}`;
  }
  const values = context.writers.distinct.map((header) => headerValue(header, column));
  return `CAST(${perWriter(context, values)}, 'LowCardinality(String)') AS ${name}`;
}

function headerValue(header: ChunkHeader, { name, from }: Column): string {
  if (from === 'resource') {
    const value = header.resource[name];
    return value === undefined ? '' : String(value);
  }
  switch (name) {
    case 'project':
      return header.project;
    case 'class':
      return header.class;
    case 'producer':
      return header.producer;
    case 'boot':
      return header.boot;
    case 'resource':
      return JSON.stringify(header.resource);
    default:
      throw new Error(`no header field for column ${name}`);
  }
}

function perWriter(context: Context, values: readonly string[]): string {
  if (new Set(values).size === 1) return quoteText(values[0] ?? '');
  const indexes = values.map((_value, index) => index + 1).join(',');
  const index = perHeader(context, context.writers.of.map(String), '0');
  return `transform(${index}, [${indexes}], [${values.map(quoteText).join(',')}], '')`;
}

function perHeader({ options }: Context, values: readonly string[], fallback: string): string {
  const starts = `[${options.starts.join(',')}]`;
  const header = `roundDown(${options.position}, ${starts})`;
  return `transform(${header}, ${starts}, [${values.join(',')}], ${fallback})`;
}
