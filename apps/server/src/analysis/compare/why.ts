/**
 * `GET /api/why`: which values a slice has more often than others like it. First the slice is counted, which says what is comparable
 * with it; then the base, which says what must be looked at; then both are compared in one statement.
 */
import { ROUTES, whyQuery, type WhyAnswer } from '@sillok/api';
import { compileWhy, compileWhySide, type Query, type WhySides, type WhyUnit } from '@sillok/query';
import { timeToNs } from '@sillok/record';
import type { FastifyInstance } from 'fastify';
import { ReadError } from '../../read/errors.js';
import { checked, hasPipes, rangeOf, searchOf, type Range, type Reading } from '../../read/reading.js';
import { analysisOf, callerOf, type Caller } from '../caller.js';
import {
  WHY_BASE_MIN,
  WHY_BIN_ROWS_MAX,
  WHY_BINS,
  WHY_RECORDS_MAX,
  WHY_ROWS_MAX,
  WHY_TRACE_RECORDS_MAX,
  WHY_TRACES_MAX,
  WHY_VALUE_CHARS_MAX,
} from '../limits.js';
import { comparableBases, EVERYTHING_ELSE, unitOf, type Base } from './comparable.js';
import { drawingOf, kindShares } from './draw.js';
import { extentOf } from './patterns.js';
import { rank, type Sides, type ValueCount } from './rank.js';
import { sideOf, type Side } from './side.js';

export function registerWhy(app: FastifyInstance, reading: Reading): void {
  app.get(ROUTES.why, async (request, reply): Promise<WhyAnswer> => {
    const caller = callerOf(reading, request, reply);
    const asked = checked(whyQuery, request.query);
    const nowMs = Date.now();
    const range = rangeOf(asked, nowMs);
    const query = plainSearch(asked.q);
    const baseRange = {
      ...range,
      ...rangeOf({ from: asked.base_from ?? asked.from, to: asked.base_to ?? asked.to }, nowMs),
    };
    const sides: Omit<WhySides, 'unit' | 'base'> = {
      ...analysisOf(caller, nowMs),
      slice: { query, ...range },
      except: asked.except === '' ? undefined : plainSearch(asked.except),
    };
    const comparison: Comparison = { caller, sides, binNs: await binOf(caller, range, nowMs), baseRange };
    const slice = await countSide(comparison, asked.unit ?? 'record');
    const unit = asked.unit ?? unitOf(slice);
    const bases =
      asked.base_q === '' ? comparableBases(slice, unit) : [{ q: asked.base_q, comparable: null }];
    const { base, compared } = await compareWithFirst(comparison, { slice, unit, bases });
    const found = rank(compared.counts, compared, fieldsOf(query));
    return {
      slice: compared.slice,
      base: compared.base,
      unit,
      base_q: base.q,
      comparable: base.comparable,
      conditions: found.conditions.slice(0, asked.limit),
      consequences: found.consequences.slice(0, asked.limit),
      sample: compared.share,
      ...caller.trust(range),
    };
  });
}

interface Comparison {
  readonly caller: Caller;
  readonly sides: Omit<WhySides, 'unit' | 'base'>;
  readonly binNs: bigint;
  readonly baseRange: Range;
}

interface Compared extends Sides {
  readonly counts: readonly ValueCount[];
  readonly share: number;
}

/** The first base that has something in it; the last one is taken as it is. */
async function compareWithFirst(
  comparison: Comparison,
  { slice, unit, bases }: { slice: Side; unit: WhyUnit; bases: readonly Base[] },
): Promise<{ base: Base; compared: Compared }> {
  const [base = EVERYTHING_ELSE, ...wider] = bases;
  const query = plainSearch(base.q);
  const counted = await countSide(comparison, unit, query);
  if (counted.count >= WHY_BASE_MIN || wider.length === 0) {
    const compared = await compare(comparison, { unit, query, slice, base: counted });
    if (compared.base >= WHY_BASE_MIN || wider.length === 0) return { base, compared };
  }
  return compareWithFirst(comparison, { slice, unit, bases: wider });
}

/** With the search of the base: the base. */
async function countSide(comparison: Comparison, unit: WhyUnit, base?: Query): Promise<Side> {
  const { caller, sides, binNs, baseRange } = comparison;
  const rows = await caller.rows(
    compileWhySide({
      ...sides,
      ...{ unit, binNs, side: base === undefined ? 'slice' : 'base', rows: WHY_BIN_ROWS_MAX },
      base: { query: base, ...baseRange },
    }),
  );
  return sideOf(rows);
}

interface Pair {
  readonly unit: WhyUnit;
  readonly query: Query;
  readonly slice: Side;
  readonly base: Side;
}

async function compare(comparison: Comparison, { unit, query, slice, base }: Pair): Promise<Compared> {
  const { caller, sides, binNs, baseRange } = comparison;
  const kinds = unit === 'record' ? kindShares(slice, base) : new Map<string, number>();
  const isTrace = unit === 'trace';
  const common = { unit, binNs, all: slice.all };
  const draws = {
    slice: drawingOf(slice, {
      ...common,
      kinds: new Map(),
      most: isTrace ? WHY_TRACES_MAX : WHY_RECORDS_MAX,
    }),
    base: drawingOf(base, { ...common, kinds, most: isTrace ? WHY_TRACE_RECORDS_MAX : WHY_RECORDS_MAX }),
  };
  const rows = await caller.rows(
    compileWhy({
      ...{ ...sides, unit, base: { query, ...baseRange } },
      draws: { slice: draws.slice.draw, base: draws.base.draw },
      rows: WHY_ROWS_MAX,
      valueChars: WHY_VALUE_CHARS_MAX,
    }),
  );
  const counts = rows.map(countOf);
  const totals = counts.find(({ field }) => field === '');
  return {
    slice: totals?.slice ?? 0,
    base: totals?.base ?? 0,
    counts: counts.filter(({ field }) => field !== ''),
    share: Math.min(draws.slice.share, draws.base.share),
  };
}

async function binOf(caller: Caller, range: Range, nowMs: number): Promise<bigint> {
  const { first, last } = await extentOf(caller, { query: plainSearch('*'), range, nowMs });
  const fromNs = range.from === undefined ? first : timeToNs(range.from);
  const toNs = range.to === undefined ? last : timeToNs(range.to);
  return (toNs > fromNs ? toNs - fromNs : 0n) / BigInt(WHY_BINS) + 1n;
}

export function plainSearch(text: string): Query {
  const query = searchOf(text);
  if (hasPipes(query))
    throw new ReadError('pipes_refused', 'What is compared are records, so the search has no pipes.');
  return query;
}

function countOf([field, value, slice, base]: unknown[]): ValueCount {
  return { field: String(field), value: String(value), slice: Number(slice), base: Number(base) };
}

/** What the slice was chosen by tells it apart by definition; and a route is a path. */
function fieldsOf(query: Query): ReadonlySet<string> {
  const names = query.fields.map(({ field }) => field.name);
  return new Set(names.includes('http.route') ? [...names, 'url.path'] : names);
}
