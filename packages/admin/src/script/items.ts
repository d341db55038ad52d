/**
 * One item: what its `each` may call, in a dry run and for real.
 *
 * A transaction is named by run, item and attempt, and the name stands in the database with it. So an item whose commit was not
 * noted any more (a kill) is found committed when the run is resumed, and is not applied again.
 */
import { createHash } from 'node:crypto';
import { outcomeOf, type Audit, type Change, type EntryInWork, type Transactions } from '@sillok/node/audit';
import { ScriptError } from '../errors.js';
import { ATTEMPT_ID_LENGTH, ATTEMPTS_MAX } from '../limits.js';
import { rolledBack } from '../rolled-back.js';
import type { ItemContext, ScriptContext } from './define.js';
import type { Plan } from './plan.js';

/** Thrown by `skip`. */
export class Skipped extends Error {
  override readonly name = 'Skipped';
}

export interface ItemParts {
  readonly context: ScriptContext<unknown>;
  readonly run: string;
  readonly key: string;
  readonly audit: Audit;
  readonly plan: Plan;
  /** Earlier attempts may have been committed. */
  readonly isResumed: boolean;
  count(name: string, by: number): void;
  emit(row: Readonly<Record<string, unknown>>): void;
}

export function itemContext(parts: ItemParts): ItemContext<unknown> {
  const { context, plan, key, audit } = parts;
  let transactions = 0;
  return {
    ...context,
    async transaction(change, database, work) {
      transactions += 1;
      if (context.isDryRun) return plannedTransaction({ plan, key, change, database, work });
      return appliedOnce(parts, { number: transactions, change, database, work });
    },
    async write(change, work) {
      if (!context.isDryRun) return audit.operation(change, work);
      plan.add(key, change);
      return undefined;
    },
    skip(reason) {
      throw new Skipped(reason);
    },
    count: (name, by = 1) => parts.count(name, by),
    emit: (row) => parts.emit(row),
  };
}

interface Planned<Tx, T> {
  readonly plan: Plan;
  readonly key: string;
  readonly change: Change;
  readonly database: Transactions<Tx>;
  readonly work: (tx: Tx, entry: EntryInWork) => Promise<T>;
}

/** Runs on the real data and rolls back, whatever happens. */
async function plannedTransaction<Tx, T>({
  plan,
  key,
  change,
  database,
  work,
}: Planned<Tx, T>): Promise<T | undefined> {
  const said: { before?: unknown; after?: unknown } = {};
  const entry: EntryInWork = {
    id: 'planned',
    before: (each) => void (said.before = each),
    after: (each) => void (said.after = each),
    result: () => undefined,
  };
  const value = await rolledBack(database, (tx) => work(tx, entry));
  plan.add(key, { ...change, ...said });
  return value;
}

interface Applied<Tx, T> extends Omit<Planned<Tx, T>, 'plan' | 'key'> {
  /** Of the item's transactions, from 1. */
  readonly number: number;
}

async function appliedOnce<Tx, T>(
  { audit, run, key, isResumed }: ItemParts,
  { number, change, database, work }: Applied<Tx, T>,
): Promise<T | undefined> {
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
    const id = attemptId([run, key, number, attempt]);
    const outcome = isResumed ? await outcomeOf(database, id) : undefined;
    if (outcome === 'committed') return undefined;
    if (outcome === 'rolled_back') continue;
    try {
      return await audit.transaction({ ...change, id }, database, work);
    } catch (error) {
      if (!isResumed) throw error;
      // That of a killed process was still running in the database; or it has been settled in this moment.
      const since = await outcomeOf(database, id);
      if (since === 'committed') return undefined;
      if (since === undefined) throw error;
    }
  }
  throw new ScriptError(
    'usage',
    `${ATTEMPTS_MAX} attempts at this item have failed.`,
    'Look at its error first.',
  );
}

function attemptId(parts: readonly (string | number)[]): string {
  return createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, ATTEMPT_ID_LENGTH);
}
