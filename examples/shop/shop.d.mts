import type { ChildProcess } from 'node:child_process';

export interface ShopOptions {
  readonly url: string;
  readonly key: string;
  readonly identityKeys?: string;
  readonly folder?: string;
  readonly pglite?: boolean;
  readonly nodeEdge?: boolean;
  readonly shipEdge?: boolean;
  readonly stories?: readonly string[];
}

export interface Shop {
  readonly url: string;
  readonly providerUrl: string;
  readonly databaseUrl: string;
  /** PostgreSQL's own; PGlite writes none. */
  readonly databaseLog: string | undefined;
  /** Stops PostgreSQL while everything else stays up, and starts it again where it was; PGlite can do neither. */
  readonly haltDatabase: (() => Promise<void>) | undefined;
  readonly restartDatabase: (() => Promise<void>) | undefined;
  readonly folder: string;
  readonly uses: readonly string[];
  readonly children: ReadonlyMap<string, ChildProcess & { readonly ports?: readonly number[] }>;
  /** Resolves when every process of the shop knows. */
  story(name: string, on: boolean): Promise<void>;
  stop(): Promise<void>;
}

export function startShop(options: ShopOptions): Promise<Shop>;
