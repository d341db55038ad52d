/** `GET /api/patterns`: the forms that the messages of a search have, how often, and which of them are new. */
import { patternsQuery, ROUTES, type Pattern, type PatternsAnswer } from '@sillok/api';
import { compileExtent, compileMessages, recordTime, type Query } from '@sillok/query';
import { nsToTime } from '@sillok/record';
import type { FastifyInstance } from 'fastify';
import { checked, rangeOf, type Range, type Reading } from '../../read/reading.js';
import { analysisOf, callerOf, type Caller } from '../caller.js';
import { ROUGH_CHARS_MAX, ROUGH_ROWS_MAX, TREND_STEPS } from '../limits.js';
import { referenceOf } from '../references.js';
import { pairsOf, stepsOf, trendOf, type Steps } from './steps.js';
import { mineTemplates, searchOfTemplate, type Template } from './templates.js';
import { plainSearch } from './why.js';

interface Rough {
  readonly text: string;
  readonly example: string;
  readonly reference: unknown;
  readonly count: number;
  readonly before: number;
  readonly first: string;
  readonly last: string;
  readonly levels: unknown;
  readonly services: readonly string[];
  readonly trend: unknown;
}

export function registerPatterns(app: FastifyInstance, reading: Reading): void {
  app.get(ROUTES.patterns, async (request, reply): Promise<PatternsAnswer> => {
    const caller = callerOf(reading, request, reply);
    const asked = checked(patternsQuery, request.query);
    const nowMs = Date.now();
    const range = rangeOf(asked, nowMs);
    const query = plainSearch(asked.q);
    const steps = await stepsFor(caller, { query, range, nowMs });
    const hasBefore = range.from !== undefined;
    const rows = await caller.rows(
      compileMessages({
        ...analysisOf(caller, nowMs),
        slice: { query, from: hasBefore ? beforeOf(steps) : undefined, to: range.to },
        trendFromNs: steps.fromNs,
        stepNs: steps.stepNs,
        splitNs: hasBefore ? steps.fromNs : undefined,
        rows: ROUGH_ROWS_MAX,
        textChars: ROUGH_CHARS_MAX,
      }),
    );
    const roughs = rows.map(roughOf);
    const records = roughs.reduce((sum, { count }) => sum + count, 0);
    const patterns = mineTemplates(roughs, ({ text }) => text)
      .map((template) => patternOf(template, { records, steps, hasBefore }))
      .filter(({ count }) => count > 0)
      .toSorted((left, right) => right.count - left.count || (left.template < right.template ? -1 : 1));
    return {
      patterns: patterns.slice(0, asked.limit),
      records,
      step_ms: Number(steps.stepNs) / 1e6,
      truncated: rows.length >= ROUGH_ROWS_MAX || patterns.length > asked.limit,
      ...caller.trust(range),
    };
  });
}

interface Extent {
  readonly query: Query;
  readonly range: Range;
  readonly nowMs: number;
}

/** Ends that were not asked for are those of the records. */
export async function stepsFor(caller: Caller, extent: Extent): Promise<Steps> {
  return stepsOf(extent.range, await extentOf(caller, extent), TREND_STEPS);
}

export async function extentOf(
  caller: Caller,
  { query, range, nowMs }: Extent,
): Promise<{ first: bigint; last: bigint }> {
  if (range.from !== undefined && range.to !== undefined) return { first: 0n, last: 0n };
  const slice = { query, ...range };
  const [row] = await caller.rows(compileExtent({ ...analysisOf(caller, nowMs), slice }));
  const [, first, last] = (row ?? []).map((value) => BigInt(String(value)));
  return { first: first ?? 0n, last: last ?? 0n };
}

/** As long a time before the range as the range is. */
function beforeOf({ fromNs, stepNs, count }: Steps): string {
  const ns = fromNs - stepNs * BigInt(count);
  return nsToTime(ns < 0n ? 0n : ns);
}

function roughOf(row: unknown[]): Rough {
  const [text, example, reference, count, before, first, last, levels, services, trend] = row;
  return {
    text: String(text),
    example: String(example),
    reference,
    count: Number(count),
    before: Number(before),
    first: recordTime(String(first)),
    last: recordTime(String(last)),
    levels,
    services: Array.isArray(services) ? services.map(String) : [],
    trend,
  };
}

interface Whole {
  readonly records: number;
  readonly steps: Steps;
  readonly hasBefore: boolean;
}

function patternOf({ template, members }: Template<Rough>, { records, steps, hasBefore }: Whole): Pattern {
  const now = members.filter(({ count }) => count > 0);
  const sum = (pick: (member: Rough) => number): number =>
    members.reduce((total, each) => total + pick(each), 0);
  const count = sum((each) => each.count);
  const before = sum((each) => each.before);
  const levels = new Map<string, number>();
  for (const [level, found] of now.flatMap((each) => pairsOf(each.levels))) {
    levels.set(level, (levels.get(level) ?? 0) + found);
  }
  const trends = now.map((each) => trendOf(each.trend, steps.count));
  return {
    template,
    count,
    share: records === 0 ? 0 : count / records,
    first: now.map((each) => each.first).toSorted()[0] ?? '',
    last:
      now
        .map((each) => each.last)
        .toSorted()
        .at(-1) ?? '',
    levels: Object.fromEntries(levels),
    services: [...new Set(now.flatMap(({ services }) => services))].filter(Boolean).toSorted(),
    trend: Array.from({ length: steps.count }, (_unused, index) =>
      trends.reduce((total, trend) => total + (trend[index] ?? 0), 0),
    ),
    is_new: hasBefore ? before === 0 : null,
    before: hasBefore ? before : null,
    example: now[0]?.example ?? '',
    example_record: referenceOf(now[0]?.reference),
    search: searchOfTemplate(template),
  };
}
