/**
 * Objects of one call of the logger have the same keys in the same order, call after call. For such a shape code is
 * generated that writes its text with the keys, commas and quotes already joined, and reads the values by their names:
 * about a third of the time of the general walk (20 nested fields: 1.3 us, generated 0.45 us).
 *
 * The code is only an abbreviation. It is made after a shape has been seen a few times, checks that the keys are what they
 * were, and says at which field a value is not of the kind that it was; then the general walk writes that record, and the
 * code is made anew without an assumption about that field. Where code must not be generated
 * (`--disallow-code-generation-from-strings`) everything takes the general walk.
 */
import {
  SHAPE_COMPILES_MAX,
  SHAPE_FIELDS_MAX,
  SHAPE_SEEN_MIN,
  SHAPES_MAX,
  SHAPES_PER_FIRST_KEY_MAX,
} from './limits.js';
import { compileShape, type ShapeCode, type ShapeHelpers } from './shape-code.js';
import { planShape } from './shape-plan.js';
import type { KeyNode } from './paths.js';
import { numberJson } from './values.js';

export interface Shape {
  readonly keys: readonly string[];
  /** Times that it was met before there was code for it. */
  seen: number;
  compiles: number;
  /** Leaves, in the order of the walk, about whose kind nothing is assumed. */
  readonly loose: Set<number>;
  code: ShapeCode | undefined;
}

/** What the code answers when all fields are written; else the number of the leaf that was not as expected. */
export const ALL_WRITTEN = -1;

let isAllowed = true;

export class ShapeTable {
  readonly #root: KeyNode;
  readonly #helpers: ShapeHelpers;
  readonly #byFirstKey = new Map<string, Shape[]>();
  #count = 0;
  #last: Shape | undefined;

  constructor(root: KeyNode, helpers: Omit<ShapeHelpers, 'isShape' | 'number' | 'flat'>) {
    this.#root = root;
    this.#helpers = { ...helpers, isShape, number: numberJson, flat };
  }

  /** The shape of that object, if it is a plain one and its shape is known. */
  find(fields: object): Shape | undefined {
    const last = this.#last;
    if (last !== undefined && hasKeys(fields, last.keys)) return isPlainObject(fields) ? last : undefined;
    if (!isPlainObject(fields)) return undefined;
    const shapes = this.#byFirstKey.get(firstKeyOf(fields));
    if (shapes === undefined) return undefined;
    for (const shape of shapes) {
      if (!hasKeys(fields, shape.keys)) continue;
      this.#last = shape;
      return shape;
    }
    return undefined;
  }

  /** Called for an object that the general walk has written without any difficulty. */
  learn(fields: object, shape: Shape | undefined): void {
    if (!isAllowed) return;
    const known = shape ?? this.#add(fields);
    if (known === undefined || known.code !== undefined || known.compiles >= SHAPE_COMPILES_MAX) return;
    known.seen += 1;
    if (known.seen >= SHAPE_SEEN_MIN) this.#compile(known, fields);
  }

  /** The leaf of that number was not of the kind that the code expects. */
  loosen(shape: Shape, leaf: number): void {
    shape.loose.add(leaf);
    shape.code = undefined;
  }

  #add(fields: object): Shape | undefined {
    if (this.#count >= SHAPES_MAX || !isPlainObject(fields)) return undefined;
    const keys = Object.keys(fields);
    if (keys.length === 0 || keys.length > SHAPE_FIELDS_MAX) return undefined;
    const first = keys[0] ?? '';
    const shapes = this.#byFirstKey.get(first) ?? [];
    if (shapes.length >= SHAPES_PER_FIRST_KEY_MAX) return undefined;
    this.#byFirstKey.set(first, shapes);
    const shape: Shape = { keys, seen: 0, compiles: 0, loose: new Set(), code: undefined };
    shapes.push(shape);
    this.#count += 1;
    return shape;
  }

  #compile(shape: Shape, fields: object): void {
    shape.compiles += 1;
    const plan = planShape(fields, this.#root, shape.loose);
    if (plan === undefined) {
      shape.compiles = SHAPE_COMPILES_MAX;
      return;
    }
    try {
      shape.code = compileShape(plan, this.#helpers);
    } catch {
      // This process does not allow it.
      isAllowed = false;
    }
  }
}

/** Exactly these keys, in this order, and none inherited. */
function hasKeys(object: object, keys: readonly string[]): boolean {
  let index = 0;
  for (const key in object) {
    if (key !== keys[index]) return false;
    index += 1;
  }
  return index === keys.length;
}

function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function isShape(value: unknown, keys: readonly string[]): boolean {
  return typeof value === 'object' && value !== null && isPlainObject(value) && hasKeys(value, keys);
}

/** The runtime keeps a text that was put together as a tree of its parts; through bytes it becomes one. */
function flat(text: string): string {
  return Buffer.from(text).toString();
}

function firstKeyOf(object: object): string {
  for (const key in object) return key;
  return '';
}
