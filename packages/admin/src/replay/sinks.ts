/** Second databases: a table in PostgreSQL, an index that speaks Elasticsearch's HTTP. Anything else is an object with `read` and `write`. */
import { z } from 'zod';
import { ScriptError } from '../errors.js';
import { REPLAY_CALL_MS_MAX } from '../limits.js';
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

export interface ElasticSinkOptions {
  /** `https://search.internal:9200` */
  readonly url: string;
  readonly index: string;
  /** `{ authorization: 'ApiKey …' }` */
  readonly headers?: Readonly<Record<string, string>>;
}

const multiShape = z.object({
  docs: z.array(
    z.object({
      _id: z.string(),
      found: z.boolean().default(false),
      _source: z.looseObject({}).optional(),
      error: z.unknown().optional(),
    }),
  ),
});
const bulkShape = z.object({
  items: z.array(
    z.record(
      z.string(),
      z.looseObject({ _id: z.string(), status: z.number(), error: z.unknown().optional() }),
    ),
  ),
});

/** Elasticsearch, OpenSearch, and what speaks like them: `_mget`, and `_bulk` with whole documents. */
export function elasticSink({ url, index, headers = {} }: ElasticSinkOptions): Sink {
  const base = `${url.replace(/\/+$/, '')}/${encodeURIComponent(index)}`;
  const call = async <T>(path: string, { body, type, shape }: Call<T>): Promise<T> => {
    const { status, text } = await fetch(`${base}/${path}`, {
      method: 'POST',
      body,
      headers: { 'content-type': type, ...headers },
      signal: AbortSignal.timeout(REPLAY_CALL_MS_MAX),
    })
      .then(async (response) => ({ status: response.status, text: await response.text() }))
      .catch((cause: unknown) => {
        throw sinkFailed(index, cause instanceof Error ? cause.message : String(cause));
      });
    const answer = status < 300 ? shape.safeParse(jsonOf(text)) : undefined;
    if (answer?.success !== true) throw sinkFailed(index, `${status} ${text.slice(0, 300)}`);
    return answer.data;
  };
  return {
    name: `index ${index}`,
    async read(ids) {
      const asked = { body: JSON.stringify({ ids }), type: 'application/json', shape: multiShape };
      const { docs } = await call('_mget', asked);
      // Not to know what is there is something else than to know that nothing is.
      const unknown = docs.find(({ error }) => error !== undefined);
      if (unknown !== undefined) throw sinkFailed(index, reasonOf(unknown));
      return new Map(docs.filter((each) => each.found).map(({ _id, _source }) => [_id, _source ?? {}]));
    },
    async write(writes) {
      const lines = writes.flatMap(({ id, document }) =>
        document === undefined ? [{ delete: { _id: id } }] : [{ index: { _id: id } }, document],
      );
      const body = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
      const asked = { body, type: 'application/x-ndjson', shape: bulkShape };
      const { items } = await call('_bulk?refresh=wait_for', asked);
      if (items.length !== writes.length)
        throw sinkFailed(index, `it answered for ${items.length} of ${writes.length}`);
      const failed = items.flatMap((item) => Object.entries(item)).filter(isFailed);
      const away = failed.filter(([, { status }]) => !REFUSES_DOCUMENT.has(status));
      const [first] = away;
      if (first === undefined)
        return failed.map(([, item]) => ({ id: item._id, reason: textOf(item.error) }));
      const more = away.length === 1 ? '' : ` and ${away.length - 1} more`;
      throw sinkFailed(index, `${reasonOf(first[1])}${more}`);
    },
  };
}

interface Call<T> {
  readonly body: string;
  readonly type: string;
  readonly shape: z.ZodType<T>;
}

interface Item {
  readonly _id: string;
  readonly status: number;
  readonly error?: unknown;
}

/** It does not fit the mapping, or is too large: that one document is at fault, and not the index. */
const REFUSES_DOCUMENT: ReadonlySet<number> = new Set([400, 413]);

/** To delete what is not there is as it should be; a 404 with an error is an index that is not there. */
function isFailed([action, { status, error }]: readonly [string, Item]): boolean {
  const isGone = action === 'delete' && status === 404 && error === undefined;
  return status >= 300 && !isGone;
}

function reasonOf({ _id, error }: Pick<Item, '_id' | 'error'>): string {
  return `${_id}: ${textOf(error)}`;
}

function textOf(error: unknown): string {
  return (JSON.stringify(error) ?? 'no reason given').slice(0, 300);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function sinkFailed(index: string, reason: string): ScriptError {
  return new ScriptError(
    'sink_failed',
    `The index ${index} did not take it: ${reason}.`,
    'What was written before is right. Run it again when the cause is mended.',
  );
}
