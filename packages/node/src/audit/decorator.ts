/**
 * `@Audited(rule)` on a method, for NestJS and other classes: the same as a rule of `audited()`, written where the method is.
 *
 * It fits both kinds of decorators: those of `experimentalDecorators` (NestJS) and the standard ones. Methods must return a
 * promise, or be async generators.
 */
import { Audit } from './audit.js';
import { recorded } from './audited.js';
import type { BatchRule, Rule, RuleFor } from './rule.js';

// Parameters of somebody else's method: nothing narrower fits all of them.
type AnyMethod = (...values: never[]) => PromiseLike<unknown> | AsyncGenerator<unknown>;

type Unknown = (...values: never[]) => unknown;

/** As a decorator is called: with a property's descriptor, or with the method itself. */
export interface AuditedDecorator<M> {
  (target: object, key: string | symbol, descriptor: TypedPropertyDescriptor<M>): void;
  (method: M, context: ClassMethodDecoratorContext): M;
}

export interface AuditedOptions {
  /** Asked at the first call. Default: one `Audit` for the logger of `sillok()`. */
  readonly audit?: (() => Audit) | undefined;
}

/** `S`: the class; what `before` and `after` are given. */
export function Audited<S, M extends AnyMethod>(
  rule: RuleFor<S, M>,
  options: AuditedOptions = {},
): AuditedDecorator<M> {
  const audit = options.audit ?? defaultAudit;
  const wrap = (method: unknown): unknown => {
    if (typeof method !== 'function') throw new TypeError('@Audited stands on a method');
    const iterates = method.constructor.name === 'AsyncGeneratorFunction';
    const audited = function (this: S, ...values: never[]): unknown {
      const call = (...given: never[]): unknown => Reflect.apply(method, this, given);
      // The rule was checked against this very method where it was written.
      const ownRule = rule as unknown as Rule<S, Unknown> | BatchRule<S, Unknown>;
      const parts = { audit: audit(), rule: ownRule, target: this, call, count: () => undefined, iterates };
      return recorded(parts)(...values);
    };
    return standingFor(method, audited);
  };
  const decorate = (target: unknown, _key: unknown, descriptor?: PropertyDescriptor): unknown => {
    if (descriptor === undefined) return wrap(target);
    descriptor.value = wrap(descriptor.value);
    return undefined;
  };
  // Both signatures are told apart by the third argument.
  return decorate as unknown as AuditedDecorator<M>;
}

/** What is used of the package `reflect-metadata`, where the host has loaded it. */
interface Metadata {
  readonly getOwnMetadataKeys?: (target: object) => unknown[];
  readonly getOwnMetadata?: (key: unknown, target: object) => unknown;
  readonly defineMetadata?: (key: unknown, value: unknown, target: object) => void;
}

/**
 * Its name, and what decorators below have noted on the method itself: NestJS keeps routes, guards, schedules and event names there,
 * and a route that is lost answers 404.
 */
function standingFor<F extends object>(method: object, wrapped: F): F {
  Object.defineProperty(wrapped, 'name', { value: Reflect.get(method, 'name'), configurable: true });
  const reflect: object = Reflect;
  const { getOwnMetadataKeys, getOwnMetadata, defineMetadata }: Metadata = reflect;
  if (getOwnMetadataKeys === undefined || getOwnMetadata === undefined) return wrapped;
  for (const key of getOwnMetadataKeys(method)) defineMetadata?.(key, getOwnMetadata(key, method), wrapped);
  return wrapped;
}

let made: Audit | undefined;

function defaultAudit(): Audit {
  made ??= new Audit();
  return made;
}
