/**
 * One panel, from its text to its rows. A search without pipes is given those that its kind needs; variables become conditions
 * of the plan, never text; SQL passes the same guard as any reader's statement.
 */
import type { DashboardVariable, Panel, PanelAnswer } from '@sillok/api';
import { compileStats, statsStage, type Query } from '@sillok/query';
import type { FastifyReply } from 'fastify';

import { badRequest } from '../errors.js';
import { fromReader, fromStore, tooManyQueries } from '../read/errors.js';
import type { Estimated } from '../read/estimate.js';
import { SQL_RUNNING_MAX } from '../read/limits.js';
import { searchOf, type Reading } from '../read/reading.js';
import { guardedQuery } from '../read/sql-query.js';
import { gapsIn } from '../read/trust.js';
import { ROWS_MAX } from './limits.js';
import { rangeOfPanel } from './panel-range.js';
import { HEATMAP_COLUMNS, heatmapRows, heatmapStatement } from './heatmap.js';
import { variableFilters } from './variables.js';

export interface PanelRun {
  readonly project: string;
  readonly panel: Panel;
  readonly from: string;
  readonly to: string;
  readonly variables: readonly DashboardVariable[];
  readonly values: Readonly<Record<string, string>>;
  readonly name?: string;
  readonly reply?: FastifyReply;
}

export interface PreparedPanel {
  readonly query: Estimated;
  readonly from: string;
  readonly to: string;
  readonly bucketMs: number;
}

export async function runPanel(reading: Reading, run: PanelRun): Promise<PanelAnswer> {
  const { project, panel, name, reply } = run;
  const freshness = reading.state.freshness();
  if (panel.language === 'sql' && reading.running.userCount >= SQL_RUNNING_MAX) throw tooManyQueries();
  const { query, from, to, bucketMs } = await preparePanel(reading, run);
  const { limit: _, sets: __, ...statement } = query;
  const options = { project, ...(reply !== undefined && { reply }), ...(name !== undefined && { name }) };
  const { columns, rows, statistics } = await reading.running
    .run(statement, options)
    .catch((error: unknown) =>
      Promise.reject(panel.language === 'sql' ? fromReader(error) : fromStore(error)),
    );
  return {
    columns: panel.kind === 'heatmap' ? HEATMAP_COLUMNS : columns,
    rows: shownRows(panel, rows.slice(0, ROWS_MAX), bucketMs),
    truncated: rows.length > ROWS_MAX,
    from,
    to,
    bucket_ms: bucketMs,
    freshness,
    gaps: gapsIn(reading.state, project, { from, to }).gaps.length,
    cost: statistics,
  };
}

/** What would run, for running it and for estimating it. */
export async function preparePanel(reading: Reading, run: PanelRun): Promise<PreparedPanel> {
  const { panel, project, values } = run;
  const nowMs = Date.now();
  const { from, to, bucketMs } = rangeOfPanel(run, nowMs);
  if (panel.language === 'sql') {
    const names = run.variables.map((variable) => variable.name);
    const params = { ...Object.fromEntries(names.map((name) => [name, values[name] ?? ''])), from, to };
    return { query: await guardedQuery(reading, project, { query: panel.q, params }), from, to, bucketMs };
  }
  const plain = withVariables(searchOf(panel.q), run);
  if (panel.kind === 'heatmap') {
    const scope = { project, table: reading.store().table, nowMs };
    return {
      query: heatmapStatement(plain, panel.field, { ...scope, from, to, bucketMs }),
      from,
      to,
      bucketMs,
    };
  }
  const query = withKind(plain, { kind: panel.kind, bucketMs });
  const statement = compileStats(query, {
    project,
    from,
    to,
    table: reading.store().table,
    limit: ROWS_MAX + 1,
  });
  if (statement === undefined) throw needsStats();
  return { query: { sql: statement.sql, params: statement.params }, from, to, bucketMs };
}

function withVariables(query: Query, { variables, values }: PanelRun): Query {
  const chosen = variableFilters(variables, values);
  if (chosen.length === 0) return query;
  return { ...query, filter: { type: 'and', items: [query.filter, ...chosen] } };
}

/** A search without `stats` is counted; a time series is cut into bars if it is not yet. */
function withKind(query: Query, { kind, bucketMs }: { kind: Panel['kind']; bucketMs: number }): Query {
  const stats = statsStage(query);
  if (stats === undefined && kind !== 'time_series' && kind !== 'number') throw needsStats();
  const counted = stats ?? {
    type: 'stats',
    aggregates: [{ function: 'count', name: 'count()' }],
    dimensions: [],
  };
  const isCut = counted.dimensions.some(({ type }) => type === 'bin');
  const bin = { type: 'bin', widthNs: BigInt(bucketMs) * 1_000_000n, name: 'time' } as const;
  const dimensions = kind === 'time_series' && !isCut ? [bin, ...counted.dimensions] : counted.dimensions;
  const rest = query.stages.filter((stage) => stage !== stats);
  // A list that ends after so many rows would end the series after so many bars.
  const later = kind === 'time_series' ? [] : rest;
  return { ...query, stages: [{ ...counted, dimensions }, ...later] };
}

function needsStats(): Error {
  return badRequest(
    'request_invalid',
    'This kind of panel needs a search that counts.',
    'Add for instance "| stats count() by http.route".',
  );
}

function shownRows(panel: Panel, rows: unknown[][], bucketMs: number): unknown[][] {
  return panel.kind === 'heatmap' ? heatmapRows(rows, bucketMs) : rows;
}
