/**
 * `| stats … by … | sort … | fields … | limit …` → one statement. Groups are formed by the raw column wherever it
 * can be, and dressed for reading afterwards, once per group. Percentiles and `count_distinct` are estimates on
 * large groups (docs/reference/search.md says how good).
 */
import { timeToNs } from '@sillok/record';
import { SHORT_KEY_NS_MIN, STATS_ROWS_DEFAULT, STATS_ROWS_MAX } from '../limits.js';
import type { Aggregate, Dimension, Query, SortKey, Stage } from '../plan.js';
import type { KeyProbe } from './condition.js';
import type { ParameterList } from './parameters.js';
import { quoteIdentifier } from './quote.js';
import { openScope, whereSql, type Scope, type Statement } from './scope.js';
import { existsFlagSql, groupSql, numberValueSql, textSql, timeText } from './value-sql.js';

export interface StatsOptions extends Scope {
  /** Bins of days and hours begin by the clock of this zone: minutes east of UTC. */
  readonly zoneOffsetMinutes?: number;
  readonly limit?: number;
}

type Stats = Extract<Stage, { type: 'stats' }>;

export function statsStage(query: Query): Stats | undefined {
  return query.stages.find((stage) => stage.type === 'stats');
}

/** The statement for a query with a `stats` stage, `undefined` for one without. */
export function compileStats(query: Query, options: StatsOptions): Statement | undefined {
  const stats = statsStage(query);
  if (!stats) return undefined;
  const scope = openScope(query, options);
  const { parameters, isAnywhere } = scope;
  const context: StatsContext = { options, parameters, stats, isAnywhere };
  const prefix = freePrefix([...stats.dimensions, ...stats.aggregates].map((column) => column.name));
  const dimensions = stats.dimensions.map((dimension, index) =>
    dimensionSql(dimension, `${prefix}g${index}`, context),
  );
  const aggregates = stats.aggregates.map((aggregate, index): ColumnSql => {
    const alias = `${prefix}a${index}`;
    const merge = MERGES.get(aggregate.function) ?? '';
    return { key: aggregateSql(aggregate, context), alias, shown: alias, name: aggregate.name, merge };
  });
  const columns = [...dimensions, ...aggregates];
  const source = `${scope.table} ${whereSql(scope)}`;
  const grouped = isMergeable(stats) ? inTwoSteps(columns, source) : inOneStep(columns, source);
  const shown = columns.map((column) => `${column.shown} AS ${quoteIdentifier(column.name)}`).join(', ');
  const dressed = `SELECT ${shown} FROM (${grouped})`;
  const later = query.stages.slice(query.stages.indexOf(stats) + 1);
  const shaped = shape({ dressed, stats, later, limit: options.limit ?? STATS_ROWS_DEFAULT });
  return { ...shaped, params: scope.parameters.values() };
}

/** How the results of groups become the result of all of them; other functions need every record at once. */
const MERGES: ReadonlyMap<Aggregate['function'], string> = new Map([
  ['count', 'sum'],
  ['sum', 'sum'],
  ['min', 'min'],
  ['max', 'max'],
]);

function isMergeable({ aggregates }: Stats): boolean {
  return aggregates.every((aggregate) => MERGES.has(aggregate.function));
}

function groupBy(columns: readonly ColumnSql[]): string {
  const dimensions = columns.filter(({ merge }) => merge === undefined);
  return dimensions.length === 0 ? '' : ` GROUP BY ${dimensions.map(({ alias }) => alias).join(', ')}`;
}

function inOneStep(columns: readonly ColumnSql[], source: string): string {
  const list = columns.map(
    ({ key, alias, value }) => `${value === undefined ? key : value(key)} AS ${alias}`,
  );
  return `SELECT ${list.join(', ')} FROM ${source}${groupBy(columns)}`;
}

/**
 * Groups by what is stored, and turns that into what is counted once per group: to look at each of ten million values whether
 * it is a text as JSON took a quarter of the time. The number 7 and the text "7" are one value, so groups are merged.
 */
