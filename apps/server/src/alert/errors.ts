/** Why a message did not arrive, and why a rule says nothing. */
import { ServerError } from '../errors.js';
import { reasonIn, type ReasonCode } from './titles.js';

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

/** A rule has no answer now. The message is English, as those of all errors; `reason` is it in every language. */
export class EvaluationError extends Error {
  readonly reason: { readonly code: ReasonCode; readonly values: readonly string[] };

  constructor(code: ReasonCode, ...values: readonly string[]) {
    super(reasonIn('en', { code, values }));
    this.name = 'EvaluationError';
    this.reason = { code, values };
  }
}

const HELP: Readonly<Record<string, string>> = {
  target_refused:
    'Messages go to public addresses only. If the target stands in your own network, start the server with ' +
    'SILLOK_ALLOW_PRIVATE_TARGETS=1 (docs/guides/alerts.md).',
};

/** For a person who waits for the message: a test, a report that is sent now. */
export function notTold(error: DeliveryError): ServerError {
  return new ServerError({
    status: 502,
    code: error.code,
    message: `The message was not delivered: ${error.message.slice(0, 200)}.`,
    help: HELP[error.code] ?? 'docs/guides/alerts.md says what each target needs.',
    cause: error,
  });
}
