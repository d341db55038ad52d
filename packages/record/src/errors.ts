/**
 * What can go wrong with a record. Bad input is a returned verdict with one of these stable codes, never an
 * exception; a broken `invariant` is a bug of ours and the only thing that is thrown.
 */

/** Why a record was not taken at all. Documented in docs/reference/record.md. */
export const REJECT_CODES = [
  'empty_line',
  'not_json',
  'two_values',
  'not_object',
  'line_too_large',
  'bad_seq',
  'bad_time',
  'bad_header',
] as const;
export type RejectCode = (typeof REJECT_CODES)[number];

/** Why a field was set aside as text (`sillok.quarantine.<field>`) while its record was kept. */
export const QUARANTINE_CODES = [
  'wrong_type',
  'unknown_value',
  'bad_time',
  'duplicate_key',
  'unsafe_number',
  'not_a_number',
  'lone_surrogate',
  'invalid_utf8',
  'too_deep',
  'too_long',
  'too_many',
  'too_large',
] as const;
export type QuarantineCode = (typeof QUARANTINE_CODES)[number];

/** One field that could not be kept as it was. */
export interface Quarantined {
  readonly field: string;
  readonly reason: QuarantineCode;
}

export class InvariantError extends Error {
  readonly code = 'invariant';

  constructor(message: string) {
    super(`This is a bug in Sillok: ${message}`);
    this.name = 'InvariantError';
  }
}

/** Reads a rule file, or a sealed value, that its owner has to correct. */
export class RecordError extends Error {
  readonly code: 'bad_rules' | 'bad_keys' | 'bad_route' | 'sealed_unreadable';
  readonly help: string;

  constructor(details: { code: RecordError['code']; message: string; help: string; cause?: unknown }) {
    super(details.message, { cause: details.cause });
    this.name = 'RecordError';
    this.code = details.code;
    this.help = details.help;
  }
}

/** States what must hold. A server stops when it does not; an SDK disables itself and reports. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InvariantError(message);
}
