/** What is said of a method, so that `audited()` and `@Audited` can record its calls. */
import type { Actor, Change, Entity } from './change.js';

// Parameters of a method of somebody else's object: nothing narrower fits all of them.
export type Method = (...values: never[]) => unknown;
type Promising = (...values: never[]) => PromiseLike<unknown>;
type Iterating = (...values: never[]) => AsyncGenerator<unknown>;
export type Result<M extends Method> = Awaited<ReturnType<M>>;

interface Said<M extends Method> {
  /** `order.change_address` */
  readonly action: string;
  readonly reason?: (...values: Parameters<M>) => string | undefined;
  readonly actor?: (...values: Parameters<M>) => Actor | undefined;
}

export interface Rule<S, M extends Method> extends Said<M> {
  readonly entity: (...values: Parameters<M>) => Entity;
  /** The entity as it is before and after; asked around the call. `service` is the object itself, not the proxy. */
  readonly before?: (service: S, ...values: Parameters<M>) => unknown;
  readonly after?: (service: S, result: Result<M>, values: Parameters<M>) => unknown;
  /** What of the arguments is recorded; nothing when left out. */
  readonly arguments?: (...values: Parameters<M>) => unknown;
  readonly subject?: (...values: Parameters<M>) => string | undefined;
}

/** Something about each entity of a batch, by its id: the order in which a database answers does not matter. */
export type ById = ReadonlyMap<string, unknown>;

/** How a call over many came to its end. After a rejection there is no `result`. */
export interface BatchEnd<T> {
  readonly result?: T;
  readonly error?: unknown;
}

/**
 * Of a method that changes many at once. Each entity has an intent and an outcome of its own, joined by `audit.batch.id`; all
 * intents share one sync of the disk, and so do all outcomes. No name but those of `Said` is one of `Rule`: so an editor knows
 * which of the two is being written.
 */
export interface BatchRule<S, M extends Method> extends Said<M> {
  readonly entities: (...values: Parameters<M>) => readonly Entity[];
  /** All of them at once, asked before the call and after it. One that is not in the map is not there. */
  readonly images?: (service: S, ...values: Parameters<M>) => ById | PromiseLike<ById>;
  /**
   * For a method that may do a part only, whether it resolves or rejects: those that it did not do, each with why. The others
   * are committed. Without it a call that rejects is recorded as failed for each of them.
   */
  readonly failures?: (end: BatchEnd<Result<M>>, values: Parameters<M>) => ById;
  /** What is said of each one alone. */
  readonly each?: (entity: Entity, values: Parameters<M>) => Pick<Change, 'subject' | 'arguments'>;
}

/** A batch of a generator has no end of its own for each, so a generator is one entity's. */
export type RuleFor<S, M extends Method> = M extends Iterating
  ? Rule<S, M>
  : M extends Promising
    ? Rule<S, M> | BatchRule<S, M>
    : never;

export type Rules<S> = {
  readonly [K in keyof S]?: S[K] extends Promising | Iterating
    ? RuleFor<S, S[K]> | false
    : S[K] extends Method
      ? false
      : never;
};

export function isOfBatch<S, M extends Method>(rule: Rule<S, M> | BatchRule<S, M>): rule is BatchRule<S, M> {
  return 'entities' in rule;
}
