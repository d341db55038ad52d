/**
 * Who is asking, signed by Sillok's server so that a service can trust it: nobody without the shared secret can name an actor, and
 * what was signed cannot be sent to another service, with another body, later, or twice.
 */
import { createHash, createHmac, randomUUID, timingSafeEqual } from 'node:crypto';
import type { Change } from '@sillok/node/audit';
import { AUDIT_DOORS } from '@sillok/record';
import { z } from 'zod';
import {
  ACTOR_HEADER_CHARACTERS_MAX,
  NONCES_MAX,
  SECRET_CHARACTERS_MIN,
  SIGNATURE_AHEAD_MS_MAX,
  SIGNATURE_MS,
} from '../limits.js';

export const ROLES = ['viewer', 'member', 'admin', 'owner'] as const;
export type Role = (typeof ROLES)[number];

/** Whether somebody with `role` may do what at least `least` may. */
export function mayAct(role: Role, least: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(least);
}

const actorShape = z.object({
  /** As audit records name them: `user:<id>`, or the id of a key. */
  id: z.string().min(1).max(200),
  /** For people who read the history. */
  name: z.string().max(200),
  role: z.enum(ROLES),
  /** How they came; a server of before does not say it. */
  via: z.object({ door: z.enum(AUDIT_DOORS), service: z.string().max(200) }).optional(),
});
export type AdminActor = z.output<typeof actorShape>;

/** Who did it and by which door, as the audit trail has it. */
export function doneBy({ id, name, via }: AdminActor): Pick<Change, 'actor' | 'via'> {
  return { actor: { type: 'admin', id, name }, via };
}

const claimsShape = z.object({
  actor: actorShape,
  service: z.string(),
  request: z.string().min(1).max(64),
  expires: z.number(),
});

export const ACTOR_HEADER = 'sillok-admin-actor';
export const SIGNATURE_HEADER = 'sillok-admin-signature';

export interface SignedCall {
  readonly method: string;
  /** With its query, as it stands behind the address at which the service is mounted: `/order?text=kim`. */
  readonly path: string;
  readonly body: string | Uint8Array;
}

export interface SignOptions {
  readonly secret: string;
  readonly service: string;
  readonly actor: AdminActor;
  readonly nowMs?: number;
}

/** The headers of a call. */
export function signCall(call: SignedCall, options: SignOptions): Readonly<Record<string, string>> {
  const { secret, service, actor, nowMs = Date.now() } = options;
  const claims = { actor, service, request: randomUUID(), expires: nowMs + SIGNATURE_MS };
  const text = Buffer.from(JSON.stringify(claims)).toString('base64url');
  return { [ACTOR_HEADER]: text, [SIGNATURE_HEADER]: macOf(secret, call, text).toString('hex') };
}

export type Verdict =
  | { readonly ok: true; readonly actor: AdminActor; readonly request: string }
  | { readonly ok: false; readonly reason: string };

interface Given {
  readonly actor: string | undefined;
  readonly signature: string | undefined;
}

/** Remembers what it has let in until that has expired. One per process: see `docs/guides/first-admin-entity.md`. */
export class SignatureCheck {
  readonly #secret: string;
  readonly #service: string;
  readonly #seen = new Map<string, number>();

  constructor(secret: string, service: string) {
    mustBeSecret(secret);
    this.#secret = secret;
    this.#service = service;
  }

  check(call: SignedCall, given: Given, nowMs = Date.now()): Verdict {
    const { actor: text, signature } = given;
    if (text === undefined || signature === undefined) return refused('it is not signed');
    if (text.length > ACTOR_HEADER_CHARACTERS_MAX) return refused('its actor is too long');
    const mac = macOf(this.#secret, call, text);
    const sent = Buffer.from(signature, 'hex');
    if (sent.length !== mac.length || !timingSafeEqual(sent, mac)) return refused('its signature is wrong');
    const claims = claimsShape.safeParse(tryJson(Buffer.from(text, 'base64url').toString('utf8')));
    if (!claims.success) return refused('its actor cannot be read');
    const { actor, service, request, expires } = claims.data;
    if (service !== this.#service) return refused(`it is signed for "${service}"`);
    if (expires < nowMs) return refused('its signature has expired: do the clocks agree?');
    if (expires > nowMs + SIGNATURE_AHEAD_MS_MAX)
      return refused('it is signed for the future: do the clocks agree?');
    if (!this.#isNew(request, { expires, nowMs })) return refused('it was sent before');
    return { ok: true, actor, request };
  }

  #isNew(request: string, { expires, nowMs }: { readonly expires: number; readonly nowMs: number }): boolean {
    for (const [known, until] of this.#seen) {
      if (until >= nowMs) break;
      this.#seen.delete(known);
    }
    // Full means far more calls than people make within a signature's life: refusing is safe, forgetting is not.
    if (this.#seen.has(request) || this.#seen.size >= NONCES_MAX) return false;
    this.#seen.set(request, expires);
    return true;
  }
}

/** Throws for one that can be guessed. */
export function mustBeSecret(secret: string): void {
  if (secret.length >= SECRET_CHARACTERS_MIN) return;
  throw new RangeError(
    `The secret of the admin API needs at least ${SECRET_CHARACTERS_MIN} characters: openssl rand -hex 32 makes one.`,
  );
}

function macOf(secret: string, { method, path, body }: SignedCall, actor: string): Buffer {
  const digest = createHash('sha256').update(body).digest('hex');
  return createHmac('sha256', secret).update(['v1', method, path, digest, actor].join('\n')).digest();
}

function refused(reason: string): Verdict {
  return { ok: false, reason };
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
