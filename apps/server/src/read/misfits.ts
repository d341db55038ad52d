/**
 * Known attributes with values that did not fit their column, per project: a status code sent as text, a route that is
 * a number. Such a value is kept in the map, so `attributes['http.route']` has to look there too, which costs 80 times
 * what the column alone costs (1,004 against 13 ms for a million rows). Nearly always there is none: asking the index
 * over the map's keys takes 5 ms and reads nothing, so it is asked before each statement that names one.
 */
import { quoteString } from './guard/tokens.js';
import { MISFIT_TIME_MS_MAX } from './limits.js';
import type { ReadDeps } from '../seams.js';

export interface Misfits {
  /** Those of `names` that have such values. All of them when it cannot be found out. */
  among(
    deps: Pick<ReadDeps, 'store'>,
    project: string,
    names: readonly string[],
  ): Promise<ReadonlySet<string>>;
}

export function createMisfits(): Misfits {
  /** What was found once: such values do not leave before their records do, and looking there again is only slower. */
  const found = new Map<string, Set<string>>();

  return {
    async among({ store }, project, names) {
      const known = found.get(project) ?? new Set();
      const open = names.filter((name) => !known.has(name));
      if (open.length === 0) return known;
      try {
        const list = `[${open.map(quoteString).join(', ')}]`;
        const { rows } = await store().select({
          sql:
            `SELECT DISTINCT arrayJoin(arrayFilter(k -> has(${list}, k), mapKeys(attributes))) FROM ${store().table} ` +
            `WHERE project = {project:String} AND hasAny(mapKeys(attributes), ${list}) LIMIT ${open.length}`,
          params: { project },
          pool: 'search',
          limits: { timeoutMs: MISFIT_TIME_MS_MAX },
        });
        for (const [name] of rows) known.add(String(name));
        if (known.size > 0) found.set(project, known);
        return known;
      } catch {
        return new Set(names);
      }
    },
  };
}
