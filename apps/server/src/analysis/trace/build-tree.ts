/**
 * Hops → a tree. A hop that was recorded twice (an access record and the server span of another instrumentation) is
 * one; edges are put between caller and service; a parent that no record describes becomes a hop of its own, so that
 * what is missing is seen. Parents that point in a circle are cut. Nothing here recurses: a trace may be 10,000 deep.
 */
import type { Hop } from './hop.js';
import { placeEdges } from './place-edges.js';

export interface Tree {
  /** Parents before children, siblings in order of time. */
  readonly order: readonly Hop[];
  readonly parentOf: ReadonlyMap<string, string>;
  readonly childrenOf: ReadonlyMap<string, readonly Hop[]>;
  readonly depthOf: ReadonlyMap<string, number>;
  readonly roots: readonly Hop[];
  /** Span ids that are parents and were never recorded. */
  readonly missing: readonly string[];
}

export function buildTree(found: readonly Hop[]): Tree {
  const hops = mergeTwins(found);
  const spans = new Map(hops.filter(({ edge }) => edge === null).map((hop) => [hop.id, hop]));
  const parents = new Map<string, string>();
  for (const hop of spans.values()) parents.set(hop.id, parentIdOf(hop, spans));
  placeEdges(hops, spans, parents);
  const all = new Map(hops.map((hop) => [hop.id, hop]));
  const missing = addMissing(all, parents);
  cutCircles(all, parents);
  return { ...inOrder(all, parents), missing };
}

/** What caused a call in a browser is the click, unless a span is its parent. */
function parentIdOf(hop: Hop, spans: ReadonlyMap<string, Hop>): string {
  if (hop.causeId !== '' && spans.has(hop.causeId) && !spans.has(hop.parentId)) return hop.causeId;
  return hop.parentId === hop.id ? '' : hop.parentId;
}

/** Same span id: the server span knows its kind, the access record the request; both tell of one hop. */
function mergeTwins(found: readonly Hop[]): Hop[] {
  const merged = new Map<string, Hop>();
  for (const hop of found) {
    const twin = merged.get(hop.id);
    if (twin === undefined) merged.set(hop.id, hop);
    else merged.set(hop.id, merge(twin, hop));
  }
  return [...merged.values()];
}

function merge(first: Hop, second: Hop): Hop {
  const isSecondAccess = second.row?.record.kind === 'access';
  const [main, other] = isSecondAccess ? [second, first] : [first, second];
  return {
    ...main,
    parentId: main.parentId || other.parentId,
    http: main.http ?? other.http,
    db: main.db ?? other.db,
    messaging: main.messaging ?? other.messaging,
    error: main.error ?? other.error,
    failed: main.failed || other.failed,
    debugRule: main.debugRule ?? other.debugRule,
    label: main.label || other.label,
  };
}

function addMissing(all: Map<string, Hop>, parents: Map<string, string>): string[] {
  const missing = new Map<string, Hop[]>();
  for (const hop of all.values()) {
    const parent = parents.get(hop.id) ?? '';
    if (parent === '' || all.has(parent)) continue;
    const list = missing.get(parent);
    if (list === undefined) missing.set(parent, [hop]);
    else list.push(hop);
  }
  for (const [id, children] of missing) all.set(id, missingHop(id, children));
  return [...missing.keys()];
}

/** As long as what it is known for: its children. */
function missingHop(id: string, children: readonly Hop[]): Hop {
  const startMs = children.reduce((least, child) => Math.min(least, child.startMs), Number.POSITIVE_INFINITY);
  const endMs = children.reduce((most, child) => Math.max(most, child.endMs), startMs);
  return {
    id,
    spanId: id,
    parentId: '',
    type: 'missing',
    role: 'internal',
    name: '',
    service: '',
    version: '',
    instance: '',
    clock: children[0]?.clock ?? '',
    startMs,
    endMs,
    failed: false,
    error: null,
    http: null,
    db: null,
    messaging: null,
    edge: null,
    debugRule: null,
    causeId: '',
    isBrowser: false,
    label: '',
    row: null,
    ref: null,
  };
}

/** Who is their own ancestor has no parent: somebody used a span id twice. */
function cutCircles(all: ReadonlyMap<string, Hop>, parents: Map<string, string>): void {
  const settled = new Set<string>();
  for (const id of all.keys()) {
    const path = new Set<string>();
    let at = id;
    while (at !== '' && !settled.has(at) && !path.has(at)) {
      path.add(at);
      at = parents.get(at) ?? '';
    }
    if (path.has(at)) parents.set(at, '');
    for (const each of path) settled.add(each);
  }
}

function inOrder(
  all: ReadonlyMap<string, Hop>,
  parentOf: ReadonlyMap<string, string>,
): Omit<Tree, 'missing'> {
  const childrenOf = new Map<string, Hop[]>();
  const roots: Hop[] = [];
  for (const hop of [...all.values()].toSorted(byTime)) {
    const parent = parentOf.get(hop.id) ?? '';
    const siblings = parent === '' ? roots : (childrenOf.get(parent) ?? []);
    siblings.push(hop);
    if (parent !== '') childrenOf.set(parent, siblings);
  }
  const order: Hop[] = [];
  const depthOf = new Map<string, number>();
  const open = roots.toReversed();
  for (let hop = open.pop(); hop !== undefined; hop = open.pop()) {
    depthOf.set(hop.id, (depthOf.get(parentOf.get(hop.id) ?? '') ?? -1) + 1);
    order.push(hop);
    for (const child of (childrenOf.get(hop.id) ?? []).toReversed()) open.push(child);
  }
  return { order, parentOf, childrenOf, depthOf, roots };
}

function byTime(left: Hop, right: Hop): number {
  if (left.startMs !== right.startMs) return left.startMs - right.startMs;
  if (left.endMs !== right.endMs) return right.endMs - left.endMs;
  return left.id < right.id ? -1 : 1;
}
