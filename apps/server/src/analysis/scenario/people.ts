/**
 * Whose story it is: pseudonyms → all names of the same person, by the links that the identity room follows. Only services are
 * believed about links (see `identity/follow.ts`), so nobody joins two people by a record from a browser.
 */
import type { StoryIds } from '@sillok/query';
import type { Person, PersonGraph } from '../../identity/person-graph.js';
import { ReadError } from '../../read/errors.js';

export type People = Pick<PersonGraph, 'peopleOf'>;

/** Ids by name, each list once. */
export type Names = { readonly user_hash: readonly string[]; readonly session_hash: readonly string[] };

/** The names of one person, by any of them. One that no link knows is taken for what it may be. */
export function namesOf(people: People, pseudonym: string): Names {
  const [found, ...others] = people.peopleOf(pseudonym);
  if (others.length > 0) {
    const ids = [found, ...others].map((each) => each?.id).join(', ');
    const message = `"${pseudonym}" belongs to several people: ${ids}. Ask for one of them.`;
    throw new ReadError('request_invalid', message);
  }
  if (found === undefined) return { user_hash: [pseudonym], session_hash: [pseudonym] };
  return { user_hash: found.userHashes, session_hash: found.sessionHashes };
}

/** A session that several accounts used is nobody's by itself: it stays, and is not widened to any of them. */
export function widen(people: People, ids: Pick<StoryIds, 'user_hash' | 'session_hash'>): Names {
  const users = new Set(ids.user_hash);
  const sessions = new Set(ids.session_hash);
  const take = ({ userHashes, sessionHashes }: Person): void => {
    for (const hash of userHashes) users.add(hash);
    for (const hash of sessionHashes) sessions.add(hash);
  };
  for (const user of ids.user_hash ?? []) people.peopleOf(user).forEach(take);
  for (const session of ids.session_hash ?? []) {
    const [one, ...others] = people.peopleOf(session);
    if (one !== undefined && others.length === 0) take(one);
  }
  return { user_hash: [...users], session_hash: [...sessions] };
}
