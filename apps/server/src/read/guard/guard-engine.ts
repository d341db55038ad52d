/** What the guard asks of the engine, through the store: three harmless statements of our own. */
import type { Store } from '@sillok/store';
import { GUARD_TIME_MS_MAX } from '../limits.js';
import type { GuardEngine } from './guard.js';

const limits = { timeoutMs: GUARD_TIME_MS_MAX };

export function createGuardEngine(store: () => Store): GuardEngine {
  let names: Promise<ReadonlySet<string>> | undefined;

  async function loadNames(): Promise<ReadonlySet<string>> {
    const { rows } = await store().select({
      sql: 'SELECT lower(name) FROM system.functions',
      pool: 'search',
      limits,
    });
    return new Set(rows.map(([name]) => String(name)));
  }

  return {
    async normalise(sql) {
      const { rows } = await store().select({
        sql: 'SELECT formatQuerySingleLine({sillok_text:String})',
        params: { sillok_text: sql },
        pool: 'search',
        limits,
      });
      return String(rows[0]?.[0] ?? '').trim();
    },
    async tree(sql) {
      const { rows } = await store().select({ sql: `EXPLAIN AST ${sql}`, pool: 'search', limits });
      return rows.map(([line]) => String(line));
    },
    async functionNames() {
      names ??= loadNames().catch((error: unknown) => {
        names = undefined;
        throw error;
      });
      return names;
    },
  };
}
