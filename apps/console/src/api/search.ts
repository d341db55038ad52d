/** The calls of the reading side. */
import type {
  ContextPage,
  EstimateShape,
  FieldsPage,
  FieldValuesPage,
  HistogramPage,
  RecordRef,
  RecordsPage,
  TablePage,
} from '@sillok/api';
import { SERVICES_MAX } from '../limits.js';
import { ask as askServer, askBytes, send, withQuery } from './http.js';
import { readAnswer, type PageBytes } from './page-bytes.js';

export interface Range {
  readonly q: string;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

export interface PageOptions {
  readonly cursor?: string | undefined;
  readonly limit?: number;
  readonly order?: 'asc' | 'desc';
}

/** A page whose records are objects only once they are looked at. */
export interface FoundPage extends Omit<RecordsPage, 'records'> {
  readonly records: PageBytes;
}

export const signOut = (): Promise<unknown> => send('DELETE', '/api/session');

export const search = (range: Range, options: PageOptions, signal?: AbortSignal): Promise<RecordsPage> =>
  askServer(withQuery('/api/search', { ...range, ...options }), signal ? { signal } : {});

/** Records, or the table of a query with pipes. */
export const ask = (
  range: Range,
  options: PageOptions = {},
  signal?: AbortSignal,
): Promise<RecordsPage | TablePage> =>
  askServer(withQuery('/api/search', { ...range, ...options }), signal ? { signal } : {});

/** As `ask`, for lists that grow long. */
export async function find(
  range: Range,
  options: PageOptions,
  signal: AbortSignal | undefined,
): Promise<FoundPage | TablePage> {
  const path = withQuery('/api/search', { ...range, ...options });
  const { rest, records } = readAnswer(await askBytes(path, signal ? { signal } : {}));
  // The server's answers follow the public contract of packages/api: with records it is a page, else a table.
  return records === undefined ? (rest as TablePage) : { ...(rest as RecordsPage), records };
}

export const histogram = (range: Range, buckets: number, signal: AbortSignal): Promise<HistogramPage> =>
  askServer(withQuery('/api/histogram', { ...range, by: 'level', buckets }), { signal });

export const fields = (range: Range, signal?: AbortSignal): Promise<FieldsPage> =>
  askServer(withQuery('/api/fields', range), signal ? { signal } : {});

export const fieldValues = (range: Range, name: string, signal?: AbortSignal): Promise<FieldValuesPage> =>
  askServer(
    withQuery(`/api/fields/${encodeURIComponent(name)}/values`, { ...range, limit: 12 }),
    signal ? { signal } : {},
  );

/**
 * All services since `from`, the busiest first. `fieldValues` would look at the newest records only, among which a quiet
 * service is not.
 */
export async function servicesSince(from: string, signal: AbortSignal): Promise<readonly string[]> {
  const q = `service.name:* | stats count() as records by service.name | sort -records | limit ${SERVICES_MAX}`;
  const answer = await ask({ q, from }, {}, signal);
  return 'rows' in answer ? answer.rows.map(([name]) => String(name)) : [];
}

/** The neighbours of a record; with 0 the record alone. */
export const contextOf = (of: RecordRef, count: number, signal: AbortSignal): Promise<ContextPage> => {
  const { producer, boot, seq, time } = of;
  return askServer(withQuery('/api/context', { producer, boot, seq, time, before: count, after: count }), {
    signal,
  });
};

export const estimate = (range: Range, limit: number, signal?: AbortSignal): Promise<EstimateShape> =>
  askServer(withQuery('/api/estimate', { ...range, limit }), signal ? { signal } : {});

export const liveUrl = (q: string): string => withQuery('/api/live', { q });
