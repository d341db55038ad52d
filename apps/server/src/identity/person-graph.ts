/**
 * Who is one person: pseudonyms of one project, joined by links.
 *
 * An account is the same as its names of other key epochs; a session is the same as the one before it. A session *belongs
 * to* the accounts that were seen with it, and that is no equality: two people at one laptop have one session and stay two.
 * So a person is an account with all its names and the sessions that belong to it, and a walk never goes through a session
 * into another account.
 */
import type { FlatRecord, FlatValue } from '@sillok/record';
import { NEIGHBOURS_MAX, PERSON_HASHES_MAX } from './limits.js';

export interface Person {
  /** The account's newest name, else that of its session. */
  readonly id: string;
  readonly userHashes: readonly string[];
  readonly sessionHashes: readonly string[];
  /** Those of the sessions that belong to another account, too. */
  readonly sharedHashes: readonly string[];
  readonly truncated: boolean;
}

type Kind = 'user' | 'session';

interface Node {
  readonly kind: Kind;
  /** Names of the same account, sessions of the same visit. */
  readonly same: Set<string>;
  /** Accounts of a session, sessions of an account. */
  readonly with: Set<string>;
}

/** Space that all graphs of the server share. */
export interface Room {
  readonly takeHash: () => boolean;
  readonly takeIndex: () => boolean;
}

export const INDEX_KINDS = ['email', 'phone', 'member', 'order'] as const;

export class PersonGraph {
  readonly #nodes = new Map<string, Node>();
  readonly #indexes = new Map<string, Set<string>>();
  readonly #room: Room;

  constructor(room: Room) {
    this.#room = room;
  }

  has(hash: string): boolean {
    return this.#nodes.has(hash);
  }

