/**
 * Where load balancers and proxies stand in the tree. An edge that makes spans of its own is a parent like any other. One
 * that only logs the headers it saw carries its caller's span id: it is put below that caller, and the requests that
 * the caller's span has in services, as far as they are the same request, are put below the edge.
 */
import { CONTAINED_TOLERANCE_MS, EDGE_SEARCH_MS } from '../limits.js';
import type { Hop } from './hop.js';

export function placeEdges(
  hops: readonly Hop[],
  spans: ReadonlyMap<string, Hop>,
  parents: Map<string, string>,
): void {
  const edges = hops.filter(({ edge }) => edge !== null);
  if (edges.length === 0) return;
  const groups = chains(edges);
  const below = assign(groups, [...spans.values()], parents);
  for (const group of groups) {
    const requests = below.get(group) ?? [];
    for (const [index, edge] of group.entries()) {
      const outer = group[index - 1];
      parents.set(edge.id, outer?.id ?? callerOf(edge, { spans, requests, parents }));
    }
    const innermost = group.at(-1);
    if (innermost === undefined) continue;
    for (const request of requests) parents.set(request.id, innermost.id);
  }
}

type Below = ReadonlyMap<readonly Hop[], readonly Hop[]>;

/** Each request goes below the chain that it fits, and of several the one that is nearest in time. */
function assign(
  groups: readonly Hop[][],
  spans: readonly Hop[],
  parents: ReadonlyMap<string, string>,
): Below {
  const below = new Map<readonly Hop[], Hop[]>();
  for (const request of spans) {
    if (request.type !== 'request') continue;
    const fitting = groups.flatMap((group) => {
      const innermost = group.at(-1);
      if (innermost === undefined || !isBehind(innermost, request, parents)) return [];
      return [{ group, distance: distance(innermost, request) }];
    });
    const best = fitting.toSorted((left, right) => left.distance - right.distance)[0];
    if (best === undefined) continue;
    const list = below.get(best.group);
    if (list === undefined) below.set(best.group, [request]);
    else list.push(request);
  }
  return below;
}

/** How far a request lies outside the time of an edge, by its start. */
function distance(edge: Hop, request: Hop): number {
  return Math.max(edge.startMs - request.startMs, request.startMs - edge.endMs, 0);
}

/** Edges that one request passed one after the other, outermost first. */
function chains(edges: readonly Hop[]): Hop[][] {
  const groups: Hop[][] = [];
  for (const edge of edges.toSorted((a, b) => a.startMs - b.startMs || b.endMs - a.endMs)) {
    const group = groups.find((each) => each.every((other) => passesThrough(other, edge)));
    if (group === undefined) groups.push([edge]);
    else group.push(edge);
  }
  return groups;
}

/** The same request at the next edge: other edge, same ids and path, and (nearly) within its time. */
function passesThrough(outer: Hop, inner: Hop): boolean {
  if (outer.service === inner.service && outer.clock === inner.clock) return false;
  if (!isSameRequest(outer, inner)) return false;
  if (outer.spanId !== '' && inner.spanId !== '' && outer.spanId !== inner.spanId) {
    return inner.parentId === outer.spanId;
  }
  return overlaps(outer, inner);
}

function isBehind(edge: Hop, request: Hop, parents: ReadonlyMap<string, string>): boolean {
  if (!isSameRequest(edge, request)) return false;
  const parent = parents.get(request.id) ?? '';
  const own = edge.spanId;
  // An edge that was given no span id, or whose caller sent none: the path and the time must do.
  if (own !== '' && parent !== '') return parent === own || parent === edge.parentId;
  if (own === '' && edge.parentId !== '' && parent !== '') return parent === edge.parentId;
  return overlaps(edge, request);
}

interface Around {
  readonly spans: ReadonlyMap<string, Hop>;
  readonly requests: readonly Hop[];
  readonly parents: ReadonlyMap<string, string>;
}

/** The span that the edge was called from; empty when it has none, or when it began the trace itself. */
function callerOf(edge: Hop, { spans, requests, parents }: Around): string {
  if (edge.spanId !== '' && spans.get(edge.spanId)?.type !== 'request' && spans.has(edge.spanId)) {
    return edge.spanId;
  }
  if (edge.parentId !== '') return edge.parentId;
  const first = requests[0];
  const said = first === undefined ? '' : (parents.get(first.id) ?? '');
  return said === edge.spanId ? '' : said;
}

function isSameRequest(edge: Hop, other: Hop): boolean {
  const [left, right] = [edge.http, other.http];
  if (left === null || right === null) return true;
  if (left.method !== '' && right.method !== '' && left.method !== right.method) return false;
  // A proxy may strip or add a prefix.
  const [path, behind] = [left.path, right.path];
  return path === '' || behind === '' || path.endsWith(behind) || behind.endsWith(path);
}

/** With clocks that differ a little. When they differ a lot, the ids must do. */
function overlaps(outer: Hop, inner: Hop): boolean {
  const tolerance = outer.clock === inner.clock ? CONTAINED_TOLERANCE_MS : EDGE_SEARCH_MS;
  return inner.startMs >= outer.startMs - tolerance && inner.startMs <= outer.endMs + tolerance;
}
