/**
 * Hops of traces → callers and callees of one endpoint, level by level. A parent is one of the same trace; hops that are no
 * endpoint (client spans, edges, sections) are passed over. A hop that was recorded twice under one span id counts once.
 */
import { IMPACT_PASSED_MAX, TRACE_NODES_COUNTED_MAX } from '../limits.js';

export interface CallName {
  /** The same for the same service, method and route. */
  readonly index: number;
  readonly service: string;
  readonly method: string;
  readonly route: string;
}

export interface CallHop {
  readonly trace: number;
  readonly span: number;
  /** 0: none. */
  readonly parent: number;
  readonly name: CallName;
  readonly version: string;
  readonly ns: string;
  readonly failed: boolean;
  readonly isEndpoint: boolean;
  /** It is a request of the endpoint asked about. */
  readonly isIt: boolean;
}

export interface Meeting {
  readonly side: 'caller' | 'callee';
  readonly depth: number;
  readonly hop: CallHop;
  /** The endpoint next to it on the way. */
  readonly via: CallHop;
}

export interface Followed {
  readonly calls: number;
  readonly traces: number;
  readonly orphans: number;
  /** Traces that are too large, or whose parents run in a circle. */
  readonly leftOut: number;
  readonly meetings: readonly Meeting[];
}

export function followCalls(hops: readonly CallHop[], depth: number): Followed {
  const traces = new Map<number, CallHop[]>();
  for (const hop of hops) {
    const list = traces.get(hop.trace);
    if (list === undefined) traces.set(hop.trace, [hop]);
    else list.push(hop);
  }
  const meetings: Meeting[] = [];
  let [calls, orphans, leftOut] = [0, 0, 0];
  for (const list of traces.values()) {
    if (list.length > TRACE_NODES_COUNTED_MAX) {
      leftOut += 1;
      continue;
    }
    const bySpan = new Map<number, CallHop>();
    // Of twins the endpoint stays: an access record beside the span of another instrumentation.
    for (const hop of list.toSorted(endpointsLast)) bySpan.set(hop.span, hop);
    const asked = [...bySpan.values()].filter(({ isIt }) => isIt);
    calls += asked.length;
    orphans += asked.filter(({ parent }) => parent !== 0 && !bySpan.has(parent)).length;
    meetings.push(...meet(bySpan, depth));
  }
  return { calls, traces: traces.size, orphans, leftOut, meetings };
}

function endpointsLast(left: CallHop, right: CallHop): number {
  return Number(left.isEndpoint) - Number(right.isEndpoint);
}

/** Each endpoint looks up its ancestors; where one of the two is it, they meet. */
function meet(bySpan: ReadonlyMap<number, CallHop>, depth: number): Meeting[] {
  const meetings: Meeting[] = [];
  const callers = new Set<string>();
  for (const hop of bySpan.values()) {
    if (!hop.isEndpoint) continue;
    let below = hop;
    let first: CallHop | undefined;
    for (let level = 1; level <= depth; level += 1) {
      const above = nearest(bySpan, below);
      if (above === undefined) break;
      first ??= above;
      if (above.isIt) meetings.push({ side: 'callee', depth: level, hop, via: first });
      const key = `${level} ${above.span} ${below.name.index}`;
      // A caller that called it twice reached it, and is one caller.
      if (hop.isIt && !callers.has(key)) {
        callers.add(key);
        meetings.push({ side: 'caller', depth: level, hop: above, via: below });
      }
      below = above;
    }
  }
  return meetings;
}

/** The next ancestor that is an endpoint. Ends in circles of parents, too. */
function nearest(bySpan: ReadonlyMap<number, CallHop>, hop: CallHop): CallHop | undefined {
  let at = bySpan.get(hop.parent);
  for (let passed = 0; at !== undefined && passed < IMPACT_PASSED_MAX; passed += 1) {
    if (at === hop) return undefined;
    if (at.isEndpoint) return at;
    at = bySpan.get(at.parent);
  }
  return undefined;
}
