/**
 * What somebody typed → people. Everything that the text may be is tried: as a keyed index of each kind and epoch, as a
 * pseudonym, as a real id of a session or an account (hashed, in case somebody pastes one), as a support code, and last as
 * any id in any record. None of these tries writes or logs the text.
 */
import type { FoundBy } from '@sillok/api';
import { readSupportCode, supportCodeOf } from '@sillok/context';
import { compileSearch, decodeRow, writeValue, type Row } from '@sillok/query';
import { nsToTime } from '@sillok/record';
import type { Cost } from '@sillok/api';

import { runSearch, searchOf, type Reading } from '../read/reading.js';
import { EPOCHS_SEARCHED_MAX, FOUND_RECORDS_MAX, SUPPORT_CODE_DAYS } from './limits.js';
import type { IdentityKeys } from './key-room.js';
import { INDEX_KINDS, personOf, type Person, type PersonGraph } from './person-graph.js';
import type { FastifyReply } from 'fastify';

export interface Asked {
  readonly query: string;
  readonly as?: 'email' | 'phone' | 'member' | 'order' | 'support_code' | 'id' | undefined;
}

export interface Found {
  /** By the person's id. */
  readonly people: ReadonlyMap<string, { readonly person: Person; readonly by: ReadonlySet<FoundBy> }>;
  readonly traceIds: readonly string[];
  readonly costs: readonly Cost[];
  readonly isSearched: boolean;
}

export interface LookupParts {
  readonly reading: Reading;
  readonly graph: PersonGraph;
  readonly keys: IdentityKeys;
  readonly project: string;
  readonly reply: FastifyReply;
}

class Hits {
  readonly people = new Map<string, { person: Person; by: Set<FoundBy> }>();
  readonly traceIds = new Set<string>();
  readonly costs: Cost[] = [];

  add(people: readonly Person[], by: FoundBy): void {
    for (const person of people) {
      const known = this.people.get(person.id);
      if (known === undefined) this.people.set(person.id, { person, by: new Set([by]) });
      else known.by.add(by);
    }
  }
}

export async function lookUp(parts: LookupParts, asked: Asked): Promise<Found> {
  const hits = new Hits();
  byIndex(parts, asked, hits);
  if (asked.as === undefined || asked.as === 'id') byName(parts, asked.query, hits);
  const searches = searchesOf(asked, parts.keys, hits);
  let isSearched = true;
  for (const search of searches) {
    try {
      await byRecords(parts, search, hits);
    } catch (error) {
      // Without the engine the indexes still answer, and that is said.
      if (!isEngineAway(error)) throw error;
      isSearched = false;
    }
  }
  return { people: hits.people, traceIds: [...hits.traceIds], costs: hits.costs, isSearched };
}

function byIndex({ graph, keys }: LookupParts, { query, as }: Asked, hits: Hits): void {
  for (const kind of INDEX_KINDS) {
    if (as !== undefined && as !== kind) continue;
    for (const index of keys.box.blindIndexes(kind, query)) {
      for (const hash of graph.byIndex(index)) hits.add(graph.peopleOf(hash), kind);
    }
  }
}

/** A pseudonym, or what one is made from. */
function byName({ graph, keys }: LookupParts, query: string, hits: Hits): void {
  for (const person of graph.peopleOf(query)) {
    hits.add([person], person.userHashes.includes(query) ? 'user_hash' : 'session_hash');
  }
  for (const hash of keys.pseudonyms.users(query)) hits.add(graph.peopleOf(hash), 'user_id');
  for (const hash of keys.pseudonyms.sessions(query)) hits.add(graph.peopleOf(hash), 'session_id');
}

interface Search {
  readonly q: string;
  readonly by: FoundBy;
  readonly from?: string;
  readonly keeps?: (row: Row) => boolean;
}

const TRACE_ID = /^[0-9a-f]{32}$/;
const DAY_NS = 86_400_000_000_000n;

function searchesOf({ query, as }: Asked, keys: IdentityKeys, hits: Hits): Search[] {
  const code = as === undefined || as === 'support_code' ? readSupportCode(query) : undefined;
  const searches: Search[] = [];
  if (code !== undefined) searches.push(...codeSearches(code));
  if (as !== undefined && as !== 'id') return searches;
  if (TRACE_ID.test(query)) searches.push({ q: `trace_id:${query}`, by: 'trace' });
  // An id of somebody's own in any attribute: an order number in a log line, another system's trace. Or the name of somebody
  // about whom there is no link, because they were never seen with a session.
  else if (hits.people.size === 0 && code === undefined)
    searches.push({ q: [writeValue(query), ...namesSearched(keys, query)].join(' or '), by: 'record' });
  return searches;
}

function namesSearched({ pseudonyms }: IdentityKeys, query: string): string[] {
  const users = pseudonyms.users(query).slice(0, EPOCHS_SEARCHED_MAX);
  const sessions = pseudonyms.sessions(query).slice(0, EPOCHS_SEARCHED_MAX);
  return [
    ...[query, ...users].map((hash) => `user_hash:${writeValue(hash)}`),
    ...[query, ...sessions].map((hash) => `session_hash:${writeValue(hash)}`),
  ];
}

/** First the records that carry the code, then, for a page that showed one unasked, the end of the trace's id. */
function codeSearches(code: string): Search[] {
  const end = traceEndOf(code);
  return [
    { q: `support_code:${writeValue(code)}`, by: 'support_code' },
    {
      q: `kind:access trace_id:*${end}`,
      by: 'support_code',
      from: nsToTime(BigInt(Date.now()) * 1_000_000n - BigInt(SUPPORT_CODE_DAYS) * DAY_NS),
      keeps: ({ record }) => record.trace_id !== undefined && supportCodeOf(record.trace_id) === code,
    },
  ];
}

/** The last seven of the trace id's hex digits: 28 of the 35 bits that the code holds. */
function traceEndOf(code: string): string {
  const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
  let bits = 0n;
  for (const character of code.replace('-', '').slice(0, -1))
    bits = bits * 32n + BigInt(alphabet.indexOf(character));
  return (bits & 0xfffffffn).toString(16).padStart(7, '0');
}

async function byRecords(parts: LookupParts, search: Search, hits: Hits): Promise<void> {
  const { reading, graph, project, reply } = parts;
  if (search.by === 'support_code' && hits.traceIds.size > 0) return;
  const table = reading.store().table;
  const statement = compileSearch(searchOf(search.q), {
    project,
    table,
    limit: FOUND_RECORDS_MAX,
    order: 'desc',
    ...(search.from === undefined ? {} : { from: search.from }),
  });
  const result = await runSearch(reading, statement, { project, reply });
  hits.costs.push(result.statistics);
  const rows = result.rows.map(decodeRow).filter((row) => search.keeps?.(row) ?? true);
  for (const { record } of rows) {
    const { trace_id, session_hash, user_hash } = record;
    if (trace_id !== undefined) hits.traceIds.add(trace_id);
    const hash = user_hash ?? session_hash;
    if (hash !== undefined)
      hits.add(peopleOrOne(graph, { hash, isUser: user_hash !== undefined }), search.by);
  }
}

/** A pseudonym that no link names is a person all the same. */
function peopleOrOne(graph: PersonGraph, { hash, isUser }: { hash: string; isUser: boolean }): Person[] {
  const known = graph.peopleOf(hash);
  if (known.length > 0) return known;
  return [isUser ? personOf([hash], []) : personOf([], [hash])];
}

function isEngineAway(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'engine_unavailable';
}
