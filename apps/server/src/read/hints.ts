/**
 * Hints about field names that no record has. The names of a project come from a sample that is taken at most once a
 * minute and only when a query names a field that is not built in, so that an ordinary page costs nothing more.
 */
import {
  compileFieldList,
  fieldHints,
  fieldNames,
  parseQuery,
  BUILT_IN_FIELDS,
  type Query,
  type QueryHint,
} from '@sillok/query';
import type { Store } from '@sillok/store';
import { SEARCH_SETTINGS } from './search-settings.js';
import { HINT_NAMES_AGE_MS_MAX, HINT_PROJECTS_MAX, HINT_RETRY_MS, HINT_TIME_MS_MAX } from './limits.js';

export interface HintNames {
  /** Never throws: a search must not fail for want of advice. */
  hintsFor(query: Query, project: string): Promise<readonly QueryHint[]>;
}

interface Sample {
  takenMs: number;
  readonly names: Promise<readonly string[]>;
}

export function createHints(store: () => Store): HintNames {
  const samples = new Map<string, Sample>();
  const builtIn = new Set(BUILT_IN_FIELDS);

  function namesOf(project: string): Promise<readonly string[]> {
    const known = samples.get(project);
    if (known !== undefined && performance.now() - known.takenMs < HINT_NAMES_AGE_MS_MAX) return known.names;
    if (samples.size >= HINT_PROJECTS_MAX) samples.clear();
    const sample: Sample = { takenMs: performance.now(), names: sampleNames(store(), project).catch(missed) };
    samples.set(project, sample);
    return sample.names;

    /** Not tried again with the very next search: what fails for its cost would cost that each time. */
    function missed(): readonly string[] {
      sample.takenMs = performance.now() - HINT_NAMES_AGE_MS_MAX + HINT_RETRY_MS;
      return [];
    }
  }

  return {
    async hintsFor(query, project) {
      if (fieldNames(query).every((name) => builtIn.has(name))) return [];
      try {
        const names = await namesOf(project);
        // Nothing is known about a project without records.
        return names.length === 0 ? [] : fieldHints(query, names);
      } catch {
        // There is no store just now.
        return [];
      }
    },
  };
}

async function sampleNames(store: Store, project: string): Promise<readonly string[]> {
  const everything = parseQuery('');
  if (!everything.ok) return [];
  const statement = compileFieldList(everything.query, { project, table: store.table });
  const { rows } = await store.select({
    ...statement,
    pool: 'search',
    limits: { timeoutMs: HINT_TIME_MS_MAX },
    settings: SEARCH_SETTINGS,
  });
  return rows.map(([name]) => String(name));
}
