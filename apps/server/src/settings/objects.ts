/**
 * Settings that people make: users, members, saved searches, dashboards, rules, targets … Each is one JSON object in a
 * collection, of one project or (project '') of the server. Pure: folded from the changes in the settings spool.
 *
 * A room of the server sees its collection through a `Shelf`, which checks each object once as it is read back.
 */
import type { z } from 'zod';

import { OBJECTS_MAX } from '../limits.js';

export const COLLECTIONS = [
  'alert_rule',
  'alert_target',
  'dashboard',
  'debug_route',
  'error',
  'error_links',
  'invitation',
  'member',
  'project',
  'report',
  'saved',
  'star',
  'user',
  'wall',
] as const;
export type Collection = (typeof COLLECTIONS)[number];

/** Project of what belongs to the server itself. */
export const SERVER = '';

export interface ObjectName {
  readonly collection: Collection;
  readonly project: string;
  readonly id: string;
}

export interface StoredObject extends ObjectName {
  readonly value: unknown;
  readonly created_at: string;
  readonly created_by: string;
  readonly updated_at: string;
  readonly updated_by: string;
}

export type ObjectChange =
  | { readonly change: 'object.put'; readonly object: StoredObject }
  | { readonly change: 'object.delete'; readonly object: ObjectName; readonly at: string };

export class Objects {
  readonly #byName = new Map<string, StoredObject>();
  readonly #byCollection = new Map<string, Map<string, StoredObject>>();

  apply(change: ObjectChange): void {
    const { object } = change;
    if (change.change === 'object.put') {
      this.#byName.set(nameOf(object), change.object);
      this.#listOf(object).set(object.id, change.object);
      return;
    }
    this.#byName.delete(nameOf(object));
    this.#listOf(object).delete(object.id);
  }

  find(name: ObjectName): StoredObject | undefined {
    return this.#byName.get(nameOf(name));
  }

  /** In the order in which they were made. */
  list(collection: Collection, project: string): readonly StoredObject[] {
    return [...this.#listOf({ collection, project }).values()];
  }

  /** Of every project. */
  all(collection: Collection): readonly StoredObject[] {
    return [...this.#byName.values()].filter((each) => each.collection === collection);
  }

  isFull({ collection, project }: Omit<ObjectName, 'id'>): boolean {
    return this.#listOf({ collection, project }).size >= OBJECTS_MAX;
  }

  #listOf({ collection, project }: Omit<ObjectName, 'id'>): Map<string, StoredObject> {
    const key = `${collection}\n${project}`;
    const list = this.#byCollection.get(key) ?? new Map<string, StoredObject>();
    this.#byCollection.set(key, list);
    return list;
  }
}

function nameOf({ collection, project, id }: ObjectName): string {
  return `${collection}\n${project}\n${id}`;
}

/** An object with its checked value. */
export interface Shelved<T> extends Omit<StoredObject, 'value' | 'collection'> {
  readonly value: T;
}

export interface Told {
  /** A sentence for the history. It names no secret. */
  readonly message: string;
  /** Id of the key or of the person that asked, or `server`. */
  readonly actor: string;
  /** Where it was asked from, where that matters. */
  readonly address?: string;
}

/** What a shelf needs of the settings. */
export interface ObjectStore {
  readonly objects: Objects;
  /** Durable when it returns. Refuses when the collection of the project is full. */
  put(name: ObjectName, value: object, told: Told): StoredObject;
  /** False when there is no such object. */
  remove(name: ObjectName, told: Told): boolean;
}

export interface Shelf<T extends object> {
  get(project: string, id: string): Shelved<T> | undefined;
  list(project: string): readonly Shelved<T>[];
  all(): readonly Shelved<T>[];
  put(at: { project: string; id: string }, value: T, told: Told): Shelved<T>;
  remove(at: { project: string; id: string }, told: Told): boolean;
}

/** Objects that do not fit the schema any more (written by a newer version) are passed over, and stay in the spool. */
export function createShelf<T extends object>(
  store: ObjectStore,
  collection: Collection,
  schema: z.ZodType<T>,
): Shelf<T> {
  const checked = new WeakMap<StoredObject, Shelved<T>>();

  function open(stored: StoredObject | undefined): Shelved<T> | undefined {
    if (stored === undefined) return undefined;
    const known = checked.get(stored);
    if (known !== undefined) return known;
    const result = schema.safeParse(stored.value);
    if (!result.success) return undefined;
    const { collection: _, ...rest } = stored;
    const shelved = { ...rest, value: result.data };
    checked.set(stored, shelved);
    return shelved;
  }

  const openAll = (list: readonly StoredObject[]): Shelved<T>[] =>
    list.flatMap((stored) => {
      const shelved = open(stored);
      return shelved === undefined ? [] : [shelved];
    });

  return {
    get: (project, id) => open(store.objects.find({ collection, project, id })),
    list: (project) => openAll(store.objects.list(collection, project)),
    all: () => openAll(store.objects.all(collection)),
    put(at, value, told) {
      const stored = store.put({ collection, ...at }, value, told);
      const { collection: _, ...rest } = stored;
      return { ...rest, value };
    },
    remove: (at, told) => store.remove({ collection, ...at }, told),
  };
}
