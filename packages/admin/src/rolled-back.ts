/** Work on the real data that is rolled back, whatever happens: what a plan shows is what would be. */
import type { Transactions } from '@sillok/node/audit';

class RolledBackPlan extends Error {
  override readonly name = 'RolledBackPlan';
}

export async function rolledBack<Tx, T>(
  database: Transactions<Tx>,
  work: (tx: Tx) => Promise<T>,
): Promise<T | undefined> {
  let value: T | undefined;
  try {
    await database.run(async (tx) => {
      value = await work(tx);
      throw new RolledBackPlan();
    });
  } catch (error) {
    // Some libraries wrap what the work throws.
    const isOurs =
      error instanceof RolledBackPlan || (error instanceof Error && error.cause instanceof RolledBackPlan);
    if (!isOurs) throw error;
  }
  return value;
}
