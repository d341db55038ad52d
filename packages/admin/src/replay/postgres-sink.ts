/** A table in PostgreSQL as the second database. */
import { SINK_IDS_PAGE } from '../limits.js';
import type { Fields, Sink, SinkRefusal, SinkWrite } from './define.js';

type Query = (sql: string, values: readonly unknown[]) => Promise<{ readonly rows: readonly unknown[] }>;

export interface PostgresSinkOptions {
  /** `(sql, values) => pool.query(sql, [...values])` */
  readonly query: Query;
  /** With its schema: `search.orders`. */
  readonly table: string;
  /** Its primary key. */
  readonly key: string;
  /** Columns that a document has, besides the key. */
  readonly columns: readonly string[];
}

export function postgresSink({ query, table, key, columns }: PostgresSinkOptions): Sink {
  const place = table.split('.').map(name).join('.');
  const all = [key, ...columns];
  const shown = all.map(name).join(', ');
  const updates = columns.map((column) => `${name(column)} = EXCLUDED.${name(column)}`).join(', ');
  const holders = all.map((_, index) => `$${index + 1}`).join(', ');
  const conflict = columns.length === 0 ? 'DO NOTHING' : `DO UPDATE SET ${updates}`;
  const upsert = `INSERT INTO ${place} (${shown}) VALUES (${holders}) ON CONFLICT (${name(key)}) ${conflict}`;
  const remove = `DELETE FROM ${place} WHERE ${name(key)}::text = ANY($1::text[])`;
  const writeOne = ({ id, document }: SinkWrite): Promise<unknown> =>
    document === undefined
      ? query(remove, [[id]])
      : query(upsert, [id, ...columns.map((column) => valueOf(document[column]))]);
  return {
    name: `postgres ${table}`,
    async read(ids) {
      const sql = `SELECT ${shown} FROM ${place} WHERE ${name(key)}::text = ANY($1::text[])`;
      const { rows } = await query(sql, [[...ids]]);
      // Rows of a SELECT are objects by column.
      const found = rows.map((row) => row as Fields);
      return new Map(found.map((row) => [String(row[key]), row]));
    },
    async write(writes) {
      const refused: SinkRefusal[] = [];
      // What is gone goes first: it may hold a value that another one takes.
      const gone = writes.filter(({ document }) => document === undefined);
      const others = writes.filter(({ document }) => document !== undefined);
      for (const write of [...gone, ...others]) {
        try {
          await writeOne(write);
        } catch (error) {
          if (!isOfTheDocument(error)) throw error;
          refused.push({ id: write.id, reason: error.message });
        }
      }
      return refused;
    },
    async *ids() {
      const page = (where: string): string =>
        `SELECT ${name(key)} AS id FROM ${place} ${where} ORDER BY 1 LIMIT ${SINK_IDS_PAGE}`;
      // The key in its own type: PostgreSQL gives `$1` the type of the column.
      let { rows } = await query(page(''), []);
      while (rows.length > 0) {
        // Rows of this SELECT have one column.
        const keys = rows.map((row) => (row as { readonly id: unknown }).id);
        yield keys.map(String);
        if (rows.length < SINK_IDS_PAGE) return;
        rows = (await query(page(`WHERE ${name(key)} > $1`), [keys.at(-1)])).rows;
      }
    },
  };
}

/** Classes of SQLSTATE: 22 is data that the columns do not take, 23 a constraint. Anything else is no fault of the one document. */
function isOfTheDocument(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && /^2[23]/.test(String(error.code));
}

/** A name in SQL: quoted, whatever it is. */
function name(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}

/** Objects go into json columns as text; pg would make an array of PostgreSQL of a list. */
function valueOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : (value ?? null);
}
