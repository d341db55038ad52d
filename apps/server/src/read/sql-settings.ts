/** The limits and walls that every statement of a reader runs with. Set anew each time; nothing is kept. */
import type { SelectLimits } from '@sillok/store';
import {
  SQL_DEPTH_MAX,
  SQL_MEMORY_BYTES_MAX,
  SQL_RESULT_BYTES_MAX,
  SQL_ROWS_MAX,
  SQL_THREADS_MAX,
  SQL_TIME_MS_MAX,
} from './limits.js';

export const SQL_LIMITS: SelectLimits = {
  timeoutMs: SQL_TIME_MS_MAX,
  memoryBytes: SQL_MEMORY_BYTES_MAX,
  resultRows: SQL_ROWS_MAX + 1,
  resultBytes: SQL_RESULT_BYTES_MAX,
};

export function sqlSettings(): Readonly<Record<string, string>> {
  return {
    max_threads: String(SQL_THREADS_MAX),
    timeout_overflow_mode: 'throw',
    max_ast_depth: String(SQL_DEPTH_MAX * 4),
    allow_introspection_functions: '0',
    allow_ddl: '0',
    // Refuses whatever writes. 2 and not 1: a server elsewhere must still take the settings that come with it.
    readonly: '2',
    // Constant expressions run before the statement can be killed.
    max_rows_in_set: '1000000',
    date_time_output_format: 'iso',
    // The reader's ORDER BY stands in a subquery, and its order is what the answer must have.
    query_plan_remove_redundant_sorting: '0',
  };
}
