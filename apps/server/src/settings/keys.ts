/**
 * The keys that this server knows, folded from the changes in the settings spool. Pure: no files here.
 *
 * A key is 256 random bits and only its SHA-256 is kept: with that many bits a slow hash adds nothing, and a plain one
 * costs 1 µs per request.
 */
import { createHash, randomBytes } from 'node:crypto';

import { KEY_BYTES } from '../limits.js';
import type { Principal, Scope } from '../seams.js';

export const SCOPES: readonly Scope[] = ['ingest', 'browser', 'read', 'write', 'personal', 'admin', 'owner'];
const KEY_PREFIX = 'sillok_';

export interface StoredKey {
  readonly id: string;
  readonly name: string;
  readonly project: string;
  readonly scopes: readonly Scope[];
  readonly hash: string;
  readonly created_at: string;
  readonly revoked_at?: string;
  /** RFC 3339. Refused from then on. Absent: until it is revoked. */
  readonly expires_at?: string;
  /** Pages that may use the key from a browser: `https://shop.example`. Absent: any. */
  readonly origins?: readonly string[];
}

/** What the API says of a key: never its hash. */
export interface ShownKey {
  readonly id: string;
  readonly name: string;
  readonly project: string;
  readonly scopes: readonly Scope[];
  readonly created_at: string;
  readonly revoked_at: string | null;
  readonly expires_at: string | null;
  readonly origins: readonly string[] | null;
  /** Since the server started. */
  readonly uses: number;
  readonly last_used_at: string | null;
}

/** A change, as it stands in the attributes of its audit record. */
export type KeyChange =
  | { readonly change: 'key.create'; readonly key: StoredKey }
  | { readonly change: 'key.revoke'; readonly id: string; readonly at: string };

interface Held {
  stored: StoredKey;
  readonly principal: Principal;
  uses: number;
  lastUsedMs: number;
}

export class KeyRing {
  readonly #byId = new Map<string, Held>();
  readonly #byHash = new Map<string, Held>();

  get size(): number {
    return this.#byId.size;
  }

  apply(change: KeyChange): void {
    if (change.change === 'key.create') this.#add(change.key);
    else this.#revoke(change.id, change.at);
  }

  /** Who holds this key; undefined when it is unknown, revoked or out of date. Counts the use. */
  use(key: string, nowMs: number): Principal | undefined {
    const held = this.#byHash.get(hashKey(key));
    if (held === undefined || !isGood(held.stored, nowMs)) return undefined;
    held.uses += 1;
    held.lastUsedMs = nowMs;
    return held.principal;
  }

  find(id: string): StoredKey | undefined {
    return this.#byId.get(id)?.stored;
  }

  /** A key that was never here, as that of an open loopback, does not go out of date. */
  isStillGood(id: string, nowMs: number): boolean {
    const stored = this.find(id);
    return stored === undefined || isGood(stored, nowMs);
  }

  list(): ShownKey[] {
    return [...this.#byId.values()].map(({ stored, uses, lastUsedMs }) => ({
      id: stored.id,
      name: stored.name,
      project: stored.project,
      scopes: stored.scopes,
      created_at: stored.created_at,
      revoked_at: stored.revoked_at ?? null,
      expires_at: stored.expires_at ?? null,
      origins: stored.origins ?? null,
      uses,
      last_used_at: lastUsedMs === 0 ? null : new Date(lastUsedMs).toISOString(),
    }));
  }

  #add(stored: StoredKey): void {
    const { project, scopes, id: keyId, origins } = stored;
    const principal = { project, scopes, keyId, ...(origins !== undefined && { origins }) };
    const held = { stored, principal, uses: 0, lastUsedMs: 0 };
    this.#byId.set(stored.id, held);
    if (stored.revoked_at === undefined) this.#byHash.set(stored.hash, held);
  }

  #revoke(id: string, at: string): void {
    const held = this.#byId.get(id);
    if (held === undefined) return;
    held.stored = { ...held.stored, revoked_at: at };
    this.#byHash.delete(held.stored.hash);
  }
}

export function isGood(key: Pick<StoredKey, 'revoked_at' | 'expires_at'>, nowMs: number): boolean {
  if (key.revoked_at !== undefined) return false;
  return key.expires_at === undefined || nowMs < Date.parse(key.expires_at);
}

export interface NewKey {
  readonly name: string;
  readonly project: string;
  readonly scopes: readonly Scope[];
  readonly expires_at?: string;
  readonly origins?: readonly string[];
}

/** The text of the key is shown once, to whoever asked for it. */
export function makeKey(wanted: NewKey, createdAt: string): { key: string; stored: StoredKey } {
  const key = KEY_PREFIX + randomBytes(KEY_BYTES).toString('base64url');
  const id = randomBytes(6).toString('hex');
  return { key, stored: { id, ...wanted, hash: hashKey(key), created_at: createdAt } };
}

export function hashKey(key: string): string {
  return createHash('sha256').update(key).digest('base64url');
}
