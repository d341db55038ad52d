/** A reader's statement, from its text to what the store runs: through the guard, with its parameters and limits. */
import type { sqlBody } from '@sillok/api';
import { StoreError } from '@sillok/store';
import type { z } from 'zod';
import { fromReader, ReadError } from './errors.js';
import { PROJECT_PARAM } from './guard/view.js';
import { SQL_ROWS_MAX } from './limits.js';
import type { Estimated } from './estimate.js';
import type { Reading } from './reading.js';
import { wallOf } from './rows-shown.js';
import { momentBound } from './sql-moment.js';
import { SQL_LIMITS, sqlSettings } from './sql-settings.js';

const NONE: ReadonlySet<string> = new Set();

export type SqlRequest = z.output<typeof sqlBody>;

export async function guardedQuery(reading: Reading, project: string, asked: SqlRequest): Promise<Estimated> {
  const verdict = await checkedBy(reading, asked.query);
  const params: Record<string, unknown> = { [PROJECT_PARAM]: project };
  for (const { name, type } of verdict.params) {
    if (!Object.hasOwn(asked.params, name)) {
      throw new ReadError(
        'sql_param_invalid',
        `The query binds {${name}:${type}}, but "params" has no "${name}".`,
      );
    }
    const value = asked.params[name];
    // JSON.parse has rounded it already: the query would ask for another number than was sent.
    if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
      throw new ReadError(
        'sql_param_invalid',
        `"${name}" is beyond 2^53, where JSON numbers lose digits. Send it as text.`,
      );
    }
    params[name] = momentBound(type, value);
  }
  const { knownNames } = verdict;
  const misfits = knownNames.length === 0 ? NONE : await reading.misfits.among(reading, project, knownNames);
  const { stopsAt, sets } = verdict.shape;
  return {
    ...(stopsAt === undefined ? {} : { limit: stopsAt }),
    sets,
    sql: `${verdict.sql(misfits)} LIMIT ${SQL_ROWS_MAX + 1}`,
    params,
    pool: 'user',
    limits: SQL_LIMITS,
    settings: sqlSettings(),
    wall: wallOf(project),
  };
}

async function checkedBy(reading: Reading, query: string) {
  try {
    const verdict = await reading.guard.check(query);
    if (verdict.ok) return verdict;
    throw new ReadError('sql_refused', verdict.message, { help: verdict.help });
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    if (!/Multi-statements/.test(error.message)) throw fromReader(error);
    throw new ReadError('sql_refused', 'Only one statement is allowed.', { cause: error });
  }
}
