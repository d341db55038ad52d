/**
 * What both kinds of database have in common. A connection is made for one statement, proves that it cannot write, runs the
 * statement in a read-only transaction, and is closed: nothing of one reader is left for the next.
 */
import { DatabaseHangs } from './errors.js';
import type { Bound } from './statement.js';

/** One thing that was looked at before the first statement. */
export interface Check {
  /** Stable: `superuser`, `may_write`, `read_only_transaction` … */
  readonly check: string;
  readonly ok: boolean;
  /** What was found, for people. */
  readonly found: string;
}

export interface Proof {
  readonly version: string;
  readonly user: string;
  readonly is_replica: boolean;
  /** How far a replica is behind; null when it does not say, or is none. */
  readonly lag_ms: number | null;
  readonly checks: readonly Check[];
}

export interface DatabaseColumn {
  readonly name: string;
  readonly type: string;
}

export interface Rows {
  readonly columns: readonly DatabaseColumn[];
  readonly rows: unknown[][];
  readonly truncated: boolean;
}

export interface RowLimits {
  readonly rows: number;
  readonly bytes: number;
}

export interface SchemaTable {
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly DatabaseColumn[];
}

/** How old the snapshot is that a running statement keeps alive, as the database says it. */
export interface Held {
  readonly transactions: number;
}

export interface Connection {
  /** The number that the database gave it, for its own lists. */
  readonly pid: number;
  prove(): Promise<Proof>;
  /** In a read-only transaction with its timeout. */
  run(bound: Bound, limits: RowLimits): Promise<Rows>;
  schema(limit: number): Promise<readonly SchemaTable[]>;
  /** About another connection of the same role. */
  cancel(pid: number): Promise<void>;
  terminate(pid: number): Promise<void>;
  isRunning(pid: number): Promise<boolean>;
  /** Undefined where the database has no such thing. */
  held(pid: number): Promise<Held | undefined>;
  close(): Promise<void>;
  /** Cuts it at once, without a word to a database that does not listen. */
  destroy(): void;
}

export interface ConnectOptions {
  readonly url: string;
  readonly timeoutMs: number;
}

/** Waits no longer than this; `late` lets go of what hangs. */
export async function within<T>(
  work: Promise<T>,
  { timeMs, late }: { readonly timeMs: number; readonly late: () => void },
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const hung = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      late();
      reject(new DatabaseHangs(timeMs));
    }, timeMs);
  });
  try {
    return await Promise.race([work, hung]);
  } finally {
    clearTimeout(timer);
    work.catch(() => undefined);
  }
}

/** Takes rows until one of the limits is met. */
export class RowTaker {
  readonly rows: unknown[][] = [];
  truncated = false;
  #bytes = 0;
  readonly #limits: RowLimits;

  constructor(limits: RowLimits) {
    this.#limits = limits;
  }

  /** False when no more are taken. */
  take(row: unknown[]): boolean {
    const bytes = row.reduce<number>((sum, value) => sum + sizeOf(value), 0);
    if (this.rows.length >= this.#limits.rows || this.#bytes + bytes > this.#limits.bytes) {
      this.truncated = true;
      return false;
    }
    this.#bytes += bytes;
    this.rows.push(row);
    return true;
  }
}

function sizeOf(value: unknown): number {
  return typeof value === 'string' ? value.length * 2 : 16;
}

/** Rows of `schema`, `name`, `column`, `type`, in their order, as tables. */
export function tablesOf(rows: readonly Readonly<Record<string, unknown>>[]): readonly SchemaTable[] {
  const tables = new Map<string, { schema: string; name: string; columns: DatabaseColumn[] }>();
  for (const row of rows) {
    const [schema, name] = [String(row['schema']), String(row['name'])];
    const table = tables.get(`${schema}\n${name}`) ?? { schema, name, columns: [] };
    table.columns.push({ name: String(row['column']), type: String(row['type']) });
    tables.set(`${schema}\n${name}`, table);
  }
  return [...tables.values()];
}