  /** Takes in a record of `event.name` `identity.link` or `identity.index`. Twice is as once. */
  fold(record: FlatRecord): void {
    const { session_hash: session, user_hash: user, attributes = {} } = record;
    const isLink = record['event.name'] === 'identity.link';
    if (isLink) {
      this.#join('user', user, textOf(attributes['identity.before.user_hash']));
      const before = textOf(attributes['identity.before.session_hash']);
      if (!this.#belongsToAnother(before, user)) this.#join('session', session, before);
    }
    this.belongs(session, user);
    const owner = user ?? session;
    if (isLink || owner === undefined) return;
    if (this.#node(owner, user === undefined ? 'session' : 'user') === undefined) return;
    for (const kind of INDEX_KINDS) {
      for (const index of textsOf(attributes[`person.index.${kind}`])) this.#point(index, owner);
    }
  }

  /** For what is known from other records: a session that stood beside an account. */
  belongs(session: string | undefined, user: string | undefined): void {
    if (session === undefined || user === undefined) return;
    const [left, right] = [this.#node(session, 'session'), this.#node(user, 'user')];
    if (left === undefined || right === undefined) return;
    add(left.with, user);
    add(right.with, session);
  }

  byIndex(index: string): readonly string[] {
    return [...(this.#indexes.get(index) ?? [])];
  }

  /** The people that a pseudonym may mean: one for an account, one per account for a session. */
  peopleOf(hash: string): Person[] {
    const node = this.#nodes.get(hash);
    if (node === undefined) return [];
    if (node.kind === 'user') return [this.#person(hash)];
    const sessions = this.#same(hash);
    const accounts = new Set(sessions.flatMap((session) => [...(this.#nodes.get(session)?.with ?? [])]));
    if (accounts.size === 0) return [this.#visitor(sessions)];
    const people = new Map(
      [...accounts].map((user) => this.#person(user)).map((person) => [person.id, person]),
    );
    return [...people.values()];
  }

  /** All that is known, as lines for a file: `take` of another graph makes the same of them. */
  *lines(): Generator<readonly string[]> {
    for (const [hash, node] of this.#nodes) yield [node.kind, hash, ...node.same];
    for (const [hash, node] of this.#nodes) if (node.kind === 'session') yield ['with', hash, ...node.with];
    for (const [index, hashes] of this.#indexes) yield ['index', index, ...hashes];
  }

  take([what, first, ...others]: readonly string[]): void {
    if (first === undefined) return;
    if (what === 'user' || what === 'session') {
      this.#node(first, what);
      for (const other of others) this.#join(what, first, other);
    } else if (what === 'with') {
      for (const user of others) this.belongs(first, user);
    } else if (what === 'index') {
      for (const hash of others) this.#point(first, hash);
    }
  }

  #person(user: string): Person {
    const users = this.#same(user);
    const own = new Set(users);
    const sessions = new Set<string>();
    for (const each of users) {
      for (const session of this.#nodes.get(each)?.with ?? []) {
        for (const same of this.#same(session)) sessions.add(same);
      }
    }
    const shared = [...sessions].filter((session) =>
      [...(this.#nodes.get(session)?.with ?? [])].some((account) => !own.has(account)),
    );
    return personOf(users, [...sessions], shared);
  }

  #visitor(sessions: readonly string[]): Person {
    return personOf([], sessions, []);
  }

  /** All names of the same thing, itself among them. */
  #same(hash: string): string[] {
    const found = new Set([hash]);
    for (const each of found) {
      for (const next of this.#nodes.get(each)?.same ?? []) {
        if (found.size < PERSON_HASHES_MAX) found.add(next);
      }
    }
    return [...found];
  }

  /** A session that was already somebody else's is not the beginning of this account's visit. */
  #belongsToAnother(session: string | undefined, user: string | undefined): boolean {
    const accounts = session === undefined ? undefined : this.#nodes.get(session)?.with;
    if (accounts === undefined || accounts.size === 0 || user === undefined) return false;
    const own = new Set(this.#same(user));
    return ![...accounts].some((account) => own.has(account));
  }

  #join(kind: Kind, left: string | undefined, right: string | undefined): void {
    if (left === undefined || right === undefined || left === right) return;
    const [one, other] = [this.#node(left, kind), this.#node(right, kind)];
    if (one === undefined || other === undefined) return;
    add(one.same, right);
    add(other.same, left);
  }

  #point(index: string, hash: string): void {
    let hashes = this.#indexes.get(index);
    if (hashes === undefined) {
      if (!this.#room.takeIndex()) return;
      hashes = new Set();
      this.#indexes.set(index, hashes);
    }
    add(hashes, hash);
  }

  /** Undefined when there is no room, or when the name is that of the other kind: then one of both is a forgery. */
  #node(hash: string, kind: Kind): Node | undefined {
    const known = this.#nodes.get(hash);
    if (known !== undefined) return known.kind === kind ? known : undefined;
    if (!this.#room.takeHash()) return undefined;
    const node: Node = { kind, same: new Set(), with: new Set() };
    this.#nodes.set(hash, node);
    return node;
  }
}

/** A person of these names alone. */
export function personOf(
  users: readonly string[],
  sessions: readonly string[],
  sharedHashes: readonly string[] = [],
): Person {
  const userHashes = users.toSorted(newestFirst).slice(0, PERSON_HASHES_MAX);
  const sessionHashes = sessions.toSorted(newestFirst).slice(0, PERSON_HASHES_MAX);
  const truncated = users.length + sessions.length > userHashes.length + sessionHashes.length;
  const id = userHashes[0] ?? sessionHashes[0] ?? '';
  return { id, userHashes, sessionHashes, sharedHashes, truncated };
}

/** By the epoch in `u2_…`; names of others have none and come last. */
function newestFirst(left: string, right: string): number {
  return epochOf(right) - epochOf(left) || (left < right ? -1 : 1);
}

function epochOf(hash: string): number {
  return Number(/^[us](\d{1,6})_/.exec(hash)?.[1] ?? 0);
}

function add(set: Set<string>, value: string): void {
  if (set.size < NEIGHBOURS_MAX) set.add(value);
}

function textOf(value: FlatValue | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function textsOf(value: FlatValue | undefined): readonly string[] {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string') : [];
}
