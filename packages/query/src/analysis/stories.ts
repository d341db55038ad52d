/** Statements about one person or one scenario: which traces and records carry one of their ids. */
import { openScope, whereSql, type OpenScope, type Scope, type Statement } from '../sql/scope.js';
import { SEARCH_COLUMNS, SEARCH_SELECT } from '../sql/columns.js';
import { orderBy } from '../sql/search.js';

export const STORY_IDS = ['global_trace_id', 'user_hash', 'session_hash', 'trace_id'] as const;
export type StoryIds = Readonly<Partial<Record<(typeof STORY_IDS)[number], readonly string[]>>>;

export interface StoryOptions extends Scope {
  readonly ids: StoryIds;
  /** Records of other accounts are left out; those without an account stay. */
  readonly onlyUsers?: readonly string[];
  readonly limit: number;
}

/** Ids that stand beside the known ones in some record: `name`, `value`, `last`, newest first. */
export function compileStoryIds(options: StoryOptions): Statement {
  const scope = openStory(options);
  const pairs = STORY_IDS.map((name) => `('${name}', ${name})`).join(', ');
  const each = `SELECT arrayJoin([${pairs}]) AS pair, time FROM ${scope.table} ${whereSql(scope)}`;
  const sql =
    `SELECT pair.1 AS name, pair.2 AS value, max(time) AS last FROM (${each}) ` +
    `WHERE value != '' GROUP BY name, value ORDER BY last DESC LIMIT ${options.limit}`;
  return { sql, params: scope.parameters.values(), columns: ['name', 'value', 'last'] };
}

/** Records that carry one of the ids and belong to no trace, newest first. */
export function compileStoryRecords(options: StoryOptions): Statement {
  const scope = openStory(options);
  scope.conditions.push(`trace_id = ''`);
  const order = `${orderBy('desc')} LIMIT ${options.limit}`;
  const sql = `SELECT ${SEARCH_SELECT} FROM ${scope.table} ${whereSql(scope)} ${order}`;
  return { sql, params: scope.parameters.values(), columns: SEARCH_COLUMNS };
}

/** Each of these columns has an index of its own, which the engine joins over OR. */
function openStory(options: StoryOptions): OpenScope {
  const scope = openScope(undefined, options);
  const parts = STORY_IDS.flatMap((name) => {
    const list = options.ids[name] ?? [];
    const values = list.map((value) => scope.parameters.add('String', value));
    return values.length === 0 ? [] : [`${name} IN (${values.join(', ')})`];
  });
  scope.conditions.push(parts.length === 0 ? '0' : `(${parts.join(' OR ')})`);
  const users = options.onlyUsers?.map((value) => scope.parameters.add('String', value)) ?? [];
  // A session that two people used, one after the other, on a shared device.
  if (users.length > 0) scope.conditions.push(`user_hash IN ('', ${users.join(', ')})`);
  return scope;
}
