/**
 * "Why different?": one statement that counts, for every value of every field, how many of the slice and of the base have
 * it. Of a large side only a part is looked at: some spans of time, and in them a share by the hash of a record's identity, so that
 * every record has the same chance and most of the table is not read. The totals come with the same rows, under the empty name.
 */
import { KNOWN_ATTRIBUTES, KNOWN_RESOURCE } from '@sillok/record';
import { quoteIdentifier } from '../sql/quote.js';
import type { Statement } from '../sql/scope.js';
import { openDraft, rangeSql, searchSql, sliceSql, type Draft } from './slices.js';
import { binSql, sideConditions, type WhySides } from './why-side.js';

/** Which part of a side is compared. */
export interface Draw {
  readonly binNs: bigint;
  /** From, and up to but not including, in order. None: the whole range. */
  readonly spans: readonly (readonly [bigint, bigint])[];
  /** The share that is taken of each bin that is looked at. None: all. */
  readonly bins: readonly (readonly [bin: bigint, share: number])[];
  /** And of each kind, so that both sides have kinds in the same proportions. None: all. */
  readonly kinds: readonly (readonly [kind: string, share: number])[];
}

export interface WhyOptions extends WhySides {
  readonly draws: { readonly slice: Draw; readonly base: Draw };
  readonly rows: number;
  readonly valueChars: number;
}

/** Values of these differ from record to record, or are told apart by others. */
const LEFT_OUT: readonly string[] = [
  'duration_ms',
  'exception.stacktrace',
  'exception.message',
  'db.query.text',
  'user_agent.original',
];

/** What people browse with, where it matters that it is another: the whole text differs too much to be counted. */
const AGENTS =
  'KAKAOTALK|NAVER|Instagram|FBAN|Line|DaumApps|SamsungBrowser|Whale|Firefox|Edg|CriOS|Chrome|Safari|' +
  'iPhone|iPad|Android|Windows|Macintosh|Linux|curl|okhttp|python';

/** A share in millionths: what the remainder of a hash is held against. */
const WHOLE = 1_000_000;

/** Rows are `field`, `value`, `a`, `b`, most frequent in the slice first; the empty field has the totals. */
export function compileWhy(options: WhyOptions): Statement {
  const draft = openDraft(options);
  const pairs = pairsSql(draft, options);
  const sides = (['slice', 'base'] as const).map((side) =>
    options.unit === 'trace'
      ? traces(draft, options, { side, pairs })
      : records(draft, options, { side, pairs }),
  );
  const sql =
    `SELECT pair.1 AS field, pair.2 AS value, countIf(s) AS a, countIf(NOT s) AS b ` +
    `FROM (SELECT s, arrayJoin(arrayConcat([('', '')], pairs)) AS pair FROM (${sides.join(' UNION ALL ')})) ` +
    `GROUP BY field, value HAVING a > 1 OR field = '' ORDER BY field != '', a DESC LIMIT ${options.rows}`;
  return { sql, params: draft.parameters.values(), columns: ['field', 'value', 'a', 'b'] };
}

interface Part {
  readonly side: 'slice' | 'base';
  readonly pairs: string;
}

function records(draft: Draft, options: WhyOptions, { side, pairs }: Part): string {
  const drawn = drawnSql(draft, options.draws[side], 'cityHash64(producer, boot, seq)');
  const where = [...sideConditions(options, side, draft), ...drawn].join(' AND ');
  return `SELECT ${side === 'slice' ? 1 : 0} AS s, ${pairs} AS pairs FROM ${draft.table} WHERE ${where}`;
}

/**
 * All values of all records of a trace, each once. A trace belongs to the base when none of its records is of the slice, and to
 * neither when one of them is left out.
 */
