/**
 * "Why different?": one statement that counts, for every value of every field, how many of the slice and of the base have
 * it. Each side is sampled by the hash of a record's identity, so that neither is cut by time; the totals come with the
 * same rows, under the empty name.
 */
import { KNOWN_ATTRIBUTES, KNOWN_RESOURCE } from '@sillok/record';
import type { Query } from '../plan.js';
import { quoteIdentifier } from '../sql/quote.js';
import type { Statement } from '../sql/scope.js';
import { openDraft, rangeSql, searchSql, sliceSql, type Analysis, type Draft, type Slice } from './slices.js';

export interface WhyOptions extends Analysis {
  readonly slice: Slice;
  readonly base: Slice;
  /** Left out on both sides. */
  readonly except?: Query | undefined;
  readonly unit: 'record' | 'trace';
  /** Units compared on each side, about. */
  readonly units: number;
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

/** Rows are `field`, `value`, `slice`, `base`, most frequent in the slice first; the empty field has the totals. */
export function compileWhy(options: WhyOptions): Statement {
  const draft = openDraft(options);
  const { parameters } = draft;
  const slice = sliceSql(options.slice, draft);
  const base = `(NOT ${slice} AND ${sliceSql(options.base, draft)})`;
  const ends = `(${rangeSql(options.slice, draft)} OR ${rangeSql(options.base, draft)})`;
  const conditions = [draft.own, ends, `(${slice} OR ${base})`];
  if (options.except !== undefined) conditions.push(`NOT ${searchSql(options.except.filter, draft)}`);
  const isTrace = options.unit === 'trace';
  if (isTrace) conditions.push(`trace_id != ''`);
  const where = `WHERE ${conditions.join(' AND ')}`;
  const unit = isTrace ? 'cityHash64(trace_id)' : 'cityHash64(producer, boot, seq)';
  const totals = `SELECT tuple(countIf(${slice}), countIf(${base})) FROM ${draft.table} ${where}`;
  const every = (side: 1 | 2): string =>
    `greatest(1, intDiv(totals.${side}, ${parameters.add('UInt64', String(options.units))}))`;
  const drawn = `(${unit} % if(${slice}, ${every(1)}, ${every(2)}) = 0)`;
  const from = isTrace
    ? traceUnits(draft, options, { where, slice, drawn })
    : `SELECT ${slice} AS s, ${pairsSql(draft, options)} AS pairs FROM ${draft.table} ${where} AND ${drawn}`;
  const sql =
    `WITH (${totals}) AS totals SELECT pair.1 AS field, pair.2 AS value, countIf(s) AS a, countIf(NOT s) AS b, ` +
    `toUInt64(totals.1) AS all_slice, toUInt64(totals.2) AS all_base ` +
    `FROM (SELECT s, arrayJoin(arrayConcat([('', '')], pairs)) AS pair FROM (${from})) ` +
    `GROUP BY field, value HAVING a > 1 OR field = '' ORDER BY field != '', a DESC LIMIT ${options.rows}`;
  return {
    sql,
    params: parameters.values(),
    columns: ['field', 'value', 'a', 'b', 'all_slice', 'all_base'],
  };
}

interface Parts {
  readonly where: string;
  readonly slice: string;
  readonly drawn: string;
}

/** All values of all records of a trace, each once. */
function traceUnits(draft: Draft, options: WhyOptions, { where, slice, drawn }: Parts): string {
  const ids = `SELECT trace_id FROM ${draft.table} ${where} AND ${drawn}`;
  const ends = `(${rangeSql(options.slice, draft)} OR ${rangeSql(options.base, draft)})`;
  return (
    `SELECT max(${slice}) AS s, groupUniqArrayArray(${pairsSql(draft, options)}) AS pairs FROM ${draft.table} ` +
    `WHERE ${draft.own} AND ${ends} AND trace_id IN (${ids}) GROUP BY trace_id`
  );
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
