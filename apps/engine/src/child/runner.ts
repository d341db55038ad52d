/**
 * Runs statements: a place in the pool, a connection of its own, settings and parameters, the statement, its end.
 *
 * What must hold: the connection is closed only after its statement has really ended; a statement whose client went
 * away is killed until it ends, and its place is given back only then; settings never outlive their statement.
 */
import { randomUUID } from 'node:crypto';
import { refusal } from '../errors.js';
import { KILL_REPEAT_MS, RESULT_BYTES_MAX } from '../limits.js';
import { toClickHouseException } from './exceptions.js';
import { answerFormat, streamedHeaderLines, withoutHeader } from './formats.js';
import type { BodyFiles } from './bodies.js';
import type { Handle, Native } from './native.js';
import type { Pools } from './pools.js';
import { POOLS } from '../pool-sizes.js';
import { quote } from './quote.js';
import { isInsert, type Statement } from './statement.js';

export type Outcome =
  | { readonly kind: 'inserted'; readonly rows: number; readonly bytes: number }
  | { readonly kind: 'whole'; readonly format: string; readonly bytes: Buffer }
  /** The first block has been computed, so errors of analysis are known before the answer begins. */
  | { readonly kind: 'stream'; readonly format: string; readonly blocks: AsyncIterable<Buffer> };

export interface Runner {
  /** `signal` aborts when the client went away. The outcome's stream must be read to its end or returned. */
  run(statement: Statement, signal: AbortSignal): Promise<Outcome>;
  /** True when a statement of that id was running or waiting. */
  kill(queryId: string): boolean;
  /** Resolves when the engine answers `SELECT 1`. */
  probe(): Promise<void>;
  version(): Promise<string>;
  /** Makes the allocator give freed pages back. */
  purgeMemory(): Promise<void>;
}

export interface RunnerDeps {
  readonly native: Native;
  readonly databasePath: string;
  readonly connectionArgs: readonly string[];
  readonly pools: Pools;
  readonly bodies: BodyFiles;
}

interface Running {
  readonly abort: AbortController;
}

export function createRunner(deps: RunnerDeps): Runner {
  const running = new Map<string, Running>();
  const connect = (): Handle => deps.native.CreateConnection(deps.databasePath, deps.connectionArgs);
  // Kept open for the life of the child: the database is loaded once, and closed never.
  const anchor = connect();
  const keeper = connect();
  return {
    run: (statement, signal) => run({ ...deps, connect, running }, statement, signal),
    kill(queryId) {
      const entry = running.get(queryId);
      entry?.abort.abort();
      return entry !== undefined;
    },
    async probe() {
      await deps.native.QueryAsyncConnection(anchor, 'SELECT 1', 'Null');
    },
    async purgeMemory() {
      await deps.native.QueryAsyncConnection(keeper, 'SYSTEM JEMALLOC PURGE', 'Null');
    },
    async version() {
      const { bytes } = await deps.native.QueryAsyncConnection(anchor, 'SELECT version()', 'TabSeparated');
      return bytes.toString('utf8').trim();
    },
  };
}

interface RunDeps extends RunnerDeps {
  readonly connect: () => Handle;
  readonly running: Map<string, Running>;
}

async function run(deps: RunDeps, statement: Statement, signal: AbortSignal): Promise<Outcome> {
  const { queryId } = statement;
  if (deps.running.has(queryId)) {
    throw refusal('sameId', `Query with id = ${queryId} is already running`);
  }
  const abort = new AbortController();
  const onClientGone = (): void => abort.abort();
  signal.addEventListener('abort', onClientGone, { once: true });
  deps.running.set(queryId, { abort });
  const forget = (): void => {
    signal.removeEventListener('abort', onClientGone);
    deps.running.delete(queryId);
  };
  try {
    const leave = await deps.pools.enter(statement.pool, abort.signal);
    return await inPlace(deps, { statement, abort: abort.signal, end: () => (leave(), forget()) });
  } catch (error) {
    forget();
    throw toClickHouseException(error);
  }
}

interface Placed {
  readonly statement: Statement;
  readonly abort: AbortSignal;
  readonly end: () => void;
}

async function inPlace(deps: RunDeps, { statement, abort, end }: Placed): Promise<Outcome> {
  const token = `sillok:${randomUUID()}`;
  let connection: Handle | undefined;
  const killer = createKiller(deps, token, abort);
  const finish = (): void => {
    killer.stop();
    if (connection !== undefined) deps.native.CloseConnection(connection);
    end();
  };
  try {
    connection = deps.connect();
    await prepare(deps.native, connection, { statement, token });
    if (abort.aborted) throw refusal('cancelled', 'Query was cancelled');
    killer.start();
    const outcome = await execute({ deps, connection, statement, finish });
    if (outcome.kind !== 'stream') finish();
    return outcome;
  } catch (error) {
    finish();
    throw error;
  }
}

/** Settings and parameters, then `readonly` last, because nothing can be set after it. */
async function prepare(
  native: Native,
  connection: Handle,
  { statement, token }: { statement: Statement; token: string },
): Promise<void> {
  const sql = statement.sql.replace(/[;\s]+$/, '');
  if (sql.includes(';')) await mustBeOneStatement(native, connection, sql);
  if (statement.database !== undefined && statement.database !== '' && statement.database !== 'default') {
    await native.QueryAsyncConnection(
      connection,
      `USE \`${statement.database.replaceAll('`', '')}\``,
      'Null',
    );
  }
  const settings = statement.settings.filter(([name]) => !SET_BY_US.has(name));
  const readOnly = statement.settings.find(([name]) => name === 'readonly')?.[1];
  const assignments = [
    ...settings.map(([name, value]) => `${name}=${quote(value)}`),
    ...statement.params.map(([name, value]) => `param_${name}=${quote(value)}`),
    `log_comment=${quote(token)}`,
    ...memorySettings(statement),
  ];
  await native.QueryAsyncConnection(connection, `SET ${assignments.join(', ')}`, 'Null');
  const level = readOnly ?? (statement.readOnly ? '2' : undefined);
  if (level !== undefined) {
    await native.QueryAsyncConnection(connection, `SET readonly=${quote(level)}`, 'Null');
  }
}

