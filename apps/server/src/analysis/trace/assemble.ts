/** Records of one trace → its tree, clocks, critical path and where it broke. Pure: the route and the scenario use it. */
import type { Breakpoint, ServiceShare, TraceAnswer, TraceEntry, TraceNode } from '@sillok/api';
import type { Row } from '@sillok/query';
import { timeToNs } from '@sillok/record';
import { refOf, resourceOf, startNs, textOf } from '../row-fields.js';
import { findBreak } from './breakpoint.js';
import { buildTree, type Tree } from './build-tree.js';
import { createClock, type Clock } from './corrected.js';
import { criticalPath, ownTimeMs, type PathStep } from './critical-path.js';
import { cut, hopOf, type Hop } from './hop.js';
import { estimateSkews, round } from './skew.js';

export interface Assembled {
  readonly tree: Tree;
  readonly clock: Clock;
  readonly broke: Breakpoint;
  readonly view: Pick<
    TraceAnswer,
    | 'start'
    | 'end'
    | 'duration_ms'
    | 'nodes'
    | 'entries'
    | 'services'
    | 'critical_path'
    | 'skew'
    | 'missing'
    | 'broke'
  >;
}

export interface TraceRecords {
  readonly nodes: readonly Row[];
  readonly entries: readonly Row[];
  readonly skew: 'on' | 'off';
}

export function assemble({ nodes, entries, skew }: TraceRecords): Assembled {
  const baseNs = baseOf([...nodes, ...entries]);
  const tree = buildTree(nodes.map((row) => hopOf(row, baseNs)));
  const skews = estimateSkews(tree);
  const clock = createClock(skews, skew === 'on', baseNs);
  const path = pathOf(tree, clock);
  const critical = shares(path);
  const shown = tree.order.map((hop) => nodeOf(hop, { tree, clock, critical }));
  const broke = findBreak(tree);
  const placed = entries.map((row) => entryOf(row, { tree, clock, baseNs }));
  const { startMs, endMs } = extent(tree, clock);
  return {
    tree,
    clock,
    broke,
    view: {
      start: clock.moment(startMs),
      end: clock.moment(endMs),
      duration_ms: round(endMs - startMs),
      nodes: shown,
      entries: placed,
      services: servicesOf(shown),
      critical_path: path.map((step) => ({
        node: step.node,
        from_ms: round(step.fromMs - startMs),
        to_ms: round(step.toMs - startMs),
      })),
      skew: {
        applied: skew === 'on' && [...skews.offsetOf.values()].some((ms) => ms !== 0),
        clocks: skews.clocks,
      },
      missing: tree.missing,
      broke,
    },
  };
}

function baseOf(rows: readonly Row[]): bigint {
  let base: bigint | undefined;
  for (const row of rows) {
    const start = startNs(row);
    if (base === undefined || start < base) base = start;
  }
  return base ?? 0n;
}

function extent(tree: Tree, clock: Clock): { startMs: number; endMs: number } {
  let startMs = Number.POSITIVE_INFINITY;
  let endMs = Number.NEGATIVE_INFINITY;
  for (const hop of tree.order) {
    const times = clock.timesOf(hop);
    startMs = Math.min(startMs, times.startMs);
    endMs = Math.max(endMs, times.endMs);
  }
  return Number.isFinite(startMs) ? { startMs, endMs } : { startMs: 0, endMs: 0 };
}

/** Of the longest root: others ran beside it or after it. A parent without a record is as long as its children. */
function pathOf(tree: Tree, clock: Clock): PathStep[] {
  // A click lasts no time: what was asked for because of it is what the person waited for.
  const asked = tree.roots.flatMap((root) =>
    root.type === 'click' || root.type === 'page' ? (tree.childrenOf.get(root.id) ?? []) : [root],
  );
  const root = asked.toSorted((left, right) => lengthOf(right, clock) - lengthOf(left, clock))[0];
  return root === undefined ? [] : criticalPath(tree, root, (hop) => clock.timesOf(hop));
}

