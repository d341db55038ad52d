/**
 * Redaction before the first byte is written. The rules are those of `@sillok/record`; whether a path is sensitive
 * is asked once per path and remembered with it, and only texts long enough to hold a secret are searched.
 */
import { createRedactor, REDACTED, type FlatRecord } from '@sillok/record';
import type { Redaction } from './fields.js';

export interface RedactOptions {
  /** Paths whose values are never written: `req.headers.authorization`, `*.password`. */
  readonly paths?: readonly string[] | undefined;
  /** More key names that are sensitive at any depth. */
  readonly keys?: readonly string[] | undefined;
  /** Search texts for tokens, card, resident and phone numbers. Default true. */
  readonly patterns?: boolean | undefined;
  /** And for e-mail addresses. Default false: they are often the only name of a user. */
  readonly email?: boolean | undefined;
}

export interface RecordRedaction extends Redaction {
  /** Cleans a whole record in place: for the slow way. */
  readonly cleanRecord: (record: FlatRecord) => void;
}

export function createRedaction(options: RedactOptions | false): RecordRedaction | undefined {
  if (options === false) return undefined;
  const redactor = createRedactor({
    paths: options.paths ?? [],
    keys: options.keys ?? [],
    patterns: options.patterns ?? true,
    email: options.email ?? false,
  });
  return {
    isSensitive: (path) => redactor.covers(path),
    cleanText: (text) => redactor.redactText(text),
    censor: REDACTED,
    cleanRecord: (record) => void redactor.redact(record),
  };
}
