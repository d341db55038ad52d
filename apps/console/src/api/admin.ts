/** The admin APIs of the project's services, through the server. */
import type {
  AdminRunAnswer,
  AdminServicesAnswer,
  AuditPage,
  EntityAnswer,
  EntityPage,
  PlanAnswer,
  PlanBody,
  RequestShape,
  RunBody,
  ScriptDescription,
  ScriptOrder,
  ScriptOrderBody,
  ScriptRun,
  ScriptStart,
} from '@sillok/api';
import { ask, failureFrom, send, withQuery } from './http.js';

export interface ActionPlace {
  readonly service: string;
  readonly type: string;
  readonly action: string;
}

const at = (service: string, ...parts: readonly string[]): string =>
  `/api/admin/${[service, ...parts].map(encodeURIComponent).join('/')}`;

export const adminCalls = {
  services: (signal: AbortSignal): Promise<AdminServicesAnswer> => ask('/api/admin', { signal }),
  search: (
    { service, type, text, cursor }: { service: string; type: string; text: string; cursor?: string },
    signal: AbortSignal,
  ): Promise<EntityPage> => ask(withQuery(at(service, type), { text, cursor }), { signal }),
  one: (
    { service, type, id }: { service: string; type: string; id: string },
    signal: AbortSignal,
  ): Promise<EntityAnswer> => ask(at(service, type, 'entities', id), { signal }),
  plan: ({ service, type, action }: ActionPlace, body: PlanBody): Promise<PlanAnswer> =>
    send('POST', at(service, type, 'actions', action, 'plan'), body),
  run: ({ service, type, action }: ActionPlace, body: RunBody): Promise<AdminRunAnswer> =>
    send('POST', at(service, type, 'actions', action, 'run'), body),
  requests: (service: string, signal: AbortSignal): Promise<{ readonly requests: readonly RequestShape[] }> =>
    ask(at(service, 'requests'), { signal }),
  decide: (service: string, request: string, decision: 'approve' | 'reject'): Promise<AdminRunAnswer> =>
    send('POST', at(service, 'requests', request, decision), { key: crypto.randomUUID() }),
  scripts: (
    service: string,
    signal: AbortSignal,
  ): Promise<{ readonly scripts: readonly ScriptDescription[]; readonly runs: readonly ScriptRun[] }> =>
    ask(at(service, 'scripts'), { signal }),
  scriptRun: (service: string, run: string, signal: AbortSignal): Promise<ScriptRun> =>
    ask(at(service, 'scripts', 'runs', run), { signal }),
  startScript: (service: string, name: string, body: ScriptStart): Promise<ScriptRun> =>
    send('POST', at(service, 'scripts', name, 'start'), body),
  orderScript: (
    { service, run, order }: { service: string; run: string; order: ScriptOrder },
    body: ScriptOrderBody = {},
  ): Promise<ScriptRun> => send('POST', at(service, 'scripts', 'runs', run, order), body),
  history: (type: string, id: string, signal: AbortSignal): Promise<AuditPage> =>
    ask(withQuery('/api/audit', { entity: `${type}/${id}`, limit: 20 }), { signal }),
};

/** What the action would do now, when the entity has changed since it was looked at. */
export function planNow(cause: unknown): PlanAnswer | undefined {
  const failure = failureFrom(cause);
  if (failure?.code !== 'stale') return undefined;
  const now: unknown = Object(failure)['now'];
  // The contract of `stale`: its `now` is a plan.
  return now === undefined ? undefined : (now as PlanAnswer);
}
