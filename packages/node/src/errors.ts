/**
 * Operating errors of the SDK. They reach the host only where it awaits a promise of ours (`flush`, `audit`,
 * `close`); a log call never throws.
 */

export type SdkErrorCode = 'audit_not_kept' | 'flush_failed' | 'closed';

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
