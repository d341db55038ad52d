/**
 * Prisma above `instrumentPg`: each request's statements in its own place.
 *
 * Prisma collects `findUnique` and arrays of queries until the end of the tick, merges what is alike, and sends everything from
 * the place of whoever came first. Requests that wake in the same tick (they waited for one promise) would get each
 * other's statements in their traces, and comments that name the wrong request. So each query is sent from the place that asked,
 * and only queries of one trace are merged. What is collected has no public name in Prisma; where it is not found, that is said.
 */
import { AsyncResource } from 'node:async_hooks';
import type { Logger } from '../logger.js';
import { currentTrace } from '../scope.js';
import { getLogger } from '../sillok.js';
import { replaceMethod } from './patch.js';

type RunThere = <T>(work: () => T) => T;

/** Once per `PrismaClient`, beside `instrumentPg(pg)`; what `$extends` makes of it is covered. Returns what ends it. */
export function instrumentPrisma(
  prisma: object,
  { log }: { readonly log?: Logger | undefined } = {},
): () => void {
  const loader = loaderOf(prisma);
  if (loader === undefined) {
    const logger = log ?? getLogger();
    logger.runtime.notice(
      'instrumentPrisma: this client does not collect queries as Prisma 7 does; nothing was changed. Requests that ask in the ' +
        'same tick may have each other’s statements in their traces',
    );
    return () => undefined;
  }
  const places = new WeakMap<object, RunThere>();
  const sentFromItsPlace = (name: 'singleLoader' | 'batchLoader'): (() => void) =>
    replaceMethod(loader, name, (original) => {
      return function (this: object, ...values: unknown[]): unknown {
        const [first] = values.flat();
        const place = isObject(first) ? places.get(first) : undefined;
        const send = (): unknown => Reflect.apply(original, this, values);
        return place === undefined ? send() : place(send);
      };
    });
  const releases = [
    replaceMethod(loader, 'batchBy', (original) => {
      return function (this: object, ...values: unknown[]): unknown {
        const key: unknown = Reflect.apply(original, this, values);
        const [request] = values;
        // Without a key it is sent at once.
        if (typeof key !== 'string' || !isObject(request)) return key;
        places.set(
          request,
          AsyncResource.bind(<T>(work: () => T): T => work()),
        );
        // The key of a transaction is its own already, and all of its queries must share it.
        return isInTransaction(request) ? key : `${key} ${currentTrace()?.traceId ?? ''}`;
      };
    }),
    sentFromItsPlace('singleLoader'),
    sentFromItsPlace('batchLoader'),
  ];
  return () => {
    for (const release of releases) release();
  };
}

const LOADER_PATH = ['_requestHandler', 'dataloader', 'options'];
const LOADER_METHODS = ['batchBy', 'singleLoader', 'batchLoader'];

function loaderOf(prisma: object): object | undefined {
  let found: unknown = prisma;
  for (const name of LOADER_PATH) found = isObject(found) ? Reflect.get(found, name) : undefined;
  if (!isObject(found)) return undefined;
  const loader = found;
  return LOADER_METHODS.every((name) => typeof Reflect.get(loader, name) === 'function') ? loader : undefined;
}

function isInTransaction(request: object): boolean {
  return isObject(Reflect.get(request, 'transaction'));
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