const SET_BY_US = new Set(['readonly', 'log_comment', 'max_memory_usage']);

/** At most what the pool gives one statement; grouping and sorting go to disk before it is used up. */
function memorySettings({ pool, settings }: Statement): string[] {
  const granted = POOLS[pool].memoryBytes;
  const asked = Number(settings.find(([name]) => name === 'max_memory_usage')?.[1] ?? 0);
  const bytes = asked > 0 ? Math.min(asked, granted) : granted;
  const spill = Math.floor(bytes / 2);
  const spilling = ['max_bytes_before_external_group_by', 'max_bytes_before_external_sort'];
  const own = spilling.filter((name) => !settings.some(([given]) => given === name));
  return [`max_memory_usage=${bytes}`, ...own.map((name) => `${name}=${spill}`)];
}

/** chdb runs several statements of one text; the protocol allows one. The engine's own parser decides. */
async function mustBeOneStatement(native: Native, connection: Handle, sql: string): Promise<void> {
  await native.QueryAsyncConnection(
    connection,
    `SET param_sillok_statement=${quote(escapeWire(sql))}`,
    'Null',
  );
  const check = 'SELECT formatQuerySingleLine({sillok_statement:String})';
  await native.QueryAsyncConnection(connection, check, 'Null');
}

/** Parameters are written as in a TSV cell. */
function escapeWire(text: string): string {
  return text
    .replaceAll('\\', '\\\\')
    .replaceAll('\t', '\\t')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r');
}

interface Execution {
  readonly deps: RunDeps;
  readonly connection: Handle;
  readonly statement: Statement;
  readonly finish: () => void;
}

async function execute({ deps, connection, statement, finish }: Execution): Promise<Outcome> {
  const { native } = deps;
  const { sql } = statement;
  if (isInsert(sql)) {
    const { rowsWritten, bytesWritten } = await deps.bodies.insert(native, connection, statement);
    return { kind: 'inserted', rows: rowsWritten, bytes: bytesWritten };
  }
  const format = answerFormat(sql, statement.format);
  const headerLines = streamedHeaderLines(sql, format);
  if (headerLines === undefined) {
    const { bytes } = await native.QueryAsyncConnection(connection, sql, format);
    if (bytes.length > RESULT_BYTES_MAX) {
      throw refusal(
        'resultTooLarge',
        `Result is larger than ${RESULT_BYTES_MAX} bytes; use a streamed format`,
      );
    }
    return { kind: 'whole', format, bytes };
  }
  const source = stream({ native, connection, sql, format, headerLines });
  const first = await source.next();
  return { kind: 'stream', format, blocks: blocksFrom(first, source, finish) };
}

interface StreamArgs {
  readonly native: Native;
  readonly connection: Handle;
  readonly sql: string;
  readonly format: string;
  readonly headerLines: number;
}

async function* stream({
  native,
  connection,
  sql,
  format,
  headerLines,
}: StreamArgs): AsyncGenerator<Buffer, void> {
  const handle = native.StreamQuery(connection, sql, format);
  let ended = false;
  let isFirst = true;
  try {
    while (true) {
      ended = true; // A fetch that throws has destroyed the stream; only a `return` between fetches has not.
      const chunk = await native.StreamFetch(handle);
      if (chunk.done === true) return;
      ended = false;
      yield isFirst ? chunk.bytes : withoutHeader(chunk.bytes, headerLines);
      isFirst = false;
    }
  } finally {
    if (!ended) native.StreamCancel(handle);
  }
}

async function* blocksFrom(
  first: IteratorResult<Buffer, void>,
  rest: AsyncGenerator<Buffer, void>,
  finish: () => void,
): AsyncGenerator<Buffer, void> {
  try {
    if (first.done === true) return;
    yield first.value;
    yield* rest;
  } catch (error) {
    throw toClickHouseException(error);
  } finally {
    await rest.return();
    finish();
  }
}

interface Killer {
  start(): void;
  stop(): void;
}

/** Asks for the statement's end until it has ended: a KILL that comes before the statement begins finds nothing. */
function createKiller(deps: RunDeps, token: string, abort: AbortSignal): Killer {
  let timer: NodeJS.Timeout | undefined;
  let isActive = false;
  const kill = (): void => {
    if (!isActive) return;
    const connection = deps.connect();
    const sql = `KILL QUERY WHERE Settings['log_comment']=${quote(token)} ASYNC`;
    deps.native
      .QueryAsyncConnection(connection, sql, 'Null')
      .catch(() => undefined) // Asked again below.
      .finally(() => {
        deps.native.CloseConnection(connection);
        if (isActive) timer = setTimeout(kill, KILL_REPEAT_MS);
      });
  };
  return {
    start() {
      isActive = true;
      if (abort.aborted) kill();
      else abort.addEventListener('abort', kill, { once: true });
    },
    stop() {
      isActive = false;
      abort.removeEventListener('abort', kill);
      clearTimeout(timer);
    },
  };
}
