/**
 * The real engine in this process, with a table as the store makes it, filled from lines as the queue has them. One
 * session per folder and process, so tests that need their own data use tables of their own.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeRecord, ENVELOPE_IDS, KNOWN_ATTRIBUTES, KNOWN_RESOURCE } from '@sillok/record';
import { Session } from 'chdb';
import { formatQueryParams } from '@clickhouse/client-common';
import { SEARCH_INDEXES } from './index-expressions.js';
import type { Row } from './match.js';
import type { Parameters } from './sql/parameters.js';
import { quoteIdentifier } from './sql/quote.js';

const KEYWORD = 'LowCardinality(String)';
const TYPES = { keyword: KEYWORD, text: 'String', uint16: 'UInt16', float64: 'Nullable(Float64)' };
const TIME = `DateTime64(9, 'UTC')`;

const LINE_COLUMNS: readonly (readonly [string, string])[] = [
  ['seq', 'UInt64'],
  ['time', TIME],
  ['kind', KEYWORD],
  ['level', KEYWORD],
  ['message', 'String'],
  ...ENVELOPE_IDS.map((name) => [name, 'String'] as const),
  ...KNOWN_ATTRIBUTES.map((known) => [known.name, TYPES[known.type]] as const),
  ['attributes', `Map(${KEYWORD}, String)`],
];
const BATCH_COLUMNS: readonly (readonly [string, string])[] = [
  ['project', KEYWORD],
  ['class', KEYWORD],
  ['producer', KEYWORD],
  ['boot', KEYWORD],
  ['observed_time', TIME],
  ['resource', KEYWORD],
  ...KNOWN_RESOURCE.map((name) => [name, KEYWORD] as const),
  ['batch', 'UInt64'],
];

/** A string literal; the engine's library takes statements that end at a NUL. */
const quoted = (text: string): string =>
  `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\0', '\\0')}'`;
const list = (columns: readonly (readonly [string, string])[]): string =>
  columns.map(([name, type]) => `${quoteIdentifier(name)} ${type}`).join(', ');

export interface Answer {
  readonly rows: readonly (readonly unknown[])[];
  readonly names: readonly string[];
}

export class TestEngine {
  private readonly folder = mkdtempSync(join(tmpdir(), 'sillok-query-'));
  private readonly session = new Session(join(this.folder, 'engine'));

  createTable(table: string): void {
    const indexes = SEARCH_INDEXES.map(
      ({ name, expression, type }) => `INDEX ${name} ${expression} TYPE ${type} GRANULARITY 1`,
    );
    this.session.query(
      `CREATE TABLE ${table} (${list(BATCH_COLUMNS)}, ${list(LINE_COLUMNS)}, ${indexes.join(', ')}) ENGINE = MergeTree ` +
        `PARTITION BY (class, toYYYYMMDD(time)) ORDER BY (time, producer, boot, seq) SETTINGS index_granularity = 64`,
    );
  }

  /** Inserts rows through their lines; rows with the same context are one batch. */
  insert(table: string, rows: readonly Row[]): void {
    const batches = new Map<Row['context'], Row[]>();
    for (const row of rows) batches.set(row.context, [...(batches.get(row.context) ?? []), row]);
    let batch = 0;
    for (const [context, records] of batches) {
      batch += 1;
      this.insertBatch(table, { context, records, batch });
    }
  }

  private insertBatch(table: string, chunk: { context: Row['context']; records: Row[]; batch: number }): void {
    const { context, records, batch } = chunk;
    const path = join(this.folder, 'lines.ndjson');
    writeFileSync(path, records.map(({ record }) => `${encodeRecord(record)}\n`).join(''));
    const values: { [name: string]: string } = {
      project: context.project,
      class: 'default',
      producer: context.producer,
      boot: context.boot,
      observed_time: context.observed_time.replace('T', ' ').replace('Z', ''),
      resource: JSON.stringify(context.resource),
      batch: String(batch),
    };
    const constants = BATCH_COLUMNS.map(([name]) => quoted(values[name] ?? String(context.resource[name] ?? '')));
    const names = [...BATCH_COLUMNS, ...LINE_COLUMNS].map(([name]) => quoteIdentifier(name)).join(', ');
    const columns = LINE_COLUMNS.map(([name]) => quoteIdentifier(name)).join(', ');
    this.session.query(
      `INSERT INTO ${table} (${names}) SELECT ${constants.join(', ')}, ${columns} ` +
        `FROM file(${quoted(path)}, JSONEachRow, ${quoted(list(LINE_COLUMNS))}) ` +
        `SETTINGS input_format_json_read_numbers_as_strings = 1, input_format_json_read_bools_as_strings = 1, ` +
        `input_format_json_read_arrays_as_strings = 1, input_format_json_read_objects_as_strings = 1, ` +
        `date_time_input_format = 'best_effort'`,
    );
  }

  /** Runs a statement with its parameters bound as the client of the store binds them. */
  select(sql: string, params: Parameters = {}, settings = ''): Answer {
    for (const [name, value] of Object.entries(params)) {
      this.session.query(`SET param_${name} = ${quoted(formatQueryParams({ value }))}`);
    }
    const text = this.session.query(settings === '' ? sql : `${sql} SETTINGS ${settings}`, 'JSONCompact');
    // JSONCompact has this shape.
    const answer = JSON.parse(text) as { meta: { name: string }[]; data: unknown[][] };
    return { rows: answer.data, names: answer.meta.map((column) => column.name) };
  }

  /** Runs a statement of the test itself. */
  run(sql: string): string {
    return this.session.query(sql, 'TSVRaw');
  }

  close(): void {
    this.session.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
