/**
 * Which records belong to a story. From one id to all of the same person: what links join (the visit before the sign-in, other
 * devices, names of other key epochs), and sessions that stood beside the account in a record without a link. A scenario
 * (`global_trace_id`) is one thing that somebody tried, and is not widened to all else that the same person did.
 */
import { compileStoryIds, compileStoryRecords, STORY_IDS, type Row, type StoryIds } from '@sillok/query';
import type { Range } from '../../read/reading.js';
import type { Caller } from '../caller.js';
import { STORY_IDS_MAX, STORY_RECORDS_MAX, STORY_TRACES_MAX } from '../limits.js';
import { widen, type Names, type People } from './people.js';

export interface Gathered {
  readonly ids: StoryIds;
  /** Newest first. */
  readonly traceIds: readonly string[];
  /** Records without a trace, oldest first. */
  readonly loose: readonly Row[];
  readonly truncated: boolean;
}

type Lists = { -readonly [name in keyof StoryIds]: string[] };

export interface Around {
  readonly range: Range;
  readonly people: People;
}

export async function gather(caller: Caller, asked: StoryIds, { range, people }: Around): Promise<Gathered> {
  const { project, table } = caller;
  const read = async (ids: StoryIds): Promise<Lists> => {
    const onlyUsers = ids.user_hash ?? [];
    const statement = compileStoryIds({ project, table, ...range, ids, onlyUsers, limit: STORY_IDS_MAX });
    return listsOf(await caller.rows(statement));
  };
  const isPerson = asked.user_hash !== undefined || asked.session_hash !== undefined;
  let ids = isPerson ? { ...asked, ...named(widen(people, asked)) } : asked;
  let found = await read(ids);
  if (isPerson) {
    ids = { ...asked, ...named(widen(people, beside(ids, found))) };
    found = await read(ids);
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

/** Sessions that stood beside the account in some record; and the account, if sessions were asked for and it was one. */
function beside(ids: StoryIds, found: Lists): Lists {
  const accounts = found.user_hash ?? [];
  const users = ids.user_hash ?? (accounts.length === 1 ? accounts : []);
  return {
    user_hash: [...users],
    session_hash: [...(ids.session_hash ?? []), ...(found.session_hash ?? [])],
  };
}

/** Without a name that is not known: an empty list would mean records of nobody. */
function named({ user_hash: users, session_hash: sessions }: Names): StoryIds {
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
