/**
 * Real ids → what may be written. One per runtime: it holds the keys, remembers the hashes of the sessions that are active,
 * and knows what it has said already.
 */
import { isOwnId, type HeaderReader } from '@sillok/context';
import { readRoute, type PersonalBox, type ReadRoute, type RouteRule } from '@sillok/record/personal';
import { HASHES_CACHED_MAX, IDENTITY_SEEN_MAX, RAW_ID_CHARACTERS_MAX, ROUTES_CACHED_MAX } from '../limits.js';
import type { BaggageSeal } from '../propagation.js';
import { readIdentityKeys, type IdentityKeys } from './keys.js';
import type { Identification, Identified, IdentityOptions, IdSource } from './options.js';
import { Seen } from './seen.js';

/** Purposes of signatures: one can never stand for the other. */
const BAGGAGE = 'baggage';

const NOBODY: Identified = {};

/** Hashes in all epochs, the newest first. */
export type Hashes = readonly string[];

export class Identity {
  readonly seen = new Seen(IDENTITY_SEEN_MAX);
  readonly keys: IdentityKeys | undefined;
  readonly #session: IdSource | undefined;
  readonly #user: IdSource | undefined;
  readonly #hashes = new Map<string, Hashes>();
  readonly #routes = new Map<string, ReadRoute>();
  readonly #notice: (text: string) => void;
  #hasToldOfKeys = false;

  constructor(options: IdentityOptions, notice: (text: string) => void) {
    this.keys = readIdentityKeys(options.keys, notice);
    this.#session = options.session;
    this.#user = options.user;
    this.#notice = notice;
  }

  get box(): PersonalBox | undefined {
    return this.keys?.box;
  }

  get seal(): BaggageSeal | undefined {
    const pseudonyms = this.keys?.pseudonyms;
    if (pseudonyms === undefined) return undefined;
    return {
      sign: (text) => pseudonyms.sign(BAGGAGE, text),
      verify: (text, signature) => pseudonyms.verify(BAGGAGE, text, signature),
    };
  }

  /** Whether requests say by themselves who they are. */
  get readsRequests(): boolean {
    return this.#session !== undefined || this.#user !== undefined;
  }

  /** Who a request comes from, by the configured cookies and headers. */
  fromRequest(header: HeaderReader): Identified {
    const session = this.#read(this.#session, 'session', header);
    const user = this.#read(this.#user, 'user', header);
    if (session === undefined && user === undefined) return NOBODY;
    return {
      ...(session === undefined ? {} : { sessionHash: session }),
      ...(user === undefined ? {} : { userHash: user }),
    };
  }

  /** Hashes of what was given, adopted ones first. Empty where there is nothing, or no key. */
  hashesOf(kind: 'session' | 'user', who: Identification): Hashes {
    const adopted = kind === 'session' ? who.sessionHash : who.userHash;
    const raw = kind === 'session' ? who.session : who.user;
    if (adopted !== undefined && isOwnId(adopted)) return [adopted];
    return raw === undefined ? [] : this.hash(kind, raw);
  }

  hash(kind: 'session' | 'user', raw: string): Hashes {
    if (raw === '' || raw.length > RAW_ID_CHARACTERS_MAX) return [];
    const key = `${kind}\n${raw}`;
    const known = this.#hashes.get(key);
    if (known !== undefined) return known;
    const pseudonyms = this.#pseudonyms();
    if (pseudonyms === undefined) return [];
    const hashes = kind === 'session' ? pseudonyms.sessions(raw) : pseudonyms.users(raw);
    if (this.#hashes.size >= HASHES_CACHED_MAX) this.#hashes.clear();
    this.#hashes.set(key, hashes);
    return hashes;
  }

  /** What a rule for routing says. Undefined where there are no keys to check it with. */
  route(text: string): RouteRule | 'bad' | undefined {
    const pseudonyms = this.keys?.pseudonyms;
    if (pseudonyms === undefined) return undefined;
    const nowSeconds = Date.now() / 1000;
    let read = this.#routes.get(text);
    if (read === undefined) {
      read = readRoute(pseudonyms, text, nowSeconds);
      if (this.#routes.size >= ROUTES_CACHED_MAX) this.#routes.clear();
      this.#routes.set(text, read);
    }
    return 'rule' in read && read.rule.until > nowSeconds ? read.rule : 'bad';
  }

  #pseudonyms(): IdentityKeys['pseudonyms'] | undefined {
    if (this.keys === undefined && !this.#hasToldOfKeys) {
      this.#hasToldOfKeys = true;
      this.#notice('somebody is to be identified, but there are no keys: set SILLOK_IDENTITY_KEYS');
    }
    return this.keys?.pseudonyms;
  }

  #read(source: IdSource | undefined, kind: 'session' | 'user', header: HeaderReader): string | undefined {
    if (source === undefined) return undefined;
    const whole =
      source.cookie === undefined
        ? header(source.header?.toLowerCase() ?? '')
        : cookieOf(header('cookie'), source.cookie);
    if (whole === undefined) return undefined;
    const value = source.slice === undefined ? whole : whole.slice(...source.slice);
    if (source.adopt === true) return isOwnId(value) ? value : undefined;
    return this.hash(kind, value)[0];
  }
}

/** The first cookie of that name; quotes around a value are not part of it. */
function cookieOf(header: string | undefined, name: string): string | undefined {
  if (header === undefined || header.length > RAW_ID_CHARACTERS_MAX * 4) return undefined;
  for (const part of header.split(/[;,]/)) {
    const equals = part.indexOf('=');
    if (equals < 0 || part.slice(0, equals).trim() !== name) continue;
    const value = part.slice(equals + 1).trim();
    return value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value;
  }
  return undefined;
}
