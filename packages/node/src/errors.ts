/**
 * Operating errors of the SDK. They reach the host only where it awaits a promise of ours (`flush`, `audit`,
 * `close`); a log call never throws.
 */

import { BATCH_ENTITIES_MAX } from './limits.js';

export type SdkErrorCode = 'audit_not_kept' | 'audit_batch_too_large' | 'flush_failed' | 'closed';

export class SdkError extends Error {
  readonly code: SdkErrorCode;
  readonly help: string;

  constructor(code: SdkErrorCode, message: string, options: { help: string; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.name = 'SillokError';
    this.code = code;
    this.help = options.help;
  }
}

export const auditNotKept = (cause: unknown): SdkError =>
  new SdkError('audit_not_kept', 'The audit record is not on the disk.', {
    help: 'Undo what was to be audited, or repeat the call. `cause` says what the disk answered.',
    cause,
  });

export const flushFailed = (cause: unknown): SdkError =>
  new SdkError('flush_failed', 'The last records are written, but the disk has not confirmed them.', {
    help: 'They survive the end of this process, not a power cut. `cause` says what the disk answered.',
    cause,
  });

export const auditBatchTooLarge = (count: number): SdkError =>
  new SdkError(
    'audit_batch_too_large',
    `One call may change ${BATCH_ENTITIES_MAX} entities that are recorded, and not ${count}. Nothing was changed.`,
    { help: 'Call it in several batches.' },
  );
