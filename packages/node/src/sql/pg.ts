/**
 * node-postgres, and with it everything that sends its statements through it: knex, kysely, drizzle, TypeORM, Sequelize,
 * Prisma's driver adapter. One place decides, so that none of them can get it wrong: a statement with a name is prepared once and
 * planned once under that name, so its text is never changed.
 */
import { bindContext } from '../scope.js';
import { copyWith, isMethod, ownerOf, replaceMethod } from './patch.js';
import { watchPool } from './pg-pool.js';
import { runSpan, type Span } from '../span.js';
import {
  commented,
  failStatement,
  isOtelWrapped,
  openStatement,
  settingsOf,
  type SqlOptions,
  type SqlSettings,
} from './settings.js';

/** What is used of the module `pg`. */
export interface PgModule {
  readonly Client: unknown;
  readonly Pool?: unknown;
}

interface Connected {
  readonly database?: string | undefined;
  readonly host?: string | undefined;
  readonly port?: number | undefined;
}

/** Once per process: `instrumentPg(pg)`. Returns what ends it. */
export function instrumentPg(pg: PgModule, options: SqlOptions = {}): () => void {
  const settings = settingsOf(options);
  const prototype = ownerOf(pg.Client, 'query');
  if (prototype === undefined) throw new TypeError('instrumentPg: this is not the module pg');
  const release = replaceMethod(prototype, 'query', (original) => {
    return function (this: Connected, ...values: unknown[]): unknown {
      const plain = (...given: unknown[]): unknown => Reflect.apply(original, this, given);
      const isWatched = isOtelWrapped(original) || isOtelWrapped(Reflect.get(prototype, 'query'));
      return send({ client: this, values, plain, settings, isWatched });
    };
  });
  const releasePool = watchPool(pg.Pool, { settings, textOf });
  return () => {
    release();
    releasePool();
  };
}

interface Sending {
  readonly client: Connected;
  /** `(text)`, `(text, values)`, `(text, callback)`, `(text, values, callback)`, each also with an object for the text. */
  readonly values: readonly unknown[];
  readonly plain: (...values: unknown[]) => unknown;
  readonly settings: SqlSettings;
  readonly isWatched: boolean;
}

function send({ client, values, plain, settings, isWatched }: Sending): unknown {
  const [config, ...rest] = values;
  const sql = textOf(config);
  // Cursors and streams of rows have a life of their own: their statement gets the comment, and no span.
  if (sql === undefined || isSubmittable(config)) {
    if (sql !== undefined && isSubmittable(config) && !isNamed(config)) {
      config.text = commented(sql, undefined, settings);
    }
    return plain(...values);
  }
  const { database: namespace, host, port } = client;
  const span = openStatement({ sql, system: 'postgresql', namespace, host, port }, settings, isWatched);
  const text = isNamed(config) ? sql : commented(sql, span, settings);
  const changed = typeof config === 'string' ? text : text === sql ? config : copyWith(config, { text });
  if (span === undefined) return plain(changed, ...rest);
  const answer = withCallback(changed, rest, span);
  if (answer !== undefined) return span.run(() => plain(...answer));
  return runStatement(span, () => plain(changed, ...rest));
}

/** The arguments with the callback among them wrapped; undefined when there is none and a promise comes back. */
function withCallback(config: unknown, rest: readonly unknown[], span: Span): unknown[] | undefined {
  const place = rest.findIndex((value) => typeof value === 'function');
  const given = place >= 0 ? rest[place] : callbackOf(config);
  if (!isMethod(given)) return undefined;
  const wrapped = bindContext((error: unknown, result: unknown) => {
    if (error === null || error === undefined) span.set(rowsOf(result)).end();
    else failStatement(span, error, 'postgresql');
    return given(error, result);
  });
  if (place < 0) return [copyWith(config, { callback: wrapped }), ...rest];
  return [config, ...rest.map((value, index) => (index === place ? wrapped : value))];
}

function runStatement(span: Span, work: () => unknown): unknown {
  return runSpan(span, async () => {
    try {
      const result = await work();
      span.set(rowsOf(result));
      return result;
    } catch (error) {
      failStatement(span, error, 'postgresql');
      throw error;
    }
  });
}

function rowsOf(result: unknown): object {
  const count = typeof result === 'object' && result !== null ? Reflect.get(result, 'rowCount') : undefined;
  return typeof count === 'number' ? { 'db.response.returned_rows': count } : {};
}

function textOf(config: unknown): string | undefined {
  if (typeof config === 'string') return config;
  if (typeof config !== 'object' || config === null) return undefined;
  const text: unknown = Reflect.get(config, 'text');
  return typeof text === 'string' ? text : undefined;
}

function isNamed(config: unknown): boolean {
  if (typeof config !== 'object' || config === null) return false;
  const name: unknown = Reflect.get(config, 'name');
  return name !== undefined && name !== null && name !== '';
}

function isSubmittable(config: unknown): config is { text: string } {
  return (
    typeof config === 'object' && config !== null && 'submit' in config && typeof config.submit === 'function'
  );
}

function callbackOf(config: unknown): unknown {
  return typeof config === 'object' && config !== null ? Reflect.get(config, 'callback') : undefined;
}
