/** Shapes of debug routing: a signed rule that sends only the requests that carry it to other versions. */
import { z } from 'zod';
import { DEBUG_ROUTE_MINUTES_DEFAULT, DEBUG_ROUTE_MINUTES_MAX, PERSON_REASON_CHARS_MAX } from './limits.js';

export const debugRouteBody = z.strictObject({
  /** Version by service: `{"orders":"fix-42"}`. */
  targets: z.record(z.string().min(1).max(63), z.string().min(1).max(63)),
  minutes: z.number().int().min(1).max(DEBUG_ROUTE_MINUTES_MAX).default(DEBUG_ROUTE_MINUTES_DEFAULT),
  reason: z.string().trim().max(PERSON_REASON_CHARS_MAX).optional(),
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
