/**
 * Messages and errors, grouped in the engine by a rough form of their text (numbers and ids put out), so that a million
 * lines come back as some thousand; the finer grouping is done on those.
 */
import type { Statement } from '../sql/scope.js';
import {
  FAILED,
  openDraft,
  PERSON,
  REFERENCE,
  searchSql,
  TIME_NS,
  whereSlice,
  type Analysis,
  type Slice,
} from './slices.js';

export interface MessagesOptions extends Analysis {
  readonly slice: Slice;
  /** Where the trend begins, and how wide its steps are. */
  readonly trendFromNs: bigint;
  readonly stepNs: bigint;
  readonly rows: number;
  readonly textChars: number;
}

export interface ErrorsOptions extends MessagesOptions {
  readonly stackLines: number;
  readonly stackChars: number;
}

/** Hexadecimal ids, UUIDs and numbers. One pass of RE2 over the beginning of the text. */
function roughSql(text: string, chars: number): string {
  const ids = String.raw`[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}|0x[0-9a-fA-F]+|[0-9a-fA-F]{12,}|[0-9]+`;
  return `replaceRegexpAll(substringUTF8(${text}, 1, ${chars}), '${ids}', '0')`;
}

function trendSql({ trendFromNs, stepNs }: MessagesOptions): string {
  return `sumMap([intDiv(${TIME_NS} - ${trendFromNs}, ${stepNs})], [toUInt64(1)])`;
}

export interface PatternsOptions extends MessagesOptions {
  /** Records before it are of the time to compare with; they are counted apart. */
  readonly splitNs?: bigint | undefined;
}

/** Rows: rough text, example, reference, count, count before, first, last, levels, services, trend. */
export function compileMessages(options: PatternsOptions): Statement {
  const draft = openDraft(options);
  const isNow = options.splitNs === undefined ? '1' : `${TIME_NS} >= ${options.splitNs}`;
  const sql =
    `SELECT ${roughSql('message', options.textChars)} AS rough, ` +
    `anyIf(substringUTF8(message, 1, ${options.textChars}), now), anyIf(${REFERENCE}, now), ` +
    'countIf(now) AS found, countIf(NOT now) AS earlier, toString(minIf(time, now)), toString(maxIf(time, now)), ' +
    'sumMapIf([toString(level)], [toUInt64(1)], now), groupUniqArrayIf(5)(toString(`service.name`), now), ' +
    `sumMapIf([intDiv(${TIME_NS} - ${options.trendFromNs}, ${options.stepNs})], [toUInt64(1)], now) ` +
    `FROM (SELECT *, ${isNow} AS now FROM ${draft.table} ${whereSlice(options.slice, draft)}) ` +
    `GROUP BY rough ORDER BY found DESC, rough LIMIT ${options.rows}`;
  return { sql, params: draft.parameters.values(), columns: [] };
}

/**
 * Errors and everything with an exception. Spans only with one, because their error is told by what failed in them, and
 * edges never, because the service behind them tells it.
 */
const ERRORS =
  `(\`exception.type\` != '' OR ` +
  `(${FAILED} AND kind != 'span' AND NOT has(mapKeys(attributes), 'edge.kind')))`;

/** Different ones, exactly, and the smallest of their hashes: with those the counts of several rows can be united. */
export const DISTINCT_HASHES = 256;
/** Few enough that a hash is a safe integer of JavaScript. */
export const DISTINCT_HASH_BITS = 52;

function distinctSql(value: string): string {
  const hash = `bitShiftRight(cityHash64(${value}), ${64 - DISTINCT_HASH_BITS})`;
  const least = `arraySlice(arraySort(groupUniqArrayIf(${hash}, ${value} != '')), 1, ${DISTINCT_HASHES})`;
  return `uniqExactIf(${value}, ${value} != ''), ${least}`;
}

/**
 * Rows: service, type, rough stack, rough message, message, stack, reference, trace id, count, then people, customers and
 * sessions with their smallest hashes each, first, last, versions with counts, versions with first times, routes, trend.
 */
export function compileErrors(options: ErrorsOptions): Statement {
  const draft = openDraft(options);
  const { textChars, stackLines, stackChars } = options;
  const stack = '`exception.stacktrace`';
  const lines = `arrayStringConcat(arraySlice(splitByChar('\\n', ${stack}), 1, ${stackLines}), '\\n')`;
  const type = `if(\`exception.type\` != '', \`exception.type\`, \`error.type\`)`;
  const customer = `attributes['customer.id']`;
  const said = `if(\`exception.message\` != '' AND kind = 'access', \`exception.message\`, message)`;
  const sql =
    `SELECT toString(\`service.name\`) AS service, toString(${type}) AS type, ` +
    `${roughSql(lines, stackChars)} AS rough_stack, ` +
    `if(${stack} = '', ${roughSql('message', textChars)}, '') AS rough, ` +
    `argMax(substringUTF8(${said}, 1, ${textChars}), time), argMax(substringUTF8(${lines}, 1, ${stackChars}), time), ` +
    `argMax(${REFERENCE}, time), argMax(trace_id, time), count() AS found, ` +
    `${distinctSql(PERSON)}, ${distinctSql(customer)}, ${distinctSql('session_hash')}, ` +
    'toString(min(time)), toString(max(time)) AS last, ' +
    'sumMap([toString(`service.version`)], [toUInt64(1)]), ' +
    `minMap([toString(\`service.version\`)], [${TIME_NS}]), ` +
    `groupUniqArrayIf(5)(toString(\`http.route\`), \`http.route\` != ''), ${trendSql(options)} ` +
    `FROM ${draft.table} ${whereSlice(options.slice, draft, [ERRORS])} ` +
    `GROUP BY service, type, rough_stack, rough ORDER BY found DESC, last DESC LIMIT ${options.rows}`;
  return { sql, params: draft.parameters.values(), columns: [] };
}

/** First and last time of a slice: what a range that was not given is. */
export function compileExtent(options: Analysis & { readonly slice: Slice }): Statement {
  const draft = openDraft(options);
  const sql =
    `SELECT count(), toInt64(min(${TIME_NS})), toInt64(max(${TIME_NS})) FROM ${draft.table} ` +
    whereSlice(options.slice, draft, [searchSql(undefined, draft)]);
  return { sql, params: draft.parameters.values(), columns: ['count', 'first', 'last'] };
}
