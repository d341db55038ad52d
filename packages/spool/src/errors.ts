/**
 * The operating errors of the spool. Each has a stable code; `cause` holds the error of the system call.
 * What was appended before an error is kept; an error never means that an acknowledged line is gone.
 */

export type SpoolErrorCode =
  | 'spool_closed'
  | 'spool_disk_full'
  | 'spool_folder_gone'
  | 'spool_locked'
  | 'spool_lock_lost'
  | 'spool_quota'
  | 'spool_segment_busy'
  | 'spool_sync_failed'
  | 'spool_write_failed';

export class SpoolError extends Error {
  readonly code: SpoolErrorCode;
  readonly help: string;

  constructor(code: SpoolErrorCode, message: string, options: { help: string; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.name = 'SpoolError';
    this.code = code;
    this.help = options.help;
  }
}

export const closedError = (directory: string): SpoolError =>
  new SpoolError('spool_closed', `The spool ${directory} is closed; nothing was written.`, {
    help: 'Append before close().',
  });

export const diskFullError = (directory: string, cause: unknown): SpoolError =>
  new SpoolError('spool_disk_full', `The disk under ${directory} is full; the line was not kept.`, {
    help: 'Free space on that disk. Everything appended before is safe; appending works again at once.',
    cause,
  });

export const quotaError = (directory: string, quotaBytes: number): SpoolError =>
  new SpoolError('spool_quota', `The spool ${directory} holds its quota of ${quotaBytes} bytes.`, {
    help: 'Ship or remove older segments, or raise the quota. Everything appended before is safe.',
  });

export const lockedError = (directory: string, owner: string): SpoolError =>
  new SpoolError('spool_locked', `The spool ${directory} is being written by ${owner}.`, {
    help: 'One writer per folder: give each process and thread a boot folder of its own.',
  });

export const lockLostError = (directory: string): SpoolError =>
  new SpoolError('spool_lock_lost', `Another process took over the spool ${directory}.`, {
    help: 'This process looked dead for too long (suspended?). It must open a spool of its own.',
  });

export const folderGoneError = (directory: string, cause: unknown): SpoolError =>
  new SpoolError('spool_folder_gone', `The spool ${directory} was removed and cannot be made again.`, {
    help: 'Nothing that is written from now on is kept. Give the folder back, then restart the process.',
    cause,
  });

export const syncFailedError = (directory: string, cause: unknown): SpoolError =>
  new SpoolError('spool_sync_failed', `The disk did not confirm what was written to ${directory}.`, {
    help: 'Nothing since the last confirmed position is promised. Check the disk, then restart the process.',
    cause,
  });

export const writeFailedError = (directory: string, cause: unknown): SpoolError =>
  new SpoolError('spool_write_failed', `Writing to ${directory} failed.`, {
    help: 'Check the disk, then restart the process. Everything confirmed before is safe.',
    cause,
  });

export const segmentBusyError = (path: string): SpoolError =>
  new SpoolError('spool_segment_busy', `${path} is the newest segment of its spool and stays.`, {
    help: 'Its number keeps positions unique. Rotate first, or remove the whole folder of a dead boot.',
  });

const FULL_CODES: readonly unknown[] = [
  'ENOSPC',
  'EDQUOT',
  'EFBIG',
  'spool_disk_full' satisfies SpoolErrorCode,
];

/** Of a system call, or already one of ours. */
export function isDiskFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && FULL_CODES.includes(error.code);
}

export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

/** An error of a system call as one of ours; anything else (ours, a bug) stays as it is. */
export function asSpoolError(directory: string, error: unknown): unknown {
  if (isDiskFull(error)) return diskFullError(directory, error);
  const isSystemError = error instanceof Error && 'syscall' in error;
  return isSystemError ? writeFailedError(directory, error) : error;
}
