/**
 * Rules over searches: one after the other, every 15 seconds, with bounded statements. What a rule says about a moment when
 * search lags behind would be wrong, so then it says that it cannot be evaluated instead.
 */
import type { AlertRule } from '@sillok/api';
import {
  compileSearch,
  compileStats,
  decodeRow,
  parseQuery,
  type Query,
  type Row,
  type Statement,
} from '@sillok/query';
import { nsToTime } from '@sillok/record';

import type { DatabaseRoom } from '../database/room.js';
import type { RunningQueries } from '../read/running.js';
import type { RecordState } from '../seams.js';
import { firstLine } from '../analysis/compare/fingerprint.js';
import { askDatabase } from './database-rule.js';
import { patternOf, quoted } from './fingerprint.js';
import { EvaluationError } from './errors.js';
import { EVALUATE_TIME_MS_MAX, FRESH_MS_MAX, GROUPS_MAX, PATTERN_MESSAGES_MAX } from './limits.js';
import type { Patterns } from './patterns.js';
import type { MadeRule } from './rules.js';
import type { Signal } from './signal.js';
import { ours, type Says } from './titles.js';

export interface Evaluating {
  readonly running: RunningQueries;
  readonly table: () => string;
  readonly databases: DatabaseRoom;
  readonly state: Pick<RecordState, 'freshness'>;
  readonly patterns: Patterns;
}

const ERRORS = 'level:(error OR fatal)';

interface Window {
  readonly fromMs: number;
  readonly toMs: number;
}

/** What a rule finds now, as signals; none when all is well. Throws when it cannot be evaluated. */
export async function evaluate(deps: Evaluating, made: MadeRule, nowMs: number): Promise<Signal[]> {
  const { rule } = made;
  if (rule.database !== '') return askDatabase(deps.databases, made, nowMs);
  const { visible_through, lag_ms } = deps.state.freshness();
  if (lag_ms > FRESH_MS_MAX) throw new EvaluationError('search_behind', String(Math.round(lag_ms / 1000)));
  const toMs = Math.min(nowMs, Date.parse(visible_through));
  const window = { fromMs: toMs - rule.window_s * 1000, toMs };
  switch (rule.kind) {
    case 'threshold':
    case 'absence':
      return countRule(deps, made, window);
    case 'error_rate':
      return rateRule(deps, made, window);
    case 'new_pattern':
      return patternRule(deps, made, window);
  }
}

/** The search of a rule, or why it is none. */
export function queryOf(q: string): Query {
  const parsed = parseQuery(q);
  if (!parsed.ok) throw new EvaluationError('search_unreadable', parsed.errors[0]?.message ?? '');
  return parsed.query;
}

async function countRule(deps: Evaluating, made: MadeRule, window: Window): Promise<Signal[]> {
  const { rule } = made;
  const groups = await counts(deps, made, { window, filter: rule.q });
  // Nothing found is no row: for an absence that is the news.
  const all = groups.length === 0 && rule.by === '' ? [{ group: '', count: 0, people: 0 }] : groups;
  const isOver = (count: number): boolean =>
    rule.kind === 'absence' ? count < rule.value : count >= rule.value;
  const firing = all.filter(({ count }) => isOver(count));
  return Promise.all(
    firing.map(async ({ group, count }) => {
      const sign = rule.kind === 'absence' ? '<' : '≥';
      const values = [String(count), sign, String(rule.value), String(rule.window_s)];
      const told = { code: 'count', values } as const;
      return signalOf(deps, made, { window, group, told, count });
    }),
  );
}

async function rateRule(deps: Evaluating, made: MadeRule, window: Window): Promise<Signal[]> {
  const { rule } = made;
  const before = { fromMs: window.fromMs - rule.before_s * 1000, toMs: window.fromMs };
  const [now, past] = await Promise.all([rates(deps, made, window), rates(deps, made, before)]);
  const firing = [...now].filter(([group, { errors, rate }]) => {
    const usual = past.get(group)?.rate ?? 0;
    return errors >= rule.errors_min && rate >= usual * rule.factor;
  });
  return Promise.all(
    firing.map(([group, { errors, rate }]) => {
      const values = [percent(rate), percent(past.get(group)?.rate ?? 0)];
      const told = { code: 'rate', values } as const;
      return signalOf(deps, made, { window, group, told, count: errors, only: ERRORS });
    }),
  );
}

async function rates(deps: Evaluating, made: MadeRule, window: Window) {
  const { q } = made.rule;
  const errors = `${wrapped(q)} ${ERRORS}`;
  const [all, failed] = await Promise.all([
    counts(deps, made, { window, filter: q }),
    counts(deps, made, { window, filter: errors }),
  ]);
  const totals = new Map(all.map(({ group, count }) => [group, count]));
  return new Map(
    failed.map(({ group, count }) => {
      const total = totals.get(group) ?? count;
      return [group, { errors: count, rate: total === 0 ? 0 : count / total }] as const;
    }),
  );
}

