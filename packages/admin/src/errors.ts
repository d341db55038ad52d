/** What stops a script before or instead of its work. Codes are stable. */
export type ScriptErrorCode =
  | 'usage'
  | 'not_found'
  | 'not_running'
  | 'still_running'
  | 'production_refused'
  | 'approval_refused'
  | 'plan_missing'
  | 'plan_moved'
  | 'not_a_test_database'
  | 'write_in_dry_run'
  | 'source_unanswered'
  | 'sink_failed'
  | 'too_many_entities'
  | 'not_mended'
  | 'position_damaged';

export class ScriptError extends Error {
  readonly code: ScriptErrorCode;
  readonly help: string;

  constructor(code: ScriptErrorCode, message: string, help: string) {
    super(message);
    this.name = 'ScriptError';
    this.code = code;
    this.help = help;
  }
}

/** What the admin API answers instead of doing it. */
export type AdminErrorCode =
  | 'action_failed'
  | 'action_refused'
  | 'approval_refused'
  | 'body_invalid'
  | 'id_missing'
  | 'input_invalid'
  | 'not_found'
  | 'not_signed'
  | 'outcome_unknown'
  | 'plan_missing'
  | 'production_refused'
  | 'reason_missing'
  | 'role_missing'
  | 'row_invalid'
  | 'stale';

export interface AdminErrorOptions {
  readonly status: number;
  readonly code: AdminErrorCode;
  readonly message: string;
  readonly help: string;
  readonly more?: object;
  readonly cause?: unknown;
}

export class AdminError extends Error {
  readonly status: number;
  readonly code: AdminErrorCode;
  readonly help: string;
  readonly more: object;

  constructor({ status, code, message, help, more = {}, cause }: AdminErrorOptions) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'AdminError';
    this.status = status;
    this.code = code;
    this.help = help;
    this.more = more;
  }
}

export type UndoErrorCode = 'nothing_selected' | 'too_many_changes' | 'server_away';

/** What stops an undo before its first step: nothing was changed. */
export class UndoError extends Error {
  readonly code: UndoErrorCode;
  readonly help: string;

  constructor(code: UndoErrorCode, message: string, help: string) {
    super(message);
    this.name = 'UndoError';
    this.code = code;
    this.help = help;
  }
}
