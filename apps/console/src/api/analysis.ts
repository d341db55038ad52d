/** The calls about traces, people, services and what sets records apart. */
import type {
  EndpointAnswer,
  EndpointsAnswer,
  ErrorsAnswer,
  HeatmapAnswer,
  ImpactAnswer,
  MapAnswer,
  OthersAnswer,
  PatternsAnswer,
  RetriesAnswer,
  ScenarioAnswer,
  ScenarioParams,
  TraceAnswer,
  TrendsAnswer,
  WhyAnswer,
  WhyParams,
} from '@sillok/api';
import { ask, withQuery } from './http.js';
import type { Range } from './search.js';

type Span = Omit<Range, 'q'>;
type Loose<T> = { readonly [K in keyof T]?: T[K] | undefined };

const get = <T>(path: string, values: object, signal?: AbortSignal): Promise<T> =>
  ask<T>(withQuery(path, values), signal ? { signal } : {});

export const trace = (
  id: string,
  values: Span & { skew?: string },
  signal: AbortSignal,
): Promise<TraceAnswer> => get(`/api/trace/${encodeURIComponent(id)}`, values, signal);

export const scenario = (values: Loose<ScenarioParams>, signal: AbortSignal): Promise<ScenarioAnswer> =>
  get('/api/scenario', values, signal);

export const others = (range: Range, signal: AbortSignal): Promise<OthersAnswer> =>
  get('/api/others', range, signal);

export const retries = (
  values: Loose<Range> & { id?: string },
  signal: AbortSignal,
): Promise<RetriesAnswer> => get('/api/retries', values, signal);

export const why = (values: Loose<WhyParams>, signal: AbortSignal): Promise<WhyAnswer> =>
  get('/api/why', values, signal);

export const patterns = (range: Range, signal: AbortSignal): Promise<PatternsAnswer> =>
  get('/api/patterns', range, signal);

export const errors = (
  range: Range & { sort?: string; state?: string },
  signal: AbortSignal,
): Promise<ErrorsAnswer> => get('/api/errors', range, signal);

export const heatmap = (range: Range & { field?: string }, signal: AbortSignal): Promise<HeatmapAnswer> =>
  get('/api/heatmap', range, signal);

export const serviceMap = (span: Span, signal: AbortSignal): Promise<MapAnswer> =>
  get('/api/map', span, signal);

export const endpoints = (
  values: Span & { sort?: string; service?: string | undefined },
  signal: AbortSignal,
): Promise<EndpointsAnswer> => get('/api/endpoints', values, signal);

export interface EndpointName {
  readonly service: string;
  readonly route: string;
  readonly method?: string | undefined;
}

export const endpoint = (values: EndpointName & Span, signal: AbortSignal): Promise<EndpointAnswer> =>
  get('/api/endpoint', values, signal);

export const impact = (
  values: EndpointName & Span & { depth?: number },
  signal: AbortSignal,
): Promise<ImpactAnswer> => get('/api/impact', values, signal);

export const trends = (
  values: { days?: number; limit_ms?: number },
  signal: AbortSignal,
): Promise<TrendsAnswer> => get('/api/trends', values, signal);
