/** What stops a script before or instead of its work. Codes are stable. */
export type ScriptErrorCode =
  | 'usage'
  | 'not_found'
  | 'production_refused'
  | 'plan_missing'
  | 'plan_moved'
  | 'not_a_test_database'
  | 'write_in_dry_run';

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
