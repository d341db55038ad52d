/** What a script is. It lives in the repository of the service and uses the service's own business code. */
import type { Change, EntryInWork, Transactions } from '@sillok/node/audit';
import type { z } from 'zod';
import type { Role } from '../entity/signature.js';
import type { ScriptLog } from './script-log.js';

/** What the script's functions are given. */
export interface ScriptContext<Args> {
  readonly args: Args;
  /** Nothing may be written: `transaction` rolls back, `write` does not call its work. */
  readonly isDryRun: boolean;
  /** Records of kind `script`: their own stream, neither invisible nor an alarm of the live service. */
  readonly log: ScriptLog;
  /** Aborted when the script is to stop: pass it on to what can be interrupted. */
  readonly signal: AbortSignal;
}

export interface ItemContext<Args> extends ScriptContext<Args> {
  /**
   * An audited transaction, applied exactly once per item over all resumes. A dry run runs it on the real data and rolls it
   * back, so that before and after are true. (Sequences of the database move on all the same.)
   */
  transaction<Tx, T>(
    change: Change,
    transactions: Transactions<Tx>,
    work: (tx: Tx, entry: EntryInWork) => Promise<T>,
  ): Promise<T | undefined>;
  /** An audited write without a transaction: a call to another service. At least once; a dry run does not call it. */
  write<T>(change: Change, work: (entry: EntryInWork) => Promise<T>): Promise<T | undefined>;
  /** Leaves the item out, with a reason that is counted. */
  skip(reason: string): never;
  /** Adds to a number that the end shows. */
  count(name: string, by?: number): void;
  /** A row of `out.csv`. */
  emit(row: Readonly<Record<string, unknown>>): void;
}

export interface Script<Args, Item> {
  /** `kebab-case`; how it is started. */
  readonly name: string;
  /** What it does and when it is needed, for a colleague. */
  readonly description: string;
  /** Who is told how it ended. */
  readonly owner?: string | undefined;
  readonly args: z.ZodType<Args>;
  /** Changes or deletes data: it then applies only a plan that was seen, and on production only with a word more. */
  readonly isDestructive?: boolean | undefined;
  /** A plan is applied only when a second person has approved it. */
  readonly fourEyes?: boolean | undefined;
  /** The least role that may see and start it in the console. Default: `admin`. */
  readonly role?: Role | undefined;
  readonly items: (
    context: ScriptContext<Args>,
  ) => AsyncIterable<Item> | Iterable<Item> | Promise<Iterable<Item>>;
  /** Names an item for ever: failures are reported and resumes go on by it. */
  readonly key: (item: Item) => string;
  readonly each: (item: Item, context: ItemContext<Args>) => Promise<void>;
  /** How many items there will be, where that is cheap to know. */
  readonly total?: ((context: ScriptContext<Args>) => Promise<number> | number) | undefined;
  readonly concurrency?: number | undefined;
  /** At most so many items are begun per second. */
  readonly perSecond?: number | undefined;
  readonly stallMs?: number | undefined;
}

/** Types are checked here and then forgotten: a list of scripts holds scripts of all kinds. */
export type AnyScript = Script<unknown, unknown>;

export function defineScript<Args, Item>(script: Script<Args, Item>): AnyScript {
  // `items`, `key` and `each` only ever see arguments and items that this very script made and checked.
  return script as unknown as AnyScript;
}
