/** The calls about traces, people and services: one method each. */
import type {
  ErrorsAnswer,
  ErrorsParams,
  HeatmapAnswer,
  HeatmapParams,
  OthersAnswer,
  OthersParams,
  PatternsAnswer,
  PatternsParams,
  WhyAnswer,
  WhyParams,
} from './analysis-compare-schemas.js';
import type {
  EndpointAnswer,
  EndpointParams,
  EndpointsAnswer,
  EndpointsParams,
  ImpactAnswer,
  ImpactParams,
  MapAnswer,
  MapParams,
  TrendsAnswer,
  TrendsParams,
} from './analysis-map-schemas.js';
import type {
  RetriesAnswer,
  RetriesParams,
  ScenarioAnswer,
  ScenarioParams,
  TraceAnswer,
  TraceParams,
} from './analysis-schemas.js';
import { pathOf, type RouteName } from './routes.js';

type Ask<Params, Answer> = (params: Params, signal?: AbortSignal) => Promise<Answer>;

export interface AnalysisCalls {
  /** Any id that stands in the trace. */
  trace(id: string, params?: TraceParams, signal?: AbortSignal): Promise<TraceAnswer>;
  readonly scenario: Ask<ScenarioParams, ScenarioAnswer>;
  readonly why: Ask<WhyParams, WhyAnswer>;
  readonly others: Ask<OthersParams, OthersAnswer>;
  readonly patterns: Ask<PatternsParams, PatternsAnswer>;
  readonly errors: Ask<ErrorsParams, ErrorsAnswer>;
  readonly heatmap: Ask<HeatmapParams, HeatmapAnswer>;
  readonly endpoints: Ask<EndpointsParams, EndpointsAnswer>;
  readonly endpoint: Ask<EndpointParams, EndpointAnswer>;
  readonly impact: Ask<ImpactParams, ImpactAnswer>;
  readonly map: Ask<MapParams, MapAnswer>;
  readonly retries: Ask<RetriesParams, RetriesAnswer>;
  readonly trends: Ask<TrendsParams, TrendsAnswer>;
}

type Get = <T>(path: string, query: object, signal?: AbortSignal) => Promise<T>;

export function analysisCalls(get: Get): AnalysisCalls {
  const ask =
    <Params extends object, Answer>(route: RouteName): Ask<Params, Answer> =>
    (query, signal) =>
      get(pathOf(route), query, signal);
  return {
    trace: (id, query = {}, signal) => get(pathOf('trace', { id }), query, signal),
    scenario: ask('scenario'),
    why: ask('why'),
    others: ask('others'),
    patterns: ask('patterns'),
    errors: ask('errors'),
    heatmap: ask('heatmap'),
    endpoints: ask('endpoints'),
    endpoint: ask('endpoint'),
    impact: ask('impact'),
    map: ask('map'),
    retries: ask('retries'),
    trends: ask('trends'),
  };
}
