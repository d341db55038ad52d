/** What the generated code for a shape will do with each field, decided from one object of that shape. */
import { FAST_DEPTH_MAX, SHAPE_FIELDS_MAX } from './limits.js';
import type { KeyNode, PathEntry } from './paths.js';
import { hasAny } from './values.js';

/**
 * `text`, `number`, `flag`: values of that kind, which the code writes itself. `any`: whatever it is, the general walk
 * writes it.
 */
export type LeafKind = 'text' | 'number' | 'flag' | 'any';

export interface LeafPlan {
  readonly kind: LeafKind;
  readonly key: string;
  readonly node: KeyNode;
  readonly entry: PathEntry;
  /** In the order of the walk. */
  readonly number: number;
  /** Objects around it. */
  readonly depth: number;
}

export interface ObjectPlan {
  readonly kind: 'object';
  readonly key: string;
  readonly keys: readonly string[];
  readonly members: readonly MemberPlan[];
  readonly number: number;
}

export type MemberPlan = LeafPlan | ObjectPlan;

interface Planning {
  readonly loose: ReadonlySet<number>;
  count: number;
}

/** Undefined when the object is not fit for it. Reads each value once, as the walk has done just before. */
export function planShape(
  fields: object,
  root: KeyNode,
  loose: ReadonlySet<number>,
): readonly MemberPlan[] | undefined {
  const planning: Planning = { loose, count: 0 };
  const members = planMembers({ object: fields, parent: root, depth: 1 }, planning);
  return planning.count > SHAPE_FIELDS_MAX ? undefined : members;
}

interface Place {
  readonly object: object;
  readonly parent: KeyNode;
  readonly depth: number;
}

// Recursion is bounded by FAST_DEPTH_MAX.
function planMembers(place: Place, planning: Planning): readonly MemberPlan[] | undefined {
  const members: MemberPlan[] = [];
  for (const key of Object.keys(place.object)) {
    const node = place.parent.children.get(key);
    // A dotted key beside the key that it begins with is for the slow way.
    if (node === undefined || (node.prefixes !== undefined && hasAny(place.object, node.prefixes)))
      return undefined;
    members.push(planMember(place, node, planning));
  }
  return members;
}

function planMember({ object, depth }: Place, node: KeyNode, planning: Planning): MemberPlan {
  const { key, entry } = node;
  const number = planning.count;
  planning.count += 1;
  const value: unknown = Reflect.get(object, key);
  const isLoose = planning.loose.has(number);
  if (!isLoose && isNested(value) && depth < FAST_DEPTH_MAX) {
    const before = planning.count;
    const members = planMembers({ object: value, parent: node, depth: depth + 1 }, planning);
    // One that may turn out to hold nothing is written as `{}`, which only the walk sees to.
    if (members?.some(({ kind }) => kind !== 'any')) {
      return { kind: 'object', key, keys: Object.keys(value), members, number };
    }
    planning.count = before;
  }
  const kind = isLoose || entry.place >= 0 || entry.sensitive ? 'any' : kindOf(value);
  return { kind, key, node, entry, number, depth };
}

function isNested(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

function kindOf(value: unknown): LeafKind {
  if (typeof value === 'string') return 'text';
  if (typeof value === 'number') return 'number';
  return typeof value === 'boolean' ? 'flag' : 'any';
}
