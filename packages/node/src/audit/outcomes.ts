/**
 * How a transaction says by itself that it was committed: a row with the audit id, written by the transaction.
 *
 * `settle` decides what became of one whose process died, and its answer is final: it tries to insert the same id as
 * `rolled_back`. The primary key lets one of the two exist. While the transaction is still running in the database,
 * the insert waits for it; a transaction that arrives later fails on the key and is rolled back. So there is never a
 * false `committed`, nor a `rolled_back` that is committed afterwards.
 */
export type Settled = 'committed' | 'rolled_back';

/** Runs one statement with its values. Rows as objects. */
export type Execute = (
  sql: string,
  values: readonly string[],
) => Promise<readonly { readonly [column: string]: unknown }[]>;

export type Dialect = 'postgres' | 'mysql';

export interface Transactions<Tx> {
  /** Names the database in the journal of open intents: the same after a restart. */
  readonly name: string;
  readonly dialect: Dialect;
  /**
   * Begins a transaction, awaits `work`, commits; rolls back and rejects when `work` rejects. The work gets what it queries
   * with, and `execute` for our row.
   */
  run<T>(work: (tx: Tx, execute: Execute) => Promise<T>): Promise<T>;
  /** Outside of any transaction, on a connection of its own. */
  readonly execute: Execute;
}

const TABLE = 'sillok_outcomes';
const INSERT = `INSERT INTO ${TABLE} (audit_id, outcome)`;

const CREATE: Readonly<Record<Dialect, string>> = {
  postgres: `CREATE TABLE IF NOT EXISTS ${TABLE} (
  audit_id text PRIMARY KEY, outcome text NOT NULL, at timestamptz NOT NULL DEFAULT now())`,
  mysql: `CREATE TABLE IF NOT EXISTS ${TABLE} (
  audit_id varchar(64) PRIMARY KEY, outcome varchar(16) NOT NULL,
  at timestamp NOT NULL DEFAULT current_timestamp)`,
};

const MARK: Readonly<Record<Dialect, string>> = {
  postgres: `${INSERT} VALUES ($1, 'committed')`,
  mysql: `${INSERT} VALUES (?, 'committed')`,
};

const FENCE: Readonly<Record<Dialect, string>> = {
  postgres: `${INSERT} VALUES ($1, 'rolled_back') ON CONFLICT (audit_id) DO NOTHING`,
  mysql: `INSERT IGNORE INTO ${TABLE} (audit_id, outcome) VALUES (?, 'rolled_back')`,
};

const READ: Readonly<Record<Dialect, string>> = {
  postgres: `SELECT outcome FROM ${TABLE} WHERE audit_id = $1`,
  mysql: `SELECT outcome FROM ${TABLE} WHERE audit_id = ?`,
};

/** The table of outcomes, for a migration or at the start of the service. May be repeated. */
export async function createOutcomes({
  dialect,
  execute,
}: Pick<Transactions<unknown>, 'dialect' | 'execute'>): Promise<void> {
  await execute(CREATE[dialect], []);
}

export async function mark(dialect: Dialect, execute: Execute, id: string): Promise<void> {
  await execute(MARK[dialect], [id]);
}

/** What a transaction with this id came to, without deciding anything; undefined while there is no row. */
export async function outcomeOf<Tx>(
  { dialect, execute }: Pick<Transactions<Tx>, 'dialect' | 'execute'>,
  id: string,
): Promise<Settled | undefined> {
  const [row] = await execute(READ[dialect], [id]);
  if (row === undefined) return undefined;
  return row['outcome'] === 'committed' ? 'committed' : 'rolled_back';
}

/** Rejects when the database does not answer: then nothing is known, and it is asked again later. */
export async function settle({ dialect, execute }: Transactions<unknown>, id: string): Promise<Settled> {
  await execute(FENCE[dialect], [id]);
  const [row] = await execute(READ[dialect], [id]);
  if (row === undefined) throw new Error('the row of the outcome is not there: was it deleted?');
  return row['outcome'] === 'committed' ? 'committed' : 'rolled_back';
}
