import type { FlatRecord } from '@sillok/record';
import { expect, test } from 'vitest';
import { PersonGraph } from './person-graph.js';

function graphOf(...records: readonly object[]): PersonGraph {
  const graph = new PersonGraph({ takeHash: () => true, takeIndex: () => true });
  for (const record of records) graph.fold(recordOf(record));
  return graph;
}

const HEAD = {
  seq: 1,
  time: '2026-11-21T10:00:00.000000001Z',
  kind: 'event',
  level: 'info',
  message: '',
} as const;

/** `before_session`, `before_user`, and indexes by kind, in short. */
function recordOf(given: object): FlatRecord {
  const { before_session, before_user, index, ...ids }: Record<string, string> & { index?: object } = {
    ...(given as Record<string, string>), // a test's own literals
  };
  const attributes = {
    ...(before_session === undefined ? {} : { 'identity.before.session_hash': before_session }),
    ...(before_user === undefined ? {} : { 'identity.before.user_hash': before_user }),
    ...index,
  };
  const name = index === undefined ? 'identity.link' : 'identity.index';
  return { ...HEAD, ...ids, 'event.name': name, attributes };
}

const short = (graph: PersonGraph, hash: string): unknown =>
  graph
    .peopleOf(hash)
    .map(({ userHashes, sessionHashes, sharedHashes }) => [
      userHashes.join(' '),
      sessionHashes.toSorted().join(' '),
      ...(sharedHashes.length > 0 ? ['shared'] : []),
    ]);

test('the anonymous visit, the login and the phone beside the laptop are one person', () => {
  const graph = graphOf(
    { session_hash: 's1_b', user_hash: 'u1_kim', before_session: 's1_a' },
    { session_hash: 's1_phone', user_hash: 'u1_kim' },
  );
  const kim = [['u1_kim', 's1_a s1_b s1_phone']];
  for (const hash of ['s1_a', 's1_b', 's1_phone', 'u1_kim']) expect(short(graph, hash)).toEqual(kim);
  expect(graph.peopleOf('s1_unknown')).toEqual([]);
});

test('names of an ended epoch lead to the same person, the newest first', () => {
  const graph = graphOf(
    { session_hash: 's1_a', user_hash: 'u1_kim' },
    { user_hash: 'u2_kim', before_user: 'u1_kim' },
    { session_hash: 's2_b', user_hash: 'u2_kim' },
  );
  expect(short(graph, 's1_a')).toEqual([['u2_kim u1_kim', 's1_a s2_b']]);
  expect(graph.peopleOf('u1_kim')[0]?.id).toBe('u2_kim');
});

test('two people at one laptop stay two, and it is said that a session is both’s', () => {
  const graph = graphOf(
    { session_hash: 's1_shared', user_hash: 'u1_lee' },
    { session_hash: 's1_shared', user_hash: 'u1_park' },
    { session_hash: 's1_own', user_hash: 'u1_lee' },
  );
  expect(short(graph, 'u1_park')).toEqual([['u1_park', 's1_shared', 'shared']]);
  expect(short(graph, 'u1_lee')).toEqual([['u1_lee', 's1_own s1_shared', 'shared']]);
  expect(short(graph, 's1_shared')).toHaveLength(2);
  expect(graph.peopleOf('u1_lee')[0]?.sharedHashes).toEqual(['s1_shared']);
});

test('a session that was another account’s is no beginning of this one’s visit', () => {
  const graph = graphOf(
    { session_hash: 's1_lee', user_hash: 'u1_lee' },
    { session_hash: 's1_park', user_hash: 'u1_park', before_session: 's1_lee' },
  );
  expect(short(graph, 'u1_park')).toEqual([['u1_park', 's1_park']]);
  expect(short(graph, 'u1_lee')).toEqual([['u1_lee', 's1_lee']]);
});

test('an index leads to its owner, of a list each entry does, and a visitor without an account is found', () => {
  const graph = graphOf(
    {
      user_hash: 'u1_kim',
      index: { 'person.index.email': 'bi1_e', 'person.index.order': ['bi1_1', 'bi1_2'] },
    },
    { session_hash: 's1_v', index: { 'person.index.phone': 'bi1_p' } },
  );
  expect(graph.byIndex('bi1_e')).toEqual(['u1_kim']);
  expect(graph.byIndex('bi1_2')).toEqual(['u1_kim']);
  expect(graph.byIndex('bi1_x')).toEqual([]);
  expect(short(graph, graph.byIndex('bi1_p')[0] ?? '')).toEqual([['', 's1_v']]);
});

test('links folded twice, in any order, or read back from their lines are the same', () => {
  const records = [
    { session_hash: 's1_b', user_hash: 'u1_kim', before_session: 's1_a' },
    { user_hash: 'u2_kim', before_user: 'u1_kim' },
    { user_hash: 'u2_kim', index: { 'person.index.email': 'bi2_e' } },
    { session_hash: 's2_c', user_hash: 'u2_kim' },
  ];
  const once = graphOf(...records);
  const again = graphOf();
  for (const line of graphOf(...records, ...records).lines()) again.take(line);
  for (const graph of [again, graphOf(...records.toReversed())]) {
    expect(short(graph, 's1_a')).toEqual(short(once, 's1_a'));
    expect(graph.byIndex('bi2_e')).toEqual(['u2_kim']);
  }
});

test('without room nothing more is linked, and what is there still answers', () => {
  let left = 2;
  const graph = new PersonGraph({ takeHash: () => left-- > 0, takeIndex: () => false });
  graph.fold(recordOf({ session_hash: 's1_a', user_hash: 'u1_a' }));
  graph.fold(recordOf({ session_hash: 's1_b', user_hash: 'u1_b', index: { 'person.index.email': 'bi1_e' } }));
  expect(short(graph, 's1_a')).toEqual([['u1_a', 's1_a']]);
  expect(graph.peopleOf('u1_b')).toEqual([]);
  expect(graph.byIndex('bi1_e')).toEqual([]);
});

test('a name that comes as a session and as an account is not both', () => {
  const graph = graphOf({ session_hash: 'x', user_hash: 'u1_a' }, { session_hash: 's1_b', user_hash: 'x' });
  expect(short(graph, 's1_b')).toEqual([['', 's1_b']]);
});
