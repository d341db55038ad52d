/**
 * What of ours travels in baggage: a typed allow-list with a byte budget, and the rule whom we believe.
 *
 * A header comes from a stranger. The scenario's id and the client's version are claims that anybody may make: they name no
 * person, and who invents them only mislabels records of their own. Who somebody is (`session_hash`, `user_hash`), for
 * which customer and through which partner is believed only with a signature over these members and the trace's id, or
 * from a hop that is configured as trusted. A signature that cannot be checked here (no keys) is handed on with what it
 * covers, so that a service further in can check it; one that is wrong costs all that it covers.
 */
import type { Baggage, BaggageEntry } from './baggage.js';
import { OWN_BAGGAGE_BYTES_MAX, OWN_ID_CHARACTERS_MAX } from './limits.js';

const PREFIX = 'sillok.';
export const BAGGAGE_ROUTE = `${PREFIX}route`;
export const BAGGAGE_SIGNATURE = `${PREFIX}sig`;

/** Values that travel and become attributes of every record, under these names. */
export const CARRIED_NAMES = ['client.version', 'customer.id', 'upstream.partner'] as const;
export type CarriedName = (typeof CARRIED_NAMES)[number];
export type Carried = { readonly [K in CarriedName]?: string };

export interface OwnIds {
  readonly globalTraceId?: string;
  readonly sessionHash?: string;
  readonly userHash?: string;
}

/** What we read from baggage, and what we write into it. */
export interface Own extends OwnIds {
  readonly carried?: Carried;
  /** A signed rule for routing (`sillok.route`), as text; whether it is good is not decided here. */
  readonly route?: string;
}

export interface BaggageTrust {
  /** The sender is one of us: a configured hop, a queue of our own. */
  readonly isTrustedSender?: boolean | undefined;
  /** Whether `signature` is ours for `text`. Absent where there are no keys. */
  readonly verify?: ((text: string, signature: string) => boolean) | undefined;
}

interface Member {
  readonly key: string;
  readonly pattern: RegExp;
  readonly isClaim: boolean;
  readonly get: (own: Own) => string | undefined;
  readonly set: (own: Draft, value: string) => void;
}

type Draft = { -readonly [K in keyof Own]: Own[K] };

const ID = /^[A-Za-z0-9_.:-]+$/;
const SCENARIO = /^[A-Za-z0-9_.:-]{1,64}$/;
const VERSION = /^[A-Za-z0-9][A-Za-z0-9.+_-]{0,63}$/;

/** In the order in which the budget is spent. */
const MEMBERS: readonly Member[] = [
  {
    key: `${PREFIX}global_trace_id`,
    pattern: SCENARIO,
    isClaim: true,
    get: (own) => own.globalTraceId,
    set: (own, value) => void (own.globalTraceId = value),
  },
  {
    key: `${PREFIX}session_hash`,
    pattern: ID,
    isClaim: false,
    get: (own) => own.sessionHash,
    set: (own, value) => void (own.sessionHash = value),
  },
  {
    key: `${PREFIX}user_hash`,
    pattern: ID,
    isClaim: false,
    get: (own) => own.userHash,
    set: (own, value) => void (own.userHash = value),
  },
  carried('customer.id', ID, false),
  carried('upstream.partner', ID, false),
  carried('client.version', VERSION, true),
];

function carried(name: CarriedName, pattern: RegExp, isClaim: boolean): Member {
  return {
    key: PREFIX + name,
    pattern,
    isClaim,
    get: (own) => own.carried?.[name],
    set: (own, value) => void (own.carried = { ...own.carried, [name]: value }),
  };
}

/** Whether a value may travel under this name. */
export function isCarriable(name: CarriedName, value: string): boolean {
  const member = MEMBERS.find(({ key }) => key === PREFIX + name);
  return member !== undefined && fits(member, value);
}

