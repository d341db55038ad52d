/**
 * mysql2, also under knex, kysely, drizzle, TypeORM and Sequelize. `query()` sends text and may carry a comment; `execute()`
 * prepares, and its text is never changed.
 */
import { bindContext } from '../scope.js';
import type { Span } from '../span.js';
import { copyWith, isMethod, ownerOf, pinCallbacks, replaceMethod } from './patch.js';
import {
  commented,
  failStatement,
  isOtelWrapped,
  openStatement,
  settingsOf,
  type SqlOptions,
  type SqlSettings,
} from './settings.js';

/** What is used of the module `mysql2` (not `mysql2/promise`, which stands on it). */
export interface MysqlModule {
  readonly Connection: unknown;
  readonly Pool?: unknown;
}

interface Connected {
  readonly config?:
    | { readonly database?: string; readonly host?: string; readonly port?: number }
    | undefined;
}

/** Once per process: `instrumentMysql2(mysql)`. Returns what ends it. */
export function instrumentMysql2(mysql: MysqlModule, options: SqlOptions = {}): () => void {
  const settings = settingsOf(options);
  const releases = (['query', 'execute'] as const).map((method) => watch(mysql.Connection, method, settings));
  releases.push(pinCallbacks(mysql.Pool, 'getConnection'));
  return () => {
    for (const release of releases) release();
  };
}

function watch(connection: unknown, method: 'query' | 'execute', settings: SqlSettings): () => void {
  const prototype = ownerOf(connection, method);
  if (prototype === undefined) throw new TypeError('instrumentMysql2: this is not the module mysql2');
  return replaceMethod(prototype, method, (original) => {
    return function (this: Connected, ...values: unknown[]): unknown {
      const plain = (...given: unknown[]): unknown => Reflect.apply(original, this, given);
      const isWatched = isOtelWrapped(original) || isOtelWrapped(Reflect.get(prototype, method));
      return send({ connection: this, values, plain, settings, isWatched, isPrepared: method === 'execute' });
    };
  });
}

interface Sending {
  readonly connection: Connected;
  readonly values: readonly unknown[];
  readonly plain: (...values: unknown[]) => unknown;
  readonly settings: SqlSettings;
  readonly isWatched: boolean;
  readonly isPrepared: boolean;
}

function send({ connection, values, plain, settings, isWatched, isPrepared }: Sending): unknown {
  const [options, ...rest] = values;
  const sql = textOf(options);
  if (sql === undefined) return plain(...values);
  const { database: namespace, host, port } = connection.config ?? {};
  const span = openStatement({ sql, system: 'mysql', namespace, host, port }, settings, isWatched);
  const text = isPrepared ? sql : commented(sql, span, settings);
  if (isCommand(options)) {
    options.sql = text;
    return span === undefined ? plain(...values) : observedCommand(options, span, () => plain(...values));
  }
  const changed =
    typeof options === 'string' ? text : text === sql ? options : copyWith(options, { sql: text });
  if (span === undefined) return plain(changed, ...rest);
  const place = rest.findIndex(isMethod);
  const given = rest[place];
  if (!isMethod(given)) return observed(span, () => plain(changed, ...rest));
  const wrapped = ending(span, given);
  return span.run(() => plain(changed, ...rest.map((value, index) => (index === place ? wrapped : value))));
}

function ending(span: Span, callback: (...values: unknown[]) => unknown): (...values: unknown[]) => unknown {
  return bindContext((...answer: unknown[]) => {
    const [error] = answer;
    if (error === null || error === undefined) span.end();
    else failStatement(span, error, 'mysql');
    return callback(...answer);
  });
}

/** What a pool has made already and gives to a connection. */
interface Command {
  sql: string;
  onResult: unknown;
}

function isCommand(options: unknown): options is Command {
  return typeof options === 'object' && options !== null && 'onResult' in options;
}

function observedCommand(command: Command, span: Span, work: () => unknown): unknown {
  const { onResult } = command;
  if (!isMethod(onResult)) return observed(span, work);
  command.onResult = ending(span, onResult);
  return span.run(work);
}

/** Without a callback a command tells by events. One listener more would change what happens to an error. */
function observed(span: Span, work: () => unknown): unknown {
  const command = span.run(work);
  const emit: unknown =
    typeof command === 'object' && command !== null ? Reflect.get(command, 'emit') : undefined;
  if (typeof command !== 'object' || command === null || typeof emit !== 'function') {
    span.end();
    return command;
  }
  Reflect.set(command, 'emit', (event: string, ...values: unknown[]): unknown => {
    if (event === 'error') failStatement(span, values[0], 'mysql');
    if (event === 'end') span.end();
    return Reflect.apply(emit, command, [event, ...values]);
  });
  return command;
}

function textOf(options: unknown): string | undefined {
  if (typeof options === 'string') return options;
  const sql: unknown =
    typeof options === 'object' && options !== null ? Reflect.get(options, 'sql') : undefined;
  return typeof sql === 'string' ? sql : undefined;
}
