/** Runs one SELECT: limits as settings, rows as JSON values, what was read as statistics. */
import type { Client, PoolName } from './client.js';
import {
  SELECT_MEMORY_BYTES_MAX,
  SELECT_RESULT_BYTES_MAX,
  SELECT_RESULT_ROWS_MAX,
  SELECT_TIMEOUT_MS,
} from './limits.js';

export interface SelectLimits {
  readonly timeoutMs?: number;
  readonly memoryBytes?: number;
  readonly rowsToRead?: number;
  readonly bytesToRead?: number;
  readonly resultRows?: number;
  readonly resultBytes?: number;
}

export interface SelectQuery {
  readonly sql: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly queryId?: string;
  readonly pool: Exclude<PoolName, 'insert'>;
  readonly limits?: SelectLimits;
  readonly signal?: AbortSignal;
  /** Further settings, e.g. `use_skip_indexes: '0'`. */
  readonly settings?: Readonly<Record<string, string>>;
}

export interface ResultColumn {
  readonly name: string;
  readonly type: string;
}

export interface SelectResult {
  readonly columns: readonly ResultColumn[];
  readonly rows: unknown[][];
  readonly statistics: {
    readonly rows_read: number;
    readonly bytes_read: number;
    readonly elapsed_ms: number;
  };
}

/** What `FORMAT JSONCompact` answers. */
interface JsonCompact {
  readonly meta: readonly ResultColumn[];
  readonly data: unknown[][];
  readonly statistics: { readonly elapsed: number; readonly rows_read: number; readonly bytes_read: number };
}

export async function select(client: Client, query: SelectQuery): Promise<SelectResult> {
  const text = await client.text({
    sql: `${query.sql}\nFORMAT JSONCompact`,
    pool: query.pool,
    settings: { ...limitSettings(query.limits ?? {}), ...OUTPUT_SETTINGS, ...query.settings },
    ...(query.params === undefined ? {} : { params: query.params }),
    queryId: query.queryId,
    signal: query.signal,
  });
  // The engine's own format.
  const { meta, data, statistics } = JSON.parse(text) as JsonCompact;
  convertIntegers(meta, data);
  return {
    columns: meta.map(({ name, type }) => ({ name, type })),
    rows: data,
    statistics: {
      rows_read: statistics.rows_read,
      bytes_read: statistics.bytes_read,
      elapsed_ms: statistics.elapsed * 1000,
    },
  };
}

const OUTPUT_SETTINGS: Readonly<Record<string, string>> = {
  // As text, so that no digit is lost on the way; turned back below where a number can hold it.
  output_format_json_quote_64bit_integers: '1',
  output_format_json_named_tuples_as_objects: '1',
};

function limitSettings(limits: SelectLimits): Record<string, string> {
  const settings: Record<string, string> = {
    max_execution_time: String((limits.timeoutMs ?? SELECT_TIMEOUT_MS) / 1000),
    max_memory_usage: String(limits.memoryBytes ?? SELECT_MEMORY_BYTES_MAX),
    max_result_rows: String(limits.resultRows ?? SELECT_RESULT_ROWS_MAX),
    max_result_bytes: String(limits.resultBytes ?? SELECT_RESULT_BYTES_MAX),
    result_overflow_mode: 'throw',
  };
  if (limits.rowsToRead !== undefined) settings['max_rows_to_read'] = String(limits.rowsToRead);
  if (limits.bytesToRead !== undefined) settings['max_bytes_to_read'] = String(limits.bytesToRead);
  return settings;
}

const INTEGER_64 = /^(?:LowCardinality\()?(?:Nullable\()?U?Int64\)*$/;

/** 64-bit integers become numbers where they are safe, and stay text where they are not. */
function convertIntegers(meta: readonly ResultColumn[], data: unknown[][]): void {
  const indexes = meta.flatMap(({ type }, index) => (INTEGER_64.test(type) ? [index] : []));
  if (indexes.length === 0) return;
  for (const row of data) {
    for (const index of indexes) {
      const value = row[index];
      if (typeof value !== 'string') continue;
      const number = Number(value);
      if (Number.isSafeInteger(number)) row[index] = number;
    }
  }
}
