/**
 * Debug routing in a service: a rule that came in baggage is checked, goes on to the next hop when it is good, and is named
 * on the records; a forged or ended one goes no further. A service without keys cannot check it and hands it on unread.
 */
import type { TraceContext } from '@sillok/context';
import type { RouteRule } from '@sillok/record/personal';

export type RouteField = readonly [path: string, text: string];

export interface Routed {
  readonly trace: TraceContext;
  /** `route.debug`: the rule that applies; `route.target`: the version of this service that it asks for. */
  readonly fields: readonly RouteField[];
}

interface RouteParts {
  readonly settings: { readonly service: string };
  readonly identity: { route(text: string): RouteRule | 'bad' | undefined };
}

const NONE: readonly RouteField[] = [];

export function routeOf(trace: TraceContext, { settings, identity }: RouteParts): Routed {
  if (trace.route === undefined) return { trace, fields: NONE };
  const rule = identity.route(trace.route);
  if (rule === undefined) return { trace, fields: NONE };
  if (rule === 'bad') {
    const { route: _, ...others } = trace;
    return { trace: others, fields: NONE };
  }
  const { service } = settings;
  const target = Object.hasOwn(rule.targets, service) ? rule.targets[service] : undefined;
  const fields: RouteField[] = [['route.debug', rule.id]];
  if (target !== undefined) fields.push(['route.target', target]);
  return { trace, fields };
}
