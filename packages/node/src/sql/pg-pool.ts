/**
 * A statement that gets no connection is never sent, so no client would record it: a database that refuses connections would be
 * missing in exactly the requests that it breaks. The pool is asked for the statement, so it is recorded there as a call that failed.
 */
import { bindContext } from '../scope.js';
import type { Span } from '../span.js';
import { isMethod, ownerOf, replaceMethod } from './patch.js';
import { failStatement, isOtelWrapped, openStatement, type SqlSettings } from './settings.js';

interface Pool {
  readonly options?: { readonly database?: string; readonly host?: string; readonly port?: number };
}

interface Waiting {
  readonly settings: SqlSettings;
  readonly textOf: (config: unknown) => string | undefined;
}

/** Callbacks that wait for a connection belong to the request that asked: a pool calls them while it works for another. */
export function watchPool(pool: unknown, { settings, textOf }: Waiting): () => void {
  // `query` asks for its connection before it returns, so this says for which statement `connect` is called.
  let asked: string | undefined;
  const releaseQuery = replaceMethod(ownerOf(pool, 'query'), 'query', (original) => {
    return function (this: object, ...values: unknown[]): unknown {
      asked = textOf(values[0]);
      try {
        return Reflect.apply(original, this, values);
      } finally {
        asked = undefined;
      }
    };
  });
  const releaseConnect = replaceMethod(ownerOf(pool, 'connect'), 'connect', (original) => {
    return function (this: Pool, ...values: unknown[]): unknown {
      const sql = asked;
      asked = undefined;
      const { database: namespace, host, port } = this.options ?? {};
      const open = (text: string): Span | undefined => {
        const statement = { sql: text, system: 'postgresql', namespace, host, port } as const;
        return openStatement(statement, settings, isOtelWrapped(original));
      };
      const pinned = values.map((value) => {
        if (!isMethod(value)) return value;
        return bindContext(sql === undefined ? value : recordingFailure(value, open(sql)));
      });
      return Reflect.apply(original, this, pinned);
    };
  });
  return () => {
    releaseQuery();
    releaseConnect();
  };
}

type Callback = (...values: unknown[]) => unknown;

function recordingFailure(callback: Callback, span: Span | undefined): Callback {
  return (...values) => {
    const [error] = values;
    if (span !== undefined && error !== null && error !== undefined) fail(span, error);
    return callback(...values);
  };
}

/** Where it could not connect to stands in the error alone: the pool may know it as a part of an address only. */
function fail(span: Span, error: unknown): void {
  const { address, port } = Object(error) as { address?: unknown; port?: unknown }; // any error may have them
  if (typeof address === 'string') span.set({ 'server.address': address });
  if (typeof port === 'number') span.set({ 'server.port': port });
  failStatement(span, error, 'postgresql');
}
