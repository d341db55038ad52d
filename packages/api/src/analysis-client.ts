/** The calls about traces, people and services: one method each. */
import type { ScenarioAnswer, ScenarioParams, TraceAnswer, TraceParams } from './analysis-schemas.js';
import { pathOf } from './routes.js';

export interface AnalysisCalls {
  /** Any id that stands in the trace. */
  trace(id: string, params?: TraceParams, signal?: AbortSignal): Promise<TraceAnswer>;
  scenario(params: ScenarioParams, signal?: AbortSignal): Promise<ScenarioAnswer>;
}

type Get = <T>(path: string, query: object, signal?: AbortSignal) => Promise<T>;

export function analysisCalls(get: Get): AnalysisCalls {
  return {
    trace: (id, query = {}, signal) => get(pathOf('trace', { id }), query, signal),
    scenario: (query, signal) => get(pathOf('scenario'), query, signal),
  };
}
