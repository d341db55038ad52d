/** Why a message did not arrive. */

export type DeliveryCode =
  | 'target_refused'
  | 'target_unreachable'
  | 'target_answered'
  | 'mail_not_configured'
  | 'mail_failed';

export class DeliveryError extends Error {
  readonly code: DeliveryCode;
  readonly retryAfterMs: number | undefined;

  constructor(
    code: DeliveryCode,
    message: string,
    { cause, retryAfterMs }: { cause?: unknown; retryAfterMs?: number | undefined } = {},
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'DeliveryError';
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}
