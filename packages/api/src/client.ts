/**
 * A small typed client of the HTTP API, used by the CLI and by programs. It holds no state but where the server is;
 * every method is one call, except the iterators, which follow cursors or keep a stream open.
 */
import type { Envelope } from '@sillok/record';
import { debugRouteClient, personClient, type DebugRouteClient, type PersonClient } from './person-client.js';
import { analysisCalls, type AnalysisCalls } from './analysis-client.js';
import { createHttp, type ClientOptions, type Http } from './http.js';
import { live, type LiveEvent, type LiveParams } from './live.js';
import { pathOf } from './routes.js';
import {
  recordsPage,
  tablePage,
  type ContextPage,
  type ContextParams,
  type EstimateParams,
  type EstimateShape,
  type ExportParams,
  type FieldsPage,
  type FieldValuesPage,
  type FieldValuesParams,
  type HistogramPage,
  type HistogramParams,
  type RangeParams,
  type RecordsPage,
  type SearchParams,
  type SqlAnswer,
  type SqlParams,
  type TablePage,
} from './schemas.js';

export interface NativeAnswer {
  readonly accepted_through: number;
  readonly rejected: readonly { readonly seq: number; readonly code: string; readonly reason: string }[];
}

export interface KeyShape {
  readonly id: string;
  readonly name: string;
  readonly project: string;
  readonly scopes: readonly string[];
  readonly [more: string]: unknown;
}

export interface NewKey {
  readonly name: string;
  readonly scopes: readonly string[];
  readonly project?: string;
  /** RFC 3339, at most ten years ahead: refused from then on. Left out: until it is revoked. */
  readonly expires_at?: string;
  /** Pages that may send with a key of the scope `browser`. */
  readonly origins?: readonly string[];
}

/** A browser app, or one release of it, that is switched off. */
export interface KillTarget {
  readonly app: string;
  readonly release?: string;
}

export interface SourceMapTarget {
  readonly app: string;
  readonly release: string;
  /** As pages load it: `assets/app.js`. */
  readonly file: string;
}

export interface SourceMapsShape {
  readonly app: string;
  readonly release: string;
  /** Last upload. */
  readonly at: string;
  /** File → bytes of what is kept of its map. */
  readonly files: Readonly<Record<string, number>>;
}

export interface KillShape extends KillTarget {
  readonly at: string;
  readonly by: string;
}

export interface Readiness {
  readonly ready: boolean;
  readonly [dependency: string]: unknown;
}

export interface Client extends AnalysisCalls {
  /** One page of records. Throws `ApiError` (code `pipes_refused` is never seen here: pipes answer `table`). */
  search(params: SearchParams, signal?: AbortSignal): Promise<RecordsPage>;
  /** The answer of a query with pipes: columns and rows. */
  table(params: SearchParams, signal?: AbortSignal): Promise<TablePage>;
  /** Whichever of the two the query asks for. */
  ask(params: SearchParams, signal?: AbortSignal): Promise<RecordsPage | TablePage>;
  /** All records of a search, page after page; `max` ends it early. */
  records(params: SearchParams & { readonly max?: number }, signal?: AbortSignal): AsyncGenerator<Envelope>;
  pages(params: SearchParams, signal?: AbortSignal): AsyncGenerator<RecordsPage>;
  live(params: LiveParams): AsyncGenerator<LiveEvent>;
  context(params: ContextParams, signal?: AbortSignal): Promise<ContextPage>;
  fields(params: RangeParams, signal?: AbortSignal): Promise<FieldsPage>;
  fieldValues(name: string, params: FieldValuesParams, signal?: AbortSignal): Promise<FieldValuesPage>;
  histogram(params: HistogramParams, signal?: AbortSignal): Promise<HistogramPage>;
  estimate(params: EstimateParams, signal?: AbortSignal): Promise<EstimateShape>;
  estimateSql(params: SqlParams, signal?: AbortSignal): Promise<EstimateShape>;
  sql(params: SqlParams, signal?: AbortSignal): Promise<SqlAnswer>;
  cancelSql(queryId: string): Promise<void>;
  /** The bytes of an export as they arrive. A broken end throws. */
  export(params: ExportParams, signal?: AbortSignal): Promise<ReadableStream<Uint8Array>>;
  /** A native batch: header line and record lines. `gzip` says that the body is compressed already. */
  postRecords(body: Uint8Array | string, options?: { readonly gzip?: boolean }): Promise<NativeAnswer>;
  readonly person: PersonClient;
  readonly debugRoute: DebugRouteClient;
  keys: {
    list(): Promise<readonly KeyShape[]>;
    create(key: NewKey): Promise<KeyShape & { readonly key: string }>;
    revoke(id: string): Promise<void>;
  };
  /** The kill switch: pages fall silent within 5 s. */
  browser: {
    list(): Promise<readonly KillShape[]>;
    kill(target: KillTarget): Promise<KillShape>;
    restore(target: KillTarget): Promise<void>;
    sourceMaps(): Promise<readonly SourceMapsShape[]>;
    /** The body is gzipped JSON of the map. */
    uploadSourceMap(target: SourceMapTarget, gzipped: Uint8Array): Promise<void>;
    removeSourceMaps(target: Omit<SourceMapTarget, 'file'>): Promise<void>;
  };
  alive(): Promise<boolean>;
  ready(): Promise<Readiness>;
  readonly http: Http;
}

