/**
 * How far clocks are apart, from what cannot be: a request cannot begin before the call that caused it, nor end after
 * the answer was there. Each call between two clocks bounds their difference; the bounds of all calls together are
 * the answer. Where they allow "no difference", nothing is corrected. Where both sides are bounded the middle is taken
 * (the way there takes as long as the way back), where one is, the least that helps.
 */
import type { ClockSkew } from '@sillok/api';
import { SKEW_TOLERANCE_MS } from '../limits.js';
import type { Tree } from './build-tree.js';
import type { Hop } from './hop.js';

export interface Skews {
  /** What is taken off the times of a clock. */
  readonly offsetOf: ReadonlyMap<string, number>;
  readonly clocks: readonly ClockSkew[];
}

/** The child's clock minus the parent's lies between `min` and `max`. */
interface Bounds {
  readonly min: number;
  readonly max: number;
}

interface Pair {
  readonly parent: string;
  readonly child: string;
  readonly bounds: Bounds[];
}

export function estimateSkews(tree: Tree): Skews {
  const pairs = pairsOf(tree);
  const offsetOf = new Map<string, number>();
  const clocks: ClockSkew[] = [];
  const services = servicesOf(tree);
  const place = (
    clock: string,
    offset: number,
    more: Omit<ClockSkew, 'clock' | 'services' | 'offset_ms'>,
  ) => {
    offsetOf.set(clock, offset);
    clocks.push({ clock, services: services.get(clock) ?? [], offset_ms: round(offset), ...more });
  };
  for (const { clock, type } of tree.order) {
    if (offsetOf.has(clock) || type === 'missing') continue;
    // The first clock of each connected part is the one that the others are measured by.
    place(clock, 0, { bound_min_ms: null, bound_max_ms: null, calls: 0, consistent: true });
    spread(pairs, offsetOf, place);
  }
  return { offsetOf, clocks };
}

type Place = (
  clock: string,
  offset: number,
  more: Omit<ClockSkew, 'clock' | 'services' | 'offset_ms'>,
) => void;

/** Clock by clock, from those that are placed; the pair with the most calls first, as the surest. */
function spread(pairs: readonly Pair[], offsetOf: ReadonlyMap<string, number>, place: Place): void {
  for (;;) {
    const next = pairs
      .filter(({ parent, child }) => offsetOf.has(parent) !== offsetOf.has(child))
      .toSorted((left, right) => right.bounds.length - left.bounds.length)[0];
    if (next === undefined) return;
    const isForward = offsetOf.has(next.parent);
    const known = offsetOf.get(isForward ? next.parent : next.child) ?? 0;
    const met = meet(next.bounds);
    const difference = choose(met);
    const offset = isForward ? known + difference : known - difference;
    const [low, high] = isForward ? [met.min + known, met.max + known] : [known - met.max, known - met.min];
    place(isForward ? next.child : next.parent, offset, {
      bound_min_ms: Number.isFinite(low) ? round(low) : null,
      bound_max_ms: Number.isFinite(high) ? round(high) : null,
      calls: next.bounds.length,
      consistent: met.min <= met.max + SKEW_TOLERANCE_MS,
    });
  }
}

function meet(bounds: readonly Bounds[]): Bounds {
  const min = bounds.reduce((most, each) => Math.max(most, each.min), Number.NEGATIVE_INFINITY);
  const max = bounds.reduce((least, each) => Math.min(least, each.max), Number.POSITIVE_INFINITY);
  return { min, max };
}

function choose({ min, max }: Bounds): number {
  if (min <= SKEW_TOLERANCE_MS && max >= -SKEW_TOLERANCE_MS) return 0;
  if (Number.isFinite(min) && Number.isFinite(max)) return (min + max) / 2;
  return Number.isFinite(min) ? min : max;
}

function pairsOf(tree: Tree): Pair[] {
  const pairs = new Map<string, Pair>();
  const byId = new Map(tree.order.map((hop) => [hop.id, hop]));
  for (const child of tree.order) {
    const parent = byId.get(tree.parentOf.get(child.id) ?? '');
    if (parent === undefined || parent.clock === child.clock || parent.type === 'missing') continue;
    const key = JSON.stringify([parent.clock, child.clock]);
    const pair = pairs.get(key) ?? { parent: parent.clock, child: child.clock, bounds: [] };
    pair.bounds.push(boundsOf(parent, child));
    pairs.set(key, pair);
  }
  return [...pairs.values()];
}

/** A caller that gave up, and one that does not wait, say nothing about the end. */
function boundsOf(parent: Hop, child: Hop): Bounds {
  const max = child.startMs - parent.startMs;
  const waits = parent.role === 'client' || parent.edge !== null;
  const gaveUp = parent.failed || parent.http?.status === 499 || parent.role === 'producer';
  const isAnswered = waits && !gaveUp && parent.endMs > parent.startMs;
  return { min: isAnswered ? child.endMs - parent.endMs : Number.NEGATIVE_INFINITY, max };
}

function servicesOf(tree: Tree): ReadonlyMap<string, readonly string[]> {
  const services = new Map<string, string[]>();
  for (const { clock, service } of tree.order) {
    const list = services.get(clock) ?? [];
    if (service !== '' && !list.includes(service)) list.push(service);
    services.set(clock, list);
  }
  return services;
}

export function round(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
