/** Shapes of debug routing: a signed rule that sends only the requests that carry it to other versions. */
import { z } from 'zod';
import { DEBUG_ROUTE_MINUTES_DEFAULT, DEBUG_ROUTE_MINUTES_MAX, PERSON_REASON_CHARS_MAX } from './limits.js';

/** `host:port`, as proxies write it; a host may do without a port. */
const DEBUG_ROUTE_ADDRESS = /^[A-Za-z0-9][A-Za-z0-9.-]{0,252}(?::[0-9]{1,5})?$/;

export const debugRouteBody = z.strictObject({
  /** Version by service: `{"orders":"fix-42"}`. */
  targets: z.record(z.string().min(1).max(63), z.string().min(1).max(63)),
  minutes: z.number().int().min(1).max(DEBUG_ROUTE_MINUTES_MAX).default(DEBUG_ROUTE_MINUTES_DEFAULT),
  reason: z.string().trim().max(PERSON_REASON_CHARS_MAX).optional(),
  /** Where the copies run, by service: for the commands that write the configuration of proxies. */
  addresses: z.record(z.string().max(63), z.string().regex(DEBUG_ROUTE_ADDRESS)).optional(),
});

export const debugRouteVerifyBody = z.strictObject({ token: z.string().min(1).max(2_000) });

export type DebugRouteBody = z.input<typeof debugRouteBody>;

export interface DebugRoute {
  readonly id: string;
  readonly targets: Readonly<Record<string, string>>;
  readonly expires_at: string;
}

export interface DebugRouteAnswer extends DebugRoute {
  readonly token: string;
  /** The member for the `baggage` header of a request. */
  readonly baggage: string;
  readonly audit_id: string;
}

export type DebugRouteVerdict =
  | { readonly good: true; readonly route: DebugRoute }
  /** `form`: it is no rule; `signature`: it was forged or changed, or its epoch is gone; `expired`. */
  | { readonly good: false; readonly problem: 'form' | 'signature' | 'expired' };

/** A session for debugging: a rule with who began it. It is listed until its rule is over. */
export interface DebugSession extends DebugRoute {
  readonly began_at: string;
  readonly began_by: string;
  readonly reason: string | null;
  readonly addresses: Readonly<Record<string, string>>;
  /** Ended by a person before its time. Whoever still sends the rule is routed until `expires_at`, unless proxies are told. */
  readonly ended_at: string | null;
  /** What requests carry; null for those who may not begin sessions. */
  readonly baggage: string | null;
}

export interface DebugSessionsAnswer {
  /** Newest first. */
  readonly sessions: readonly DebugSession[];
}

export interface DebugEndAnswer extends DebugSession {
  /** Null when it had been ended before. */
  readonly audit_id: string | null;
}
