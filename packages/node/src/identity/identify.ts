/**
 * `identify({ session, user, … })`: from here on the request's records carry the pseudonyms, and what a reader needs to find
 * the person again is written as records of its own:
 *
 * - `identity.link` when a session got a new id (frameworks do so at login), when an account was first seen with a session,
 *   and when an epoch of keys has ended, so that the anonymous visit, the login and the phone beside the laptop are one;
 * - `identity.index` with keyed indexes of what a customer can say: e-mail, phone, member and order number.
 *
 * They are records like any other, so the server can always fold them anew.
 */
import type { BlindKind } from '@sillok/record/personal';
import { makeHead } from '../entry.js';
import { EMPTY_FRAGMENT } from '../fragment.js';
import { IDENTITY_ORDERS_MAX, RAW_ID_CHARACTERS_MAX } from '../limits.js';
import type { Logger } from '../logger.js';
import type { Runtime } from '../runtime.js';
import { currentScope, type Scope } from '../scope.js';
import { getLogger } from '../sillok.js';
import type { Hashes, Identity } from './identity.js';
import type { Identification, Identified } from './options.js';

type Reason = 'login' | 'session_rotated' | 'key_epoch' | 'device';

const EVENT_HEAD = makeHead('event', 'info');

/**
 * Says who the current request (or job) is for. Answers the pseudonyms, or undefined outside of a context. Never throws;
 * without keys only pseudonyms that are handed in are used.
 */
export function identify(
  who: Identification,
  options: { readonly log?: Logger } = {},
): Identified | undefined {
  const scope = currentScope();
  if (scope === undefined) return undefined;
  const { runtime } = options.log ?? getLogger();
  try {
    return identifyIn({ scope, runtime }, who);
  } catch (error) {
    runtime.notice(`identify: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

interface Place {
  readonly scope: Scope;
  readonly runtime: Runtime;
}

interface Pair {
  readonly session: string | undefined;
  readonly user: string | undefined;
}

function identifyIn(place: Place, who: Identification): Identified {
  const { scope, runtime } = place;
  const { identity } = runtime;
  const known = scope.known;
  const before: Pair = { session: known.sessionHash, user: known.userHash };
  const sessions = identity.hashesOf('session', who);
  const users = identity.hashesOf('user', who);
  const now: Pair = { session: sessions[0] ?? before.session, user: users[0] ?? before.user };
  const found: Identified = {
    ...(now.session === undefined ? {} : { sessionHash: now.session }),
    ...(now.user === undefined ? {} : { userHash: now.user }),
  };
  scope.learn(found);
  linkPair(place, { before, now, previous: previousOf(identity, who) });
  linkEpochs(place, sessions, users);
  writeIndexes(place, who, now);
  return found;
}

function previousOf(identity: Identity, who: Identification): string | undefined {
  return who.previousSession === undefined ? undefined : identity.hash('session', who.previousSession)[0];
}

interface Turn {
  readonly before: Pair;
  readonly now: Pair;
  readonly previous: string | undefined;
}

/** Joins the session that was with the one that is, and the session with its account. */
function linkPair(place: Place, { before, now, previous }: Turn): void {
  const { seen } = place.runtime.identity;
  // Another account in the same session is another person: nothing of the one before is theirs.
  const isHandover = before.user !== undefined && now.user !== before.user;
  const old = previous ?? before.session;
  if (old !== undefined && now.session !== undefined && old !== now.session && !isHandover) {
    const isLogin = now.user !== undefined && before.user === undefined;
    if (seen.add(`link ${old} ${now.session}`)) {
      link(place, isLogin ? 'login' : 'session_rotated', { 'identity.before.session_hash': old });
    }
    if (now.user !== undefined) seen.add(`pair ${now.session} ${now.user}`);
  }
  if (now.user === undefined || now.session === undefined) return;
  const isOnAnother = seen.has(`user ${now.user}`) && !seen.has(`pair ${now.session} ${now.user}`);
  if (seen.add(`pair ${now.session} ${now.user}`)) link(place, isOnAnother ? 'device' : 'login', {});
  seen.add(`user ${now.user}`);
}

/** Names of ended epochs lead to the newest one. */
function linkEpochs(place: Place, sessions: Hashes, users: Hashes): void {
  const kinds = [
    ['identity.before.session_hash', sessions],
    ['identity.before.user_hash', users],
  ] as const;
  for (const [field, [newest, ...older]] of kinds) {
    if (newest === undefined || older.length === 0) continue;
    if (!place.runtime.identity.seen.add(`epoch ${newest}`)) continue;
    for (const old of older) link(place, 'key_epoch', { [field]: old });
  }
}

function link({ scope, runtime }: Place, reason: Reason, before: object): void {
  const fields = { 'event.name': 'identity.link', 'identity.link.reason': reason, ...before };
  const message = `identity link: ${reason}`;
  runtime.writer.write({ head: EVENT_HEAD, message, fields, bindings: EMPTY_FRAGMENT, scope });
}

function writeIndexes({ scope, runtime }: Place, who: Identification, now: Pair): void {
  const { box, seen } = runtime.identity;
  if (box === undefined || (now.user ?? now.session) === undefined) return;
  const given: [BlindKind, readonly string[]][] = [
    ['email', textsOf(who.email)],
    ['phone', textsOf(who.phone)],
    ['member', textsOf(who.member)],
    ['order', textsOf(who.orders)],
  ];
  const fields: { [path: string]: string | string[] } = {};
  for (const [kind, values] of given) {
    const indexes = values.map((value) => box.blindIndex(kind, value));
    const fresh = indexes.filter((index) => seen.add(`index ${now.user ?? now.session} ${index}`));
    const [first] = fresh;
    if (first !== undefined) fields[`person.index.${kind}`] = fresh.length === 1 ? first : fresh;
  }
  if (Object.keys(fields).length === 0) return;
  runtime.writer.write({
    head: EVENT_HEAD,
    message: 'identity index',
    fields: { 'event.name': 'identity.index', ...fields },
    bindings: EMPTY_FRAGMENT,
    scope,
  });
}

function textsOf(given: string | readonly string[] | undefined): readonly string[] {
  const list = given === undefined ? [] : typeof given === 'string' ? [given] : given;
  const usable = list.filter((text) => text.trim() !== '' && text.length <= RAW_ID_CHARACTERS_MAX);
  return usable.slice(0, IDENTITY_ORDERS_MAX);
}
