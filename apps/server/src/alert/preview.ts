/** What a rule would have said about the past: its windows one after the other, before it is saved. */
import type { AlertRule, PreviewShape } from '@sillok/api';
import { compileStats, type Statement } from '@sillok/query';
import { timeToNs } from '@sillok/record';

import { badRequest } from '../errors.js';
import type { Evaluating } from './periodic.js';
import { queryOf } from './periodic.js';
import { EVALUATE_TIME_MS_MAX, GROUPS_MAX, PREVIEW_POINTS_MAX } from './limits.js';

export interface PreviewOf {
  readonly project: string;
  readonly rule: AlertRule;
  readonly from: string;
  readonly to: string;
}

const NS_IN_SECOND = 1_000_000_000n;

/** One value of `by`, or the whole: what each window says. */
export interface PreviewSeries {
  readonly group: string;
  readonly values: readonly Value[];
}

interface Bar {
  readonly group: string;
  readonly index: number;
  readonly all: number;
  readonly errors: number;
}

export async function preview(deps: Evaluating, of: PreviewOf): Promise<PreviewShape> {
  const { rule, from, to } = of;
  const widthNs = BigInt(rule.window_s) * NS_IN_SECOND;
  const firstNs = (timeToNs(from) / widthNs) * widthNs;
  // The window that is not over yet counts too.
  const points = Number((timeToNs(to) - firstNs + widthNs - 1n) / widthNs);
  if (points < 1 || points > PREVIEW_POINTS_MAX) {
    const message = `The preview would have ${points} windows; it shows 1 to ${PREVIEW_POINTS_MAX}.`;
    throw badRequest('request_invalid', message, 'Choose a shorter range or a longer window.');
  }
  const { bars, cost } = await barsOf(deps, of, { widthNs, firstNs });
  const groups = [...new Set(bars.map(({ group }) => group))].slice(0, GROUPS_MAX);
  const series = (groups.length === 0 ? [''] : groups).map((group) => {
    const values = seriesOf(rule, { bars: bars.filter((bar) => bar.group === group), points });
    return { group, values };
  });
  const startMs = Number(firstNs / 1_000_000n);
  const times = Array.from({ length: points }, (_, index) =>
    new Date(startMs + index * rule.window_s * 1000).toISOString(),
  );
  return { covers: 'all', ...previewOf(times, series), cost };
}

/** The points of the value that speaks up most, and how often each would. */
export function previewOf(
  times: readonly string[],
  series: readonly PreviewSeries[],
): Pick<PreviewShape, 'points' | 'fired' | 'groups'> {
  const told = series.map((each) => ({ ...each, fired: runsOf(each.values.map(({ fires }) => fires)) }));
  const shown = told.reduce((best, each) => (each.fired > best.fired ? each : best));
  return {
    points: shown.values.map(({ value, fires }, index) => ({ time: times[index] ?? '', value, fires })),
    fired: told.reduce((sum, { fired }) => sum + fired, 0),
    groups: told.map(({ group, fired }) => ({ group, fired })),
  };
}

/** A stretch of windows that fire is one message. */
function runsOf(fires: readonly boolean[]): number {
  return fires.filter((each, index) => each && fires[index - 1] !== true).length;
}

interface Value {
  readonly value: number;
  readonly fires: boolean;
}

function seriesOf(rule: AlertRule, { bars, points }: { bars: readonly Bar[]; points: number }): Value[] {
  const at = new Map(bars.map((bar) => [bar.index, bar]));
  const back = Math.max(1, Math.round(rule.before_s / rule.window_s));
  return Array.from({ length: points }, (_, index) => {
    const { all = 0, errors = 0 } = at.get(index) ?? {};
    switch (rule.kind) {
      case 'threshold':
        return { value: all, fires: all >= rule.value };
      case 'absence':
        return { value: all, fires: all < rule.value };
      case 'new_pattern':
        return { value: all, fires: false };
      case 'error_rate': {
        const past = Array.from({ length: back }, (_each, step) => at.get(index - 1 - step));
        const usual = rateOf(past.flatMap((bar) => (bar === undefined ? [] : [bar])));
        const rate = rateOf([{ all, errors }]);
        return { value: rate, fires: errors >= rule.errors_min && rate >= usual * rule.factor };
      }
    }
  });
}

function rateOf(bars: readonly Pick<Bar, 'all' | 'errors'>[]): number {
  const all = bars.reduce((sum, bar) => sum + bar.all, 0);
  return all === 0 ? 0 : bars.reduce((sum, bar) => sum + bar.errors, 0) / all;
}

async function barsOf(
  deps: Evaluating,
  of: PreviewOf,
  { widthNs, firstNs }: { widthNs: bigint; firstNs: bigint },
): Promise<{ bars: Bar[]; cost: PreviewShape['cost'] }> {
  const { rule } = of;
  const rows = await ask(deps, of, rule.q);
  const failed =
    rule.kind === 'error_rate'
      ? await ask(deps, of, `${rule.q.trim() === '' ? '' : `(${rule.q})`} level:(error OR fatal)`)
      : { rows: [], statistics: rows.statistics };
  const place = (row: readonly unknown[]): string =>
    `${rule.by === '' ? '' : String(row[1] ?? '')}\n${Number((timeToNs(String(row[0])) - firstNs) / widthNs)}`;
  const errors = new Map(failed.rows.map((row) => [place(row), Number(row.at(-1))]));
  const bars = rows.rows.map((row) => {
    const [group = '', index = '0'] = place(row).split('\n');
    return { group, index: Number(index), all: Number(row.at(-1)), errors: errors.get(place(row)) ?? 0 };
  });
  return { bars, cost: rows.statistics };
}

function ask(deps: Evaluating, { project, rule, from, to }: PreviewOf, q: string) {
  const by = rule.by === '' ? '' : `, ${rule.by}`;
  const query = queryOf(`${q} | stats count() as n by bin(${rule.window_s}s)${by}`);
  const limit = PREVIEW_POINTS_MAX * GROUPS_MAX;
  const statement: Statement | undefined = compileStats(query, {
    project,
    from,
    to,
    table: deps.table(),
    limit,
  });
  if (statement === undefined)
    throw badRequest('request_invalid', 'The search has pipes.', 'Leave them out.');
  const { sql, params } = statement;
  return deps.running.run({ sql, params, limits: { timeoutMs: EVALUATE_TIME_MS_MAX } }, { project });
}
