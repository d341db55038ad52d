/**
 * Which records belong to a story. From one id to all that stand beside it: a person's sessions and, through link records,
 * those before the sign-in. A scenario (`global_trace_id`) is one thing that somebody tried, and is not widened to all
 * else that the same person did.
 */
import { compileStoryIds, compileStoryRecords, STORY_IDS, type Row, type StoryIds } from '@sillok/query';
import type { Range } from '../../read/reading.js';
import type { Caller } from '../caller.js';
import { STORY_IDS_MAX, STORY_RECORDS_MAX, STORY_TRACES_MAX } from '../limits.js';

export interface Gathered {
  readonly ids: StoryIds;
  /** Newest first. */
  readonly traceIds: readonly string[];
  /** Records without a trace, oldest first. */
  readonly loose: readonly Row[];
  readonly truncated: boolean;
}

type Lists = { -readonly [name in keyof StoryIds]: string[] };

export async function gather(caller: Caller, asked: StoryIds, range: Range): Promise<Gathered> {
  const { project, table } = caller;
  const read = async (ids: StoryIds): Promise<Lists> => {
    const onlyUsers = ids.user_hash ?? [];
    const statement = compileStoryIds({ project, table, ...range, ids, onlyUsers, limit: STORY_IDS_MAX });
    return listsOf(await caller.rows(statement));
  };
  let found = await read(asked);
  let ids = asked;
  if (asked.user_hash !== undefined || asked.session_hash !== undefined) {
    // Twice: the anonymous visit before a sign-in is known only by the link from the session after it.
    for (let round = 0; round < 2; round += 1) {
      ids = { ...asked, ...pick(asked, found) };
      found = await read(ids);
    }
  }
  const loose = await caller.records(
    compileStoryRecords({
      project,
      table,
      ...range,
      ids,
      onlyUsers: ids.user_hash ?? [],
      limit: STORY_RECORDS_MAX + 1,
    }),
  );
  const traces = found.trace_id ?? [];
  return {
    ids: found,
    traceIds: traces.slice(0, STORY_TRACES_MAX),
    loose: loose.slice(0, STORY_RECORDS_MAX).toReversed(),
    truncated: traces.length > STORY_TRACES_MAX || loose.length > STORY_RECORDS_MAX,
  };
}

/** A person is widened by sessions and accounts; what was asked for stays. */
function pick(asked: StoryIds, found: Lists): StoryIds {
  const sessions = [...new Set([...(asked.session_hash ?? []), ...(found.session_hash ?? [])])];
  const users = [...new Set([...(asked.user_hash ?? []), ...(found.user_hash ?? [])])];
  return { session_hash: sessions, ...(users.length === 0 ? {} : { user_hash: users }) };
}

function listsOf(rows: readonly unknown[][]): Lists {
  const lists: Lists = {};
  for (const [name, value] of rows) {
    const known = STORY_IDS.find((each) => each === name);
    if (known === undefined) continue;
    const list = (lists[known] ??= []);
    list.push(String(value));
  }
  return lists;
}
