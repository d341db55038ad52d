/**
 * A typed proxy around a business object: methods with a rule are recorded by themselves, with intent, before, after and
 * failure; the object itself stays as it is.
 *
 * Only methods that return a promise, and async generators, can have a rule, since an intent on the disk has to be awaited.
 * `false` says that a method changes nothing, so that `methodsWithoutRule` lists only those that nobody has thought about.
 */
import type { Audit, EntryInWork } from './audit.js';
import { recordBatch } from './audited-batch.js';
import type { Change } from './change.js';
import { isOfBatch, type BatchRule, type Method, type Rule, type Rules } from './rule.js';

/** How often a rule was used, and how often its record said nothing of what changed. */
export interface RuleReport {
  readonly method: string;
  readonly calls: number;
  readonly empty: number;
}

export interface AuditedObject<S> {
  /** To be used in place of the object. */
  readonly service: S;
  /** Rules whose records come out empty are rules to be mended. */
  report(): readonly RuleReport[];
}

export function audited<S extends object>(audit: Audit, service: S, rules: Rules<S>): AuditedObject<S> {
  const counts = new Map<string, { calls: number; empty: number }>();
  const wrapped = new Map<PropertyKey, unknown>();
  const proxy = new Proxy(service, {
    get(target, key, receiver) {
      const value: unknown = Reflect.get(target, key, receiver === proxy ? target : receiver);
      // Rules are read by the same keys as methods; their types were checked where they were written.
      const rule = (rules as Readonly<Record<PropertyKey, AnyRule<S> | false | undefined>>)[key];
      if (typeof value !== 'function') return value;
      const known = wrapped.get(key);
      if (known !== undefined) return known;
      // Every function of the object is called with the object: private fields are not those of a proxy.
      const call = (...values: never[]): unknown => Reflect.apply(value, target, values);
      const iterates = value.constructor.name === 'AsyncGeneratorFunction';
      const method =
        rule === undefined || rule === false
          ? call
          : recorded({ audit, rule, target, call, count, iterates });
      wrapped.set(key, method);
      return method;

      function count(isEmpty: boolean): void {
        const own = counts.get(String(key)) ?? { calls: 0, empty: 0 };
        counts.set(String(key), { calls: own.calls + 1, empty: own.empty + (isEmpty ? 1 : 0) });
      }
    },
  });
  return {
    service: proxy,
    report: () => [...counts].map(([method, each]) => ({ method, ...each })),
  };
}

/** Methods of the object, inherited ones too, that have neither a rule nor `false`. */
export function methodsWithoutRule<S extends object>(service: S, rules: Rules<S>): string[] {
  const names = new Set<string>();
  for (
    let each: object | null = service;
    each !== null && each !== Object.prototype;
    each = prototypeOf(each)
  ) {
    for (const name of Object.getOwnPropertyNames(each)) {
      const value = Object.getOwnPropertyDescriptor(each, name)?.value;
      if (name !== 'constructor' && typeof value === 'function' && !Object.hasOwn(rules, name))
        names.add(name);
    }
  }
  return [...names].sort();
}

function prototypeOf(value: object): object | null {
  return Object.getPrototypeOf(value);
}

type AnyRule<S> = Rule<S, Method> | BatchRule<S, Method>;

interface Called<S> {
  readonly audit: Audit;
  readonly rule: AnyRule<S>;
  readonly target: S;
  readonly call: (...values: never[]) => unknown;
  readonly count: (isEmpty: boolean) => void;
  /** It is an async generator: what it yields is passed on, and its end is the end of the change. */
  readonly iterates: boolean;
}

interface Recording<S> extends Called<S> {
  readonly rule: Rule<S, Method>;
}

/** The method as it is called in place of the object's own. */
export function recorded<S>(called: Called<S>): (...values: never[]) => unknown {
  const { rule } = called;
  if (isOfBatch(rule)) return (...values) => recordBatch({ ...called, rule }, values);
  return recordedOne({ ...called, rule });
}

function recordedOne<S>(recording: Recording<S>): (...values: never[]) => unknown {
  return (...values) => {
    const { rule, call } = recording;
    const change = {
      action: rule.action,
      entity: rule.entity(...values),
      actor: rule.actor?.(...values),
      subject: rule.subject?.(...values),
      reason: rule.reason?.(...values),
      arguments: rule.arguments?.(...values),
    };
    if (recording.iterates) return recordIteration(recording, change, values);
    return recording.audit.operation(change, async (entry) => {
      const before = await rule.before?.(recording.target, ...values);
      if (before !== undefined) entry.before(before);
      const result: unknown = await call(...values);
      const after = await afterOf(recording, { result, entry }, values);
      if (after !== undefined) entry.after(after);
      recording.count(before === undefined && after === undefined);
      return result;
    });
  };
}

/**
 * What was done is done: an image that cannot be read afterwards must not make it a failure. The one before goes, too: alone it
 * would say that the entity was deleted.
 */
async function afterOf<S>(
  { audit, rule, target }: Recording<S>,
  { result, entry }: { readonly result: unknown; readonly entry: EntryInWork },
  values: never[],
): Promise<unknown> {
  try {
    // The result of this very method.
    return await rule.after?.(target, result as never, values);
  } catch (error) {
    entry.before(undefined);
    audit.notice(
      `${rule.action} is recorded without images: after it they could not be read: ${String(error)}`,
    );
    return undefined;
  }
}

/** Intent before the first item, outcome after the last one: failed when it threw, with how many items there were. */
async function* recordIteration<S>(
  { audit, call, count }: Recording<S>,
  change: Change,
  values: never[],
): AsyncGenerator<unknown> {
  const begun = withResolvers<void>();
  const ended = withResolvers<object>();
  const operation = audit.operation(change, async (entry) => {
    begun.resolve();
    entry.result(await ended.promise);
  });
  // An intent that is not kept must stop the work before it begins.
  await Promise.race([begun.promise, operation]);
  let items = 0;
  let isWhole = false;
  try {
    // An async generator: its constructor was looked at.
    for await (const item of call(...values) as AsyncGenerator<unknown>) {
      items += 1;
      yield item;
    }
    isWhole = true;
  } catch (error) {
    ended.reject(error);
    await operation.catch(() => undefined);
    throw error;
  } finally {
    ended.resolve({ items, whole: isWhole });
    count(items === 0);
    await operation.catch(() => undefined);
  }
}

interface Resolvers<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}

/** As `Promise.withResolvers`, which Node 20 does not have. */
function withResolvers<T>(): Resolvers<T> {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
