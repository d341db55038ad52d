/**
 * The plan: what a search text means, as a tree of about a dozen conditions. Each condition is total (it answers
 * true or false for every record, never "unknown") and has one form in JavaScript (`match.ts`) and one in
 * SQL (`sql/condition.ts`). A plan is data: it can be kept, compared and sent.
 */
import type { Glob } from './glob.js';
import type { TextPattern } from './text.js';

/** Where the value of a field is. */
export type Source =
  /** Column of strings; the empty string is an absent value. */
  | { readonly kind: 'text'; readonly column: string }
  /** Column of numbers. `zero`: 0 is absent; `null`: NULL is absent; `never`: always there. */
  | { readonly kind: 'number'; readonly column: string; readonly absent: 'zero' | 'null' | 'never' }
  | { readonly kind: 'time'; readonly column: 'time' | 'observed_time' }
  /** Flattened attribute: any of these paths (a dotted name also stands for one key with dots in it). */
  | { readonly kind: 'attribute'; readonly paths: readonly string[] }
  /** Key of the resource. */
  | { readonly kind: 'resource'; readonly key: string };

export interface Field {
  /** As the reader writes it. */
  readonly name: string;
  readonly source: Source;
  /** Sentences rather than keywords: `field:word` finds words inside. */
  readonly prose: boolean;
}

export type Operator = '>' | '>=' | '<' | '<=';

/** A moment that is fixed, or that is counted back from the moment of asking. */
export type Moment = { readonly ns: bigint } | { readonly agoNs: bigint };

export type Condition =
  /** The text of a field of prose. */
  | { readonly type: 'words'; readonly column: string; readonly pattern: TextPattern }
  /** Any attribute, id or other short text as a whole. */
  | { readonly type: 'whole'; readonly text: string }
  | { readonly type: 'exists'; readonly source: Source }
  | { readonly type: 'equals'; readonly source: Source; readonly text: string }
  | { readonly type: 'oneOf'; readonly column: string; readonly texts: readonly string[] }
  | { readonly type: 'like'; readonly source: Source; readonly glob: Glob }
  | { readonly type: 'number'; readonly source: Source; readonly operator: Operator; readonly value: number }
  | { readonly type: 'text'; readonly source: Source; readonly operator: Operator; readonly value: string }
  | {
      readonly type: 'time';
      readonly column: 'time' | 'observed_time';
      readonly operator: Operator;
      readonly moment: Moment;
    };

/** `and` of nothing is true, `or` of nothing is false. */
export type Filter =
  | Condition
  | { readonly type: 'and'; readonly items: readonly Filter[] }
  | { readonly type: 'or'; readonly items: readonly Filter[] }
  | { readonly type: 'not'; readonly item: Filter };

export const EVERYTHING: Filter = { type: 'and', items: [] };
export const NOTHING: Filter = { type: 'or', items: [] };

export const AGGREGATES = [
  'count',
  'count_distinct',
  'sum',
  'avg',
  'min',
  'max',
  'p50',
  'p90',
  'p95',
  'p99',
  'rate',
] as const;
export type AggregateName = (typeof AGGREGATES)[number];

export interface Aggregate {
  readonly function: AggregateName;
  readonly field?: Field;
  /** Name of its column in the answer: `count()`, `p95(duration_ms)` or what stands after `as`. */
  readonly name: string;
}

export type Dimension =
  | { readonly type: 'field'; readonly field: Field; readonly name: string }
  | { readonly type: 'bin'; readonly widthNs: bigint; readonly name: string };

export interface SortKey {
  readonly name: string;
  readonly descending: boolean;
}

export type Stage =
  | {
      readonly type: 'stats';
      readonly aggregates: readonly Aggregate[];
      readonly dimensions: readonly Dimension[];
    }
  | { readonly type: 'sort'; readonly keys: readonly SortKey[] }
  | { readonly type: 'fields'; readonly fields: readonly Field[] }
  | { readonly type: 'limit'; readonly rows: number };

/** A use of a field, with its place in the text, for hints. */
export interface FieldUse {
  readonly field: Field;
  readonly from: number;
  readonly to: number;
}

/** A parsed search. */
export interface Query {
  readonly text: string;
  readonly filter: Filter;
  readonly stages: readonly Stage[];
  readonly fields: readonly FieldUse[];
}