function inTwoSteps(columns: readonly ColumnSql[], source: string): string {
  const list = columns.map(({ key, alias }) => `${key} AS ${alias}`).join(', ');
  const stored = `SELECT ${list} FROM ${source}${groupBy(columns)}`;
  if (columns.every(({ value }) => value === undefined)) return stored;
  const merged = columns.map(({ alias, value, merge }) => {
    if (merge !== undefined) return `${merge}(${alias}) AS ${alias}m`;
    return `${value === undefined ? alias : value(alias)} AS ${alias}m`;
  });
  const keys = columns.filter(({ merge }) => merge === undefined).map(({ alias }) => `${alias}m`);
  const renamed = columns.map(({ alias }) => `${alias}m AS ${alias}`).join(', ');
  return `SELECT ${renamed} FROM (SELECT ${merged.join(', ')} FROM (${stored}) GROUP BY ${keys.join(', ')})`;
}

/** Columns inside have names that no column of the answer has: an alias would hide a column of the same name. */
function freePrefix(names: readonly string[]): string {
  let prefix = '_';
  while (names.some((name) => name.startsWith(prefix))) prefix += '_';
  return prefix;
}

interface StatsContext {
  readonly options: StatsOptions;
  readonly parameters: ParameterList;
  readonly stats: Stats;
  readonly isAnywhere: KeyProbe;
}

/** One column: how it is counted or grouped, and how it is shown. */
interface ColumnSql {
  readonly key: string;
  readonly alias: string;
  readonly shown: string;
  readonly name: string;
  /** Of an aggregate; empty where results cannot be merged. */
  readonly merge?: string;
  /** Of a dimension whose key is not its value yet. */
  readonly value?: (key: string) => string;
}

function dimensionSql(dimension: Dimension, alias: string, context: StatsContext): ColumnSql {
  const { name } = dimension;
  if (dimension.type === 'field') {
    const { key, shown, value } = groupSql(dimension.field.source, context.parameters, context.isAnywhere);
    return { key, alias, shown: shown(alias), name, ...(value !== undefined && { value }) };
  }
  const bin = binSql(
    dimension.widthNs,
    binOffsetNs(dimension.widthNs, context.options.zoneOffsetMinutes ?? 0),
  );
  return { key: bin.key, alias, shown: timeText(bin.start(alias)), name };
}

const WEEK_NS = 604_800_000_000_000n;
const MINUTE_NS = 60_000_000_000n;
/** The epoch was a Thursday, weeks begin on Monday. */
const EPOCH_FROM_MONDAY_NS = 259_200_000_000_000n;

/** What is added to a time so that bins begin at multiples of their width; less than the width. */
export function binOffsetNs(widthNs: bigint, zoneOffsetMinutes: number): bigint {
  const zone = BigInt(Math.trunc(zoneOffsetMinutes)) * MINUTE_NS;
  const offset = zone + (widthNs % WEEK_NS === 0n ? EPOCH_FROM_MONDAY_NS : 0n);
  return ((offset % widthNs) + widthNs) % widthNs;
}

export interface BinSql {
  /** Number of the bin of a record. */
  readonly key: string;
  /** The moment where the bin with this number begins. */
  readonly start: (key: string) => string;
}

/** Widths and offsets are numbers of our own, not of the reader's text. Short keys group 2.4 times as fast. */
export function binSql(widthNs: bigint, offsetNs: bigint): BinSql {
  const shifted =
    offsetNs === 0n ? 'toUnixTimestamp64Nano(time)' : `(toUnixTimestamp64Nano(time) + ${offsetNs})`;
  const key = `intDiv(${shifted}, ${widthNs})`;
  return {
    key: widthNs >= SHORT_KEY_NS_MIN ? `toUInt32(${key})` : key,
    start: (number) =>
      `fromUnixTimestamp64Nano(toInt64(toInt64(${number}) * ${widthNs} - ${offsetNs}), 'UTC')`,
  };
}

