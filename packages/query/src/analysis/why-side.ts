/**
 * One side of "why different?": how many records it has, of which kinds, when, and, of the slice, what all of them share. It is asked
 * before anything is compared, for it decides what is comparable with the slice and which part of a large side is looked at. One
 * pass over the columns that the condition needs.
 */
import { quoteIdentifier } from '../sql/quote.js';
import type { Query } from '../plan.js';
import type { Statement } from '../sql/scope.js';
import {
  FAILED,
  openDraft,
  rangeSql,
  searchSql,
  sliceSql,
  TIME_NS,
  type Analysis,
  type Draft,
  type Slice,
} from './slices.js';

export type WhyUnit = 'record' | 'trace';

export interface WhySides extends Analysis {
  readonly slice: Slice;
  readonly base: Slice;
  /** Left out on both sides. */
  readonly except?: Query | undefined;
  readonly unit: WhyUnit;
}

export interface WhySideOptions extends WhySides {
  readonly side: 'slice' | 'base';
  /** Records are counted by so much time. */
  readonly binNs: bigint;
  readonly rows: number;
}

/** What records must share to be comparable, from the most general to the most special. */
export const SHARED_FIELDS = ['service.name', 'http.route', 'http.request.method'] as const;

/**
 * Rows are bins of time by kind, in order of time. Of the base only they are asked for: it may be the whole table, and a column more of
 * it is what this costs. By trace, too, it is counted with the records that have none.
 */
export function compileWhySide(options: WhySideOptions): Statement {
  const draft = openDraft(options);
  const conditions = sideConditions({ ...options, unit: 'record' }, options.side, draft);
  const shared = options.side === 'slice' ? SHARED_FIELDS : [];
  const onlySlice = [
    ['all', `(SELECT count() FROM ${draft.table} WHERE ${draft.own} AND ${rangeSql(options.slice, draft)})`],
    ['traced', `countIf(trace_id != '')`],
    ['failed', `countIf(${FAILED})`],
  ];
  const columns = [
    ['bin', `toString(${binSql(options.binNs)})`],
    ['of_kind', 'toString(kind)'],
    ['n', 'count()'],
    ['first', `toString(min(${TIME_NS}))`],
    ['last', `toString(max(${TIME_NS}))`],
    ...(options.side === 'slice' ? onlySlice : []),
    ...shared.map((name, index) => [
      `shared_${index}`,
      `groupUniqArray(2)(toString(${quoteIdentifier(name)}))`,
    ]),
  ];
  return {
    sql:
      `SELECT ${columns.map(([name, expression]) => `${expression} AS ${name}`).join(', ')} FROM ${draft.table} ` +
      `WHERE ${conditions.join(' AND ')} GROUP BY bin, of_kind ORDER BY min(${TIME_NS}), of_kind LIMIT ${options.rows}`,
    params: draft.parameters.values(),
    columns: columns.map(([name = '']) => name),
  };
}

export function binSql(binNs: bigint): string {
  return `intDiv(${TIME_NS}, ${binNs})`;
}

/** What is true of the records of one side, to be joined by AND: project and range first, where the primary key is used. */
export function sideConditions(sides: WhySides, side: 'slice' | 'base', draft: Draft): string[] {
  const slice = sides[side];
  const conditions = [draft.own, rangeSql(slice, draft), searchSql(slice.query?.filter, draft)];
  if (side === 'base') conditions.push(`NOT ${sliceSql(sides.slice, draft)}`);
  if (sides.except !== undefined) conditions.push(`NOT ${searchSql(sides.except.filter, draft)}`);
  if (sides.unit === 'trace') conditions.push(`trace_id != ''`);
  return conditions;
}
