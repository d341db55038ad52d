/** A trace as the lines of a waterfall: calls in order, their log lines below them, folded branches left out. Pure. */
import type { TraceAnswer, TraceEntry, TraceNode } from '@sillok/api';

export type Row =
  | {
      readonly kind: 'node';
      readonly node: TraceNode;
      readonly depth: number;
      readonly hasChildren: boolean;
      readonly startMs: number;
    }
  | { readonly kind: 'entry'; readonly entry: TraceEntry; readonly depth: number; readonly startMs: number };

export interface RowOptions {
  readonly folded: ReadonlySet<string>;
  readonly withEntries: boolean;
  readonly onlyFailed: boolean;
}

export function rowsOf(trace: Pick<TraceAnswer, 'nodes' | 'entries' | 'start'>, options: RowOptions): Row[] {
  const origin = msOf(trace.start);
  const parents = new Set(trace.nodes.flatMap((node) => (node.parent === null ? [] : [node.parent])));
  const byNode = options.withEntries
    ? entriesByNode(trace.entries, trace.nodes)
    : new Map<string, TraceEntry[]>();
  const failing = options.onlyFailed ? failedWithParents(trace.nodes) : undefined;
  const rows: Row[] = entryRows(byNode.get('') ?? [], 0, origin);
  let foldedBelow = Number.POSITIVE_INFINITY;
  for (const node of trace.nodes) {
    if (node.depth > foldedBelow) continue;
    foldedBelow = options.folded.has(node.id) ? node.depth : Number.POSITIVE_INFINITY;
    if (failing !== undefined && !failing.has(node.id)) continue;
    const startMs = msOf(node.start) - origin;
    rows.push({ kind: 'node', node, depth: node.depth, hasChildren: parents.has(node.id), startMs });
    if (foldedBelow === node.depth) continue;
    rows.push(...entryRows(byNode.get(node.id) ?? [], node.depth + 1, origin));
  }
  return rows;
}

function entryRows(entries: readonly TraceEntry[], depth: number, origin: number): Row[] {
  return entries.map((entry) => ({ kind: 'entry', entry, depth, startMs: msOf(entry.time) - origin }));
}

/** Entries that name no call that is here stand before all others, under the empty name. */
function entriesByNode(
  entries: readonly TraceEntry[],
  nodes: readonly TraceNode[],
): Map<string, TraceEntry[]> {
  const known = new Set(nodes.map((node) => node.id));
  const found = new Map<string, TraceEntry[]>();
  for (const entry of entries) {
    const name = entry.node !== null && known.has(entry.node) ? entry.node : '';
    const list = found.get(name) ?? [];
    list.push(entry);
    found.set(name, list);
  }
  return found;
}

function failedWithParents(nodes: readonly TraceNode[]): Set<string> {
  const parentOf = new Map(nodes.map((node) => [node.id, node.parent]));
  const kept = new Set<string>();
  for (const { id, failed } of nodes) {
    let at: string | null | undefined = failed ? id : null;
    while (at != null && !kept.has(at)) {
      kept.add(at);
      at = parentOf.get(at);
    }
  }
  return kept;
}

/** Milliseconds with the nine digits of the text: `Date` alone would round calls of a microsecond away. */
export function msOf(time: string): number {
  const whole = Date.parse(`${time.slice(0, 19)}Z`);
  return whole + Number(`0${time.slice(19, -1) || '.0'}`) * 1000;
}

const HUES = 12;

/** A colour of a service, the same on every page. */
export function hueOf(service: string): number {
  let sum = 7;
  for (const character of service) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 65_521;
  return (sum % HUES) * (360 / HUES);
}
