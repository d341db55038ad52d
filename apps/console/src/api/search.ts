/** The calls of the reading side. */
import type {
  ContextPage,
  EstimateShape,
  FieldsPage,
  FieldValuesPage,
  HistogramPage,
  RecordsPage,
  TablePage,
} from '@sillok/api';
import type { Envelope } from '@sillok/record';
import { ask, send, withQuery } from './http.js';

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

export const signIn = (secret: { token: string } | { key: string }): Promise<unknown> =>
  send('POST', '/api/session', secret);
export const signOut = (): Promise<unknown> => send('DELETE', '/api/session');

export const search = (range: Range, options: PageOptions, signal?: AbortSignal): Promise<RecordsPage> =>
  ask(withQuery('/api/search', { ...range, ...options }), signal ? { signal } : {});

export const searchTable = (range: Range, signal?: AbortSignal): Promise<TablePage> =>
  ask(withQuery('/api/search', range), signal ? { signal } : {});

export const histogram = (range: Range, buckets: number, signal: AbortSignal): Promise<HistogramPage> =>
  ask(withQuery('/api/histogram', { ...range, by: 'level', buckets }), { signal });

export const fields = (range: Range, signal?: AbortSignal): Promise<FieldsPage> =>
  ask(withQuery('/api/fields', range), signal ? { signal } : {});

export const fieldValues = (range: Range, name: string, signal?: AbortSignal): Promise<FieldValuesPage> =>
  ask(
    withQuery(`/api/fields/${encodeURIComponent(name)}/values`, { ...range, limit: 12 }),
    signal ? { signal } : {},
  );

export const context = (record: Envelope, count: number, signal: AbortSignal): Promise<ContextPage> => {
  const { producer, boot, seq, time } = record;
  return ask(withQuery('/api/context', { producer, boot, seq, time, before: count, after: count }), {
    signal,
  });
};

export const estimate = (range: Range, limit: number, signal?: AbortSignal): Promise<EstimateShape> =>
  ask(withQuery('/api/estimate', { ...range, limit }), signal ? { signal } : {});

export const liveUrl = (q: string): string => withQuery('/api/live', { q });