function aggregateSql(aggregate: Aggregate, context: StatsContext): string {
  const { field } = aggregate;
  const { parameters } = context;
  if (aggregate.function === 'rate') return rateSql(context);
  if (!field) return 'count()';
  if (aggregate.function === 'count') return `countIf(${existsFlagSql(field.source, parameters)})`;
  if (aggregate.function === 'count_distinct') return distinctSql(field.source, parameters);
  if (field.source.kind === 'time') return timeText(`${aggregate.function}(${field.source.column})`);
  const value = numberValueSql(field.source, parameters, context.isAnywhere);
  switch (aggregate.function) {
    case 'p50':
    case 'p90':
    case 'p95':
    case 'p99':
      return `quantile(0.${aggregate.function.slice(1)})(${value})`;
    default:
      return `${aggregate.function}(${value})`;
  }
}

function distinctSql(source: Parameters<typeof textSql>[0], parameters: ParameterList): string {
  if (source.kind === 'text') {
    const column = quoteIdentifier(source.column);
    return `uniqIf(${column}, ${column} != '')`;
  }
  if (source.kind === 'number') return `uniq(${numberValueSql(source, parameters)})`;
  return source.kind === 'time' ? `uniq(${source.column})` : `uniq(${textSql(source, parameters)})`;
}

/** Records per second: of the bin, else of the range asked for, else of the range found. */
function rateSql({ stats, options }: StatsContext): string {
  const bin = stats.dimensions.find((dimension) => dimension.type === 'bin');
  if (bin?.type === 'bin') return `count() / ${Number(bin.widthNs) / 1e9}`;
  if (options.from !== undefined && options.to !== undefined) {
    const ns = timeToNs(options.to) - timeToNs(options.from);
    return ns > 0n ? `count() / ${Number(ns) / 1e9}` : 'toFloat64(count())';
  }
  const span = 'toUnixTimestamp64Nano(max(time)) - toUnixTimestamp64Nano(min(time))';
  return `count() / greatest((${span}) / 1e9, 1)`;
}

interface Unshaped {
  readonly dressed: string;
  readonly stats: Stats;
  /** The stages after it. */
  readonly later: readonly Stage[];
  readonly limit: number;
}

/** Applies the stages after `stats` in their order. */
function shape({ dressed, stats, later, limit }: Unshaped): Pick<Statement, 'sql' | 'columns'> {
  const all = [...stats.dimensions, ...stats.aggregates].map((column) => column.name);
  let sql = dressed;
  let columns: readonly string[] = all;
  let keys = defaultOrder(stats);
  for (const stage of later) {
    if (stage.type === 'sort') keys = stage.keys;
    if (stage.type === 'fields') columns = stage.fields.map((field) => field.name);
    if (stage.type === 'limit') sql = `SELECT * FROM (${sql}) ${orderSql(keys, all)} LIMIT ${stage.rows}`;
  }
  const rows = Math.min(Math.max(0, Math.trunc(limit)), STATS_ROWS_MAX);
  const list = columns.map(quoteIdentifier).join(', ');
  return { sql: `SELECT ${list} FROM (${sql}) ${orderSql(keys, all)} LIMIT ${rows}`, columns };
}

/** Over time: in order of time. Otherwise: the largest first. */
function defaultOrder(stats: Stats): readonly SortKey[] {
  const bin = stats.dimensions.find((dimension) => dimension.type === 'bin');
  if (bin) return [{ name: bin.name, descending: false }];
  const [first] = stats.aggregates;
  return first ? [{ name: first.name, descending: true }] : [];
}

/** All other columns follow, so that the order is the same every time. */
function orderSql(keys: readonly SortKey[], all: readonly string[]): string {
  const rest = all.filter((name) => !keys.some((key) => key.name === name));
  const terms = [
    ...keys.map((key) => `${quoteIdentifier(key.name)} ${key.descending ? 'DESC' : 'ASC'} NULLS LAST`),
    ...rest.map((name) => `${quoteIdentifier(name)} ASC NULLS LAST`),
  ];
  return `ORDER BY ${terms.join(', ')}`;
}