function lengthOf(hop: Hop, clock: Clock): number {
  const { startMs, endMs } = clock.timesOf(hop);
  return endMs - startMs;
}

function shares(path: readonly PathStep[]): ReadonlyMap<string, number> {
  const shares = new Map<string, number>();
  for (const { node, fromMs, toMs } of path) shares.set(node, (shares.get(node) ?? 0) + toMs - fromMs);
  return shares;
}

interface Around {
  readonly tree: Tree;
  readonly clock: Clock;
  readonly critical: ReadonlyMap<string, number>;
}

function nodeOf(hop: Hop, { tree, clock, critical }: Around): TraceNode {
  const { startMs, endMs } = clock.timesOf(hop);
  const offset = clock.offsetOf(hop.clock);
  const children = tree.childrenOf.get(hop.id) ?? [];
  return {
    id: hop.id,
    parent: tree.parentOf.get(hop.id) || null,
    depth: tree.depthOf.get(hop.id) ?? 0,
    type: hop.type,
    name: hop.type === 'click' && hop.label !== '' ? hop.label : hop.name,
    service: hop.service,
    version: hop.version,
    instance: hop.instance,
    span_id: hop.spanId,
    start: clock.moment(startMs),
    end: clock.moment(endMs),
    ...(offset === 0 ? {} : { recorded_start: clock.moment(hop.startMs) }),
    skew_ms: round(offset),
    duration_ms: round(hop.endMs - hop.startMs),
    self_ms: hop.type === 'missing' ? 0 : round(ownTimeMs(hop, children, (each) => clock.timesOf(each))),
    critical_ms: round(critical.get(hop.id) ?? 0),
    failed: hop.failed,
    error: hop.error,
    http: hop.http,
    db: hop.db,
    messaging: hop.messaging,
    edge: hop.edge,
    debug_rule: hop.debugRule,
    record: hop.ref,
  };
}

interface EntryAround {
  readonly tree: Tree;
  readonly clock: Clock;
  readonly baseNs: bigint;
}

/** In the hop whose span id it carries; its time is corrected by that hop's clock. */
function entryOf(row: Row, { tree, clock, baseNs }: EntryAround): TraceEntry {
  const spanId = row.record.span_id ?? '';
  const parent = row.record.parent_span_id ?? '';
  const node = tree.depthOf.has(spanId) ? spanId : tree.depthOf.has(parent) ? parent : null;
  const host = resourceOf(row, 'host.name') || resourceOf(row, 'service.instance.id') || row.context.producer;
  const offset = clock.offsetOf(host);
  const recorded = Number(timeToNs(row.record.time) - baseNs) / 1e6;
  return {
    node,
    kind: row.record.kind,
    level: row.record.level,
    message: cut(row.record.message),
    service: resourceOf(row, 'service.name') || row.context.producer,
    event: textOf(row, 'event.name'),
    exception: cut(textOf(row, 'exception.type')),
    time: clock.moment(recorded - offset),
    ...(offset === 0 ? {} : { recorded_time: row.record.time }),
    record: refOf(row),
  };
}

function servicesOf(nodes: readonly TraceNode[]): ServiceShare[] {
  const services = new Map<string, ServiceShare>();
  for (const { service, version, failed, self_ms, critical_ms, type } of nodes) {
    if (type === 'missing') continue;
    const before = services.get(service);
    const versions = before?.versions ?? [];
    services.set(service, {
      service,
      versions: version === '' || versions.includes(version) ? versions : [...versions, version],
      nodes: (before?.nodes ?? 0) + 1,
      failed: (before?.failed ?? 0) + Number(failed),
      self_ms: round((before?.self_ms ?? 0) + self_ms),
      critical_ms: round((before?.critical_ms ?? 0) + critical_ms),
    });
  }
  return [...services.values()].toSorted((left, right) => right.critical_ms - left.critical_ms);
}
