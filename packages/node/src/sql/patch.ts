/** Methods of other people's classes, replaced and given back. */
import { bindContext } from '../scope.js';

type Method = (...values: unknown[]) => unknown;

/** The prototype in the chain of a class on which a method is defined: classes of pools often inherit it. */
export function ownerOf(constructor: unknown, method: string): object | undefined {
  let prototype: unknown = typeof constructor === 'function' ? constructor.prototype : undefined;
  while (typeof prototype === 'object' && prototype !== null) {
    if (Object.hasOwn(prototype, method)) return prototype;
    prototype = Object.getPrototypeOf(prototype);
  }
  return undefined;
}

/** `make` gets the original and gives what takes its place. Returns what gives it back. */
export function replaceMethod(
  prototype: object | undefined,
  name: string,
  make: (original: Method) => (this: object, ...values: unknown[]) => unknown,
): () => void {
  const original: unknown = prototype === undefined ? undefined : Reflect.get(prototype, name);
  if (prototype === undefined || !isMethod(original)) return () => undefined;
  const ours = make(original);
  Reflect.set(prototype, name, ours);
  return () => {
    // Whoever wrapped ours since then keeps it.
    if (Reflect.get(prototype, name) === ours) Reflect.set(prototype, name, original);
  };
}

/**
 * A pool keeps waiting callbacks in a queue of its own and calls them while it works for another request. Pinned, their
 * statements belong to the request that asked.
 */
export function pinCallbacks(pool: unknown, name: string): () => void {
  return replaceMethod(ownerOf(pool, name), name, (original) => {
    return function (this: object, ...values: unknown[]): unknown {
      const pinned = values.map((value) => (isMethod(value) ? bindContext(value) : value));
      return Reflect.apply(original, this, pinned);
    };
  });
}

export function isMethod(value: unknown): value is Method {
  return typeof value === 'function';
}

/** An object of the caller's with one field changed; the caller may use its own again. */
export function copyWith(original: unknown, fields: object): object {
  const given: object = Object(original);
  return Object.assign(Object.create(Object.getPrototypeOf(given)), given, fields);
}
