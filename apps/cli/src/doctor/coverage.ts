/**
 * What the record does not say: routes that were called and left no log line, spans that begin a trace (jobs, consumers)
 * without one, and log lines that belong to no request. Found in the records themselves, of the last day unless told else.
 */
import type { Client } from '@sillok/api';
import { COVERAGE_ROWS_MAX } from '../limits.js';

export interface CoverageRow {
  readonly service: string;
  /** Route, job or message. */
  readonly name: string;
  readonly count: number;
  /** Of these, how many have no log line or no context. */
  readonly without: number;
}

export interface Coverage {
  readonly routes: readonly CoverageRow[];
  readonly jobs: readonly CoverageRow[];
  readonly without_context: readonly CoverageRow[];
}

const LOGGED = `
SELECT DISTINCT trace_id FROM records
WHERE kind = 'log' AND trace_id != '' AND time >= {from:DateTime64(9, 'UTC')}`;

const ROUTES = `
SELECT \`service.name\` AS service, concat(\`http.request.method\`, ' ', \`http.route\`) AS name,
  count() AS total, countIf(trace_id NOT IN (${LOGGED})) AS without
FROM records
WHERE \`http.route\` != '' AND kind IN ('access', 'span') AND time >= {from:DateTime64(9, 'UTC')}
GROUP BY service, name ORDER BY without DESC, name LIMIT ${COVERAGE_ROWS_MAX}`;

const JOBS = `
SELECT \`service.name\` AS service, message AS name,
  count() AS total, countIf(trace_id NOT IN (${LOGGED})) AS without
FROM records
WHERE kind = 'span' AND parent_span_id = '' AND \`http.route\` = '' AND time >= {from:DateTime64(9, 'UTC')}
GROUP BY service, name ORDER BY without DESC, name LIMIT ${COVERAGE_ROWS_MAX}`;

const WITHOUT_CONTEXT = `
SELECT \`service.name\` AS service, substring(message, 1, 80) AS name, count() AS total, count() AS without
FROM records
WHERE kind = 'log' AND trace_id = '' AND time >= {from:DateTime64(9, 'UTC')}
GROUP BY service, name ORDER BY total DESC, name LIMIT ${COVERAGE_ROWS_MAX}`;

export async function readCoverage(client: Client, from: string): Promise<Coverage> {
  const ask = async (query: string): Promise<CoverageRow[]> => {
    const { rows } = await client.sql({ query, params: { from: from.replace('Z', '') } });
    return rows.map(([service, name, count, without]) => ({
      service: String(service),
      name: String(name).trim(),
      count: Number(count),
      without: Number(without),
    }));
  };
  return {
    routes: (await ask(ROUTES)).filter(({ without }) => without > 0),
    jobs: (await ask(JOBS)).filter(({ without }) => without > 0),
    without_context: await ask(WITHOUT_CONTEXT),
  };
}