export function isOwnId(text: string): boolean {
  return text.length <= OWN_ID_CHARACTERS_MAX && ID.test(text);
}

export interface ReadOwn {
  readonly own: Own;
  /** Without what was ours, but with what is signed and could not be checked here. */
  readonly baggage: Baggage;
}

const NOTHING: Own = {};

/** Takes our members out of `baggage`. */
export function readOwn(baggage: Baggage, traceId: string, trust: BaggageTrust): ReadOwn {
  if (!hasOwn(baggage)) return { own: NOTHING, baggage };
  const rest = new Map<string, BaggageEntry>(baggage);
  for (const key of baggage.keys()) if (key.startsWith(PREFIX)) rest.delete(key);
  const own: Draft = {};
  const signature = baggage.get(BAGGAGE_SIGNATURE)?.value;
  const isBelieved =
    signature === undefined
      ? trust.isTrustedSender === true
      : trust.verify?.(
          signedText(traceId, (key) => baggage.get(key)?.value),
          signature,
        ) === true;
  let bytes = 0;
  for (const member of MEMBERS) {
    const entry = baggage.get(member.key);
    if (entry === undefined || !fits(member, entry.value)) continue;
    bytes += member.key.length + entry.value.length + 2;
    if (bytes > OWN_BAGGAGE_BYTES_MAX) break;
    if (member.isClaim || isBelieved) member.set(own, entry.value);
    else if (signature !== undefined && trust.verify === undefined) rest.set(member.key, entry);
  }
  const isHandedOn = signature !== undefined && trust.verify === undefined && isOwnId(signature);
  if (isHandedOn) rest.set(BAGGAGE_SIGNATURE, { value: signature });
  const route = baggage.get(BAGGAGE_ROUTE)?.value;
  if (route !== undefined && isRouteText(route)) own.route = route;
  return { own, baggage: rest };
}

/** Puts our members in front of `baggage`, signed when there is something that needs it and somebody who can. */
export function writeOwn(
  own: Own,
  baggage: Baggage,
  seal: { readonly traceId: string; readonly sign?: ((text: string) => string) | undefined },
): Baggage {
  const entries = new Map<string, BaggageEntry>();
  let bytes = 0;
  let needsSignature = false;
  for (const member of MEMBERS) {
    const value = member.get(own);
    if (value === undefined || !fits(member, value)) continue;
    bytes += member.key.length + value.length + 2;
    if (bytes > OWN_BAGGAGE_BYTES_MAX) break;
    entries.set(member.key, { value });
    needsSignature ||= !member.isClaim;
  }
  if (needsSignature && seal.sign !== undefined) {
    const text = signedText(seal.traceId, (key) => entries.get(key)?.value);
    entries.set(BAGGAGE_SIGNATURE, { value: seal.sign(text) });
  }
  if (own.route !== undefined) entries.set(BAGGAGE_ROUTE, { value: own.route });
  for (const [key, entry] of baggage) {
    // What was handed on with a signature of its own is void once we say something ourselves.
    if (!entries.has(key) && !(needsSignature && key.startsWith(PREFIX))) entries.set(key, entry);
  }
  return entries;
}

function hasOwn(baggage: Baggage): boolean {
  for (const key of baggage.keys()) if (key.startsWith(PREFIX)) return true;
  return false;
}

function fits({ pattern }: Member, value: string): boolean {
  return value.length <= OWN_ID_CHARACTERS_MAX && pattern.test(value);
}

function isRouteText(text: string): boolean {
  return text.length <= OWN_BAGGAGE_BYTES_MAX && /^[A-Za-z0-9._-]+$/.test(text);
}

/** The same text whatever the order of members and their encoding in the header. */
function signedText(traceId: string, value: (key: string) => string | undefined): string {
  const lines = MEMBERS.filter(({ isClaim }) => !isClaim).map(({ key }) => `${key}=${value(key) ?? ''}`);
  return [traceId, ...lines].join('\n');
}
