/**
 * The few native calls of chdb that the child uses.
 *
 * chdb's own `Session` is not used: it puts off closing a connection until *every* running statement of the
 * process has ended, so one long insert would pile up the connections of all searches beside it. Here each
 * connection runs one statement at a time and is closed when that statement has ended, which is the rule that the
 * library needs kept. The addon is not a documented interface: chdb is pinned exactly, and a missing function is
 * reported at start.
 */
import { createRequire } from 'node:module';
import { platformPackage } from '../available.js';

declare const opaque: unique symbol;
/** A native handle; only ever passed back. */
export interface Handle {
  readonly [opaque]: true;
}

export interface NativeResult {
  readonly bytes: Buffer;
}

export interface NativeInsertResult {
  readonly rowsWritten: number;
  readonly bytesWritten: number;
}

export type NativeChunk = { readonly done: true } | { readonly done?: false; readonly bytes: Buffer };

export interface Native {
  CreateConnection(path: string, args: readonly string[]): Handle;
  CloseConnection(connection: Handle): void;
  QueryAsyncConnection(connection: Handle, sql: string, format: string): Promise<NativeResult>;
  InsertRawAsyncConnection(
    connection: Handle,
    sql: string,
    body: Buffer,
    countLines: boolean,
  ): Promise<NativeInsertResult>;
  StreamQuery(connection: Handle, sql: string, format: string): Handle;
  StreamFetch(stream: Handle): Promise<NativeChunk>;
  StreamCancel(stream: Handle): void;
}

const FUNCTIONS = [
  'CreateConnection',
  'CloseConnection',
  'QueryAsyncConnection',
  'InsertRawAsyncConnection',
  'StreamQuery',
  'StreamFetch',
  'StreamCancel',
] as const satisfies readonly (keyof Native)[];

export function loadNative(): Native {
  const require = createRequire(import.meta.url);
  const fromChdb = createRequire(require.resolve('chdb/package.json'));
  const name = platformPackage();
  if (name === undefined) throw new Error(`chdb has no build for ${process.platform} ${process.arch}`);
  const addon: unknown = fromChdb(name);
  for (const key of FUNCTIONS) {
    // A module object: the check that follows is what makes the type true.
    if (typeof (addon as Record<string, unknown>)[key] !== 'function') {
      throw new Error(`this build of chdb lacks ${key}; install the version that Sillok pins`);
    }
  }
  // Checked just above.
  return addon as Native;
}
