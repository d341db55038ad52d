/**
 * Functions that do something although the transaction only reads. PostgreSQL rolls none of it back, and gives the first kind to everybody:
 * any role may end the other connections of its own, write a message for whoever reads the log of changes, or lift its own limit of
 * time. So they are refused by their names, wherever these stand: no reading of quotes and comments decides it. Those that run a text
 * as a statement are refused as well, since it could put a name together.
 */
import type { Dialect } from './settings-file.js';

/** Where `has_function_privilege` says that a role may: it was given, and the role is more than a reader. */
export const ACTING_BY_RIGHT = [
  'pg_reload_conf',
  'pg_rotate_logfile',
  'pg_promote',
  'pg_switch_wal',
  'pg_create_restore_point',
  'pg_wal_replay_(?:pause|resume)',
  'pg_(?:start|stop)_backup',
  'pg_backup_(?:start|stop)',
  'pg_log_backend_memory_contexts',
  'pg_stat_reset\\w*',
  'pg_stat_statements_reset',
  'pg_replication_origin_(?:create|drop|advance|session_setup|session_reset|xact_setup|xact_reset)',
  'pg_file_\\w+',
  'pg_read_(?:binary_)?file',
  'lo_(?:import|export)',
].join('|');

const BY_ANYBODY = [
  'pg_(?:terminate|cancel)_backend',
  'pg_logical_emit_message',
  'set_config',
  // Refused to all without REPLICATION, in words that differ from version to version.
  'pg_(?:create|drop|copy)_\\w*replication_slot',
  'pg_replication_slot_advance',
  'pg_logical_slot_get_\\w+',
].join('|');

const RUNS_TEXT = 'query_to_xml\\w*|ts_stat|ts_rewrite|xpath_table|crosstab\\w*|connectby|dblink\\w*';

const named = (names: string): RegExp => new RegExp(`(?<![\\w$])(?:${names})(?![\\w$])`, 'i');
const ACTING = named(`${BY_ANYBODY}|${ACTING_BY_RIGHT}`);
const TEXT = named(RUNS_TEXT);

/** Why the statement does more than read; undefined when no name in it says so. */
export function actsBecause(dialect: Dialect, query: string): string | undefined {
  if (dialect === 'mysql') {
    const hint = /max_execution_time|max_statement_time|set_var/i.exec(query);
    return hint === null ? undefined : `"${hint[0]}" would lift the limit of its time`;
  }
  const acting = ACTING.exec(query) ?? TEXT.exec(query);
  if (acting !== null) return `"${acting[0]}" does more than read, also in a transaction that only reads`;
  // A name may be written in escapes: U&"pg\005fcancel\005fbackend".
  return /u&"/i.test(query) ? 'it has a name in Unicode escapes (U&"…")' : undefined;
}