function percent(part: number): string {
  return `${(part * 100).toFixed(part < 0.1 ? 1 : 0)} %`;
}

async function patternRule(deps: Evaluating, made: MadeRule, window: Window): Promise<Signal[]> {
  const query = queryOf(made.rule.q);
  const statement = compileSearch(query, { ...scopeOf(deps, made, window), limit: PATTERN_MESSAGES_MAX });
  const rows = (await run(deps, made, statement)).rows.map(decodeRow);
  const byPattern = new Map<string, Row>();
  for (const row of rows) byPattern.set(patternOf(row.record.message), row);
  // The first round learns what is usual, and says nothing.
  const fresh = deps.patterns.learn(`${made.project}\n${made.id}`, [...byPattern.keys()]);
  return fresh.flatMap((pattern) => {
    const row = byPattern.get(pattern);
    return row === undefined ? [] : [patternSignal(made, pattern, row)];
  });
}

function patternSignal({ project, id, rule }: MadeRule, pattern: string, { record, context }: Row): Signal {
  return {
    project,
    rule: id,
    kind: rule.kind,
    group: pattern,
    severity: rule.severity,
    title: firstLine(record.message),
    q: rule.q,
    time: record.time,
    count: 1,
    service: String(context.resource['service.name'] ?? ''),
    release: String(context.resource['service.version'] ?? ''),
  };
}

interface Counted {
  readonly group: string;
  readonly count: number;
  readonly people: number;
}

async function counts(
  deps: Evaluating,
  made: MadeRule,
  { window, filter }: { window: Window; filter: string },
): Promise<Counted[]> {
  const { by } = made.rule;
  const stats = `| stats count() as n, count_distinct(user_hash) as people${by === '' ? '' : ` by ${by}`}`;
  const statement = compileStats(queryOf(`${wrapped(filter)} ${stats}`), {
    ...scopeOf(deps, made, window),
    limit: GROUPS_MAX,
  });
  if (statement === undefined) throw new EvaluationError('search_pipes');
  const { rows } = await run(deps, made, statement);
  return rows.map((row) => {
    const [people, n, group] = [row.at(-1), row.at(-2), by === '' ? '' : row[0]];
    return { group: String(group ?? ''), count: Number(n), people: Number(people) };
  });
}

/** A search in brackets, so that what is added to it holds for all of it. */
function wrapped(q: string): string {
  return q.trim() === '' ? '' : `(${q})`;
}

function scopeOf(deps: Evaluating, { project }: MadeRule, { fromMs, toMs }: Window) {
  const time = (ms: number): string => nsToTime(BigInt(Math.max(0, Math.trunc(ms))) * 1_000_000n);
  return { project, from: time(fromMs), to: time(toMs), table: deps.table() };
}

function run({ running }: Evaluating, { project }: MadeRule, { sql, params }: Statement) {
  return running.run({ sql, params, limits: { timeoutMs: EVALUATE_TIME_MS_MAX } }, { project });
}

interface Firing {
  readonly window: Window;
  readonly group: string;
  readonly told: Says;
  readonly count: number;
  /** Of what the rule finds, what was counted: the line and the link are of these. */
  readonly only?: string;
}

/** With the newest record's first line: what a person wants to read first. */
async function signalOf(deps: Evaluating, made: MadeRule, firing: Firing): Promise<Signal> {
  const { project, id, rule } = made;
  const { group, told, count, window, only } = firing;
  const found = groupQuery(rule, group);
  const q = only === undefined ? found : `${wrapped(found)} ${only}`.trim();
  const statement = compileSearch(queryOf(q), { ...scopeOf(deps, made, window), limit: 1 });
  const newest = (await run(deps, made, statement)).rows[0];
  const row = newest === undefined ? undefined : decodeRow(newest);
  const line = row === undefined || rule.kind === 'absence' ? '' : firstLine(row.record.message);
  const service = row?.context.resource['service.name'];
  const release = row?.context.resource['service.version'];
  return {
    project,
    rule: id,
    kind: rule.kind,
    group,
    severity: rule.severity,
    ...ours({ ...told, about: group, line }),
    q,
    time: row?.record.time ?? new Date(window.toMs).toISOString(),
    count,
    isLevel: true,
    ...(service !== undefined && { service: String(service) }),
    ...(release !== undefined && { release: String(release) }),
    ...(row?.record.trace_id !== undefined && { traceId: row.record.trace_id }),
  };
}

export function groupQuery(rule: Pick<AlertRule, 'q' | 'by'>, group: string): string {
  if (rule.by === '' || group === '') return rule.q;
  return `${wrapped(rule.q)} ${rule.by}:${quoted(group)}`.trim();
}