export function createClient(options: ClientOptions): Client {
  const http = createHttp(options);
  const get = <T>(path: string, query: object, signal?: AbortSignal): Promise<T> =>
    http.json({ path, query, signal });
  const search = (query: SearchParams, signal?: AbortSignal): Promise<RecordsPage> =>
    http.json({ path: pathOf('search'), query, signal }, recordsPage);

  return {
    http,
    ...analysisCalls(get),
    person: personClient(http),
    debugRoute: debugRouteClient(http),
    search,
    table: (query, signal) => http.json({ path: pathOf('search'), query, signal }, tablePage),
    ask: (query, signal) => get(pathOf('search'), query, signal),
    pages: (params, signal) => pages(search, params, signal),
    records: (params, signal) => records(search, params, signal),
    live: (params) => live(http, params),
    context: (query, signal) => get(pathOf('context'), query, signal),
    fields: (query, signal) => get(pathOf('fields'), query, signal),
    fieldValues: (name, query, signal) => get(pathOf('fieldValues', { name }), query, signal),
    histogram: (query, signal) => get(pathOf('histogram'), query, signal),
    estimate: (query, signal) => get(pathOf('estimate'), query, signal),
    estimateSql: (json, signal) => http.json({ method: 'POST', path: pathOf('estimate'), json, signal }),
    sql: (json, signal) => http.json({ method: 'POST', path: pathOf('sql'), json, signal }, tablePage),
    async cancelSql(queryId) {
      await http.send({ method: 'DELETE', path: pathOf('sqlQuery', { queryId }) });
    },
    async export(query, signal) {
      const response = await http.send({ path: pathOf('export'), query, headers: { accept: '*/*' }, signal });
      return response.body ?? new ReadableStream();
    },
    postRecords: (body, sent) => http.json(nativeCall(body, sent?.gzip === true)),
    keys: keyCalls(http),
    browser: browserCalls(http),
    async alive() {
      return (await http.send({ path: pathOf('livez'), anyStatus: true })).ok;
    },
    async ready() {
      const response = await http.send({ path: pathOf('readyz'), anyStatus: true });
      const dependencies: unknown = await response.json().catch(() => ({}));
      return { ...Object(dependencies), ready: response.ok };
    },
  };
}

function nativeCall(body: Uint8Array | string, gzip: boolean) {
  const headers = { 'content-type': 'application/x-ndjson', ...(gzip ? { 'content-encoding': 'gzip' } : {}) };
  return { method: 'POST', path: pathOf('records'), body, headers } as const;
}

function keyCalls(http: Http): Client['keys'] {
  return {
    async list() {
      const answer = await http.json<{ readonly keys: readonly KeyShape[] }>({ path: pathOf('keys') });
      return answer.keys;
    },
    create: (json) => http.json({ method: 'POST', path: pathOf('keys'), json }),
    async revoke(id) {
      await http.send({ method: 'DELETE', path: pathOf('key', { id }) });
    },
  };
}

function browserCalls(http: Http): Client['browser'] {
  const path = pathOf('browserKills');
  const maps = pathOf('browserSourceMaps');
  return {
    async list() {
      return (await http.json<{ readonly kills: readonly KillShape[] }>({ path })).kills;
    },
    kill: (json) => http.json({ method: 'POST', path, json }),
    async restore(json) {
      await http.send({ method: 'DELETE', path, json });
    },
    async sourceMaps() {
      return (await http.json<{ readonly releases: readonly SourceMapsShape[] }>({ path: maps })).releases;
    },
    async uploadSourceMap(query, body) {
      const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
      await http.send({ method: 'POST', path: maps, query, body, headers });
    },
    async removeSourceMaps(query) {
      await http.send({ method: 'DELETE', path: maps, query });
    },
  };
}

type Search = (params: SearchParams, signal?: AbortSignal) => Promise<RecordsPage>;

async function* pages(
  search: Search,
  params: SearchParams,
  signal?: AbortSignal,
): AsyncGenerator<RecordsPage> {
  let cursor = params.cursor;
  for (;;) {
    const page = await search({ ...params, ...(cursor === undefined ? {} : { cursor }) }, signal);
    yield page;
    if (page.next === null) return;
    cursor = page.next;
  }
}

async function* records(
  search: Search,
  params: SearchParams & { readonly max?: number },
  signal?: AbortSignal,
): AsyncGenerator<Envelope> {
  const { max = Number.POSITIVE_INFINITY, ...query } = params;
  let count = 0;
  for await (const page of pages(search, query, signal)) {
    for (const record of page.records) {
      if (count >= max) return;
      count += 1;
      yield record;
    }
  }
}