function traces(draft: Draft, options: WhyOptions, { side, pairs }: Part): string {
  const draw = options.draws[side];
  const where = [...sideConditions(options, side, draft), ...drawnSql(draft, draw, 'cityHash64(trace_id)')];
  const ids = `SELECT trace_id FROM ${draft.table} WHERE ${where.join(' AND ')}`;
  const near = [draft.own, rangeSql(options[side], draft), ...spansSql(draw.spans), `trace_id IN (${ids})`];
  const having: string[] = [];
  if (side === 'base') having.push(`max(${sliceSql(options.slice, draft)}) = 0`);
  if (options.except !== undefined) having.push(`max(${searchSql(options.except.filter, draft)}) = 0`);
  return (
    `SELECT ${side === 'slice' ? 1 : 0} AS s, groupUniqArrayArray(${pairs}) AS pairs FROM ${draft.table} ` +
    `WHERE ${near.join(' AND ')} GROUP BY trace_id${having.length === 0 ? '' : ` HAVING ${having.join(' AND ')}`}`
  );
}

/** Numbers of our own, so they stand in the statement: a few hundred parameters would be longer than what they say. */
function drawnSql({ parameters }: Draft, { binNs, spans, bins, kinds }: Draw, unit: string): string[] {
  const shares: string[] = [];
  if (bins.length > 0) shares.push(transformSql(binSql(binNs), bins));
  const named = kinds.map(([kind, share]) => [parameters.add('String', kind), share] as const);
  if (kinds.length > 0) shares.push(transformSql('toString(kind)', named));
  const share = shares.length === 0 ? [] : [`${unit} % ${WHOLE} < ${shares.join(' * ')} * ${WHOLE}`];
  return [...spansSql(spans), ...share];
}

function transformSql(of: string, shares: readonly (readonly [bigint | string, number])[]): string {
  const keys = shares.map(([key]) => key).join(',');
  // With a dot: an array of whole numbers would be one of another type.
  const values = shares.map(([, share]) => share.toFixed(6)).join(',');
  return `transform(${of}, [${keys}], [${values}], 0.)`;
}

function spansSql(spans: Draw['spans']): string[] {
  if (spans.length === 0) return [];
  const moment = (ns: bigint): string => `fromUnixTimestamp64Nano(${ns}, 'UTC')`;
  // Only for the index, which then leaves out most of the table: looked at row by row a hundred comparisons cost more than reading.
  // What is near a span but not in it is in a bin of which nothing is taken.
  return [
    `indexHint(${spans.map(([from, to]) => `(time >= ${moment(from)} AND time < ${moment(to)})`).join(' OR ')})`,
  ];
}

function pairsSql({ parameters }: Draft, { valueChars }: WhyOptions): string {
  const columns = [
    ...['kind', 'level'].map((name) => [name, name] as const),
    ...KNOWN_RESOURCE.map((name) => [name, `toString(${quoteIdentifier(name)})`] as const),
    ...KNOWN_ATTRIBUTES.filter(({ name }) => !LEFT_OUT.includes(name)).map(
      ({ name, type }) =>
        [
          name,
          type === 'uint16'
            ? `if(${quoteIdentifier(name)} = 0, '', toString(${quoteIdentifier(name)}))`
            : `toString(${quoteIdentifier(name)})`,
        ] as const,
    ),
  ];
  const known = columns.map(([name, text]) => `(${parameters.add('String', name)}, toString(${text}))`);
  const fits = `p -> p.2 != '' AND length(p.2) <= ${valueChars}`;
  const attributes = 'arrayZip(arrayMap(k -> toString(k), mapKeys(attributes)), mapValues(attributes))';
  const own = parameters.add('Array(String)', KNOWN_RESOURCE);
  const resource =
    `arrayMap(p -> (concat('resource.', p.1), if(startsWith(p.2, '"'), substring(p.2, 2, length(p.2) - 2), p.2)), ` +
    `arrayFilter(p -> NOT has(${own}, p.1), JSONExtractKeysAndValuesRaw(resource)))`;
  const agents =
    `arrayMap(a -> ('user_agent.original', concat('*', a, '*')), ` +
    `arrayDistinct(extractAll(toString(\`user_agent.original\`), '${AGENTS}')))`;
  return `arrayFilter(${fits}, arrayConcat([${known.join(', ')}], ${attributes}, ${resource}, ${agents}))`;
}
