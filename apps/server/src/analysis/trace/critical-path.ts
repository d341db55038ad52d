/**
 * The critical path: of each moment between the root's start and end, the hop that the answer was waiting for. Read
 * backwards from the root's end: the child that ended last was waited for, then what ended last before that began. What
 * no child covers is the hop's own time. Children that go on after their parent (messages, forgotten promises) delayed
 * nobody and are not on it.
 */
import { CONTAINED_TOLERANCE_MS } from '../limits.js';
import type { Hop } from './hop.js';
import type { Tree } from './build-tree.js';

export interface PathStep {
  readonly node: string;
  readonly fromMs: number;
  readonly toMs: number;
}

export interface Times {
  readonly startMs: number;
  readonly endMs: number;
}

interface Open {
  readonly hop: Hop;
  /** Only what lies in here counts. */
  readonly fromMs: number;
  readonly toMs: number;
}

export function criticalPath(tree: Tree, root: Hop, timesOf: (hop: Hop) => Times): PathStep[] {
  const steps: PathStep[] = [];
  const { startMs, endMs } = timesOf(root);
  const open: Open[] = [{ hop: root, fromMs: startMs, toMs: endMs }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { hop, fromMs, toMs } = next;
    let cursor = toMs;
    for (const child of byEnd(tree.childrenOf.get(hop.id) ?? [], timesOf)) {
      const times = timesOf(child);
      const begin = Math.max(times.startMs, fromMs);
      const end = Math.min(times.endMs, cursor);
      // Rounded times may stand out a little; what stands out more was not waited for.
      if (times.endMs - end > CONTAINED_TOLERANCE_MS || end <= begin) continue;
      if (cursor > end) steps.push({ node: hop.id, fromMs: end, toMs: cursor });
      open.push({ hop: child, fromMs: begin, toMs: end });
      cursor = begin;
    }
    if (cursor > fromMs) steps.push({ node: hop.id, fromMs, toMs: cursor });
  }
  return steps.toSorted((left, right) => left.fromMs - right.fromMs);
}

/** Latest end first; of two, the one that began first, which covers the other. */
function byEnd(children: readonly Hop[], timesOf: (hop: Hop) => Times): Hop[] {
  return children.toSorted((left, right) => {
    const [a, b] = [timesOf(left), timesOf(right)];
    return b.endMs - a.endMs || a.startMs - b.startMs;
  });
}

/** Time of a hop that none of its children covers. */
export function ownTimeMs(hop: Hop, children: readonly Hop[], timesOf: (hop: Hop) => Times): number {
  const { startMs, endMs } = timesOf(hop);
  let own = endMs - startMs;
  let covered = startMs;
  for (const child of children.toSorted((left, right) => timesOf(left).startMs - timesOf(right).startMs)) {
    const times = timesOf(child);
    const from = Math.max(times.startMs, covered);
    const to = Math.min(times.endMs, endMs);
    if (to <= from) continue;
    own -= to - from;
    covered = to;
  }
  return Math.max(0, own);
}
