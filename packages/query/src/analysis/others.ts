/** "Others too?": how many people, since which release, and how it went on. */
import type { Statement } from '../sql/scope.js';
import {
  openDraft,
  PERSON,
  REFERENCE,
  sliceSql,
  whereSlice,
  type Analysis,
  type Draft,
  type Slice,
} from './slices.js';

export interface OthersOptions extends Analysis {
  readonly slice: Slice;
  /** Width of a step of the trend. */
  readonly stepNs: bigint;
  readonly rows: number;
  /** Traces that are looked through for the person. */
  readonly traces: number;
  /** People that are named, so that several names of one person can be seen as one. */
  readonly people: number;
}

const CUSTOMER = `attributes['customer.id']`;

/** One row: records, first and last time. */
export function compileOthersTotal(options: OthersOptions): Statement {
  const draft = openDraft(options);
  const sql =
    `SELECT count(), toString(min(time)), toString(max(time)) FROM ${draft.table} ` +
    whereSlice(options.slice, draft);
  return { sql, params: draft.parameters.values(), columns: ['records', 'first', 'last'] };
}

/**
 * One row: people, sessions, customers; then who the people are, as far as there is room: accounts, and sessions in which
 * nobody was signed in. The record that failed is often one of an inner service that does not know who asked, so all records
 * of its trace are asked too. A trace is of whoever was signed in: its records from before the sign-in, which only know the
 * session, are of the same person, and so is another trace of that session.
 */
export function compileOthersPeople(options: OthersOptions): Statement {
  const draft = openDraft(options);
  const matching = sliceSql(options.slice, draft);
  const user = `toString(user_hash), user_hash != ''`;
  const traces =
    `SELECT groupUniqArrayIf(${user} AND ${matching}) AS failed, groupUniqArrayIf(${user}) AS around, ` +
    `groupUniqArrayIf(toString(session_hash), session_hash != '') AS sessions, ` +
    `groupUniqArrayIf(${CUSTOMER}, ${CUSTOMER} != '') AS customers, ` +
    'if(notEmpty(failed), failed, around) AS users ' +
    `FROM ${draft.table} ${aroundSql(options, draft)} ` +
    `GROUP BY if(trace_id != '', toString(trace_id), toString(${REFERENCE}))`;
  const sql =
    'WITH groupUniqArrayArray(users) AS accounts, ' +
    'groupUniqArrayArrayIf(sessions, empty(users)) AS visits, ' +
    'arrayIntersect(visits, groupUniqArrayArrayIf(sessions, notEmpty(users))) AS known ' +
    'SELECT length(accounts) + length(visits) - length(known), uniqExactArray(sessions), ' +
    'uniqExactArray(customers), ' +
    `${['accounts', 'visits', 'known'].map((name) => `arraySlice(${name}, 1, ${options.people})`).join(', ')} ` +
    `FROM (${traces})`;
  const columns = ['people', 'sessions', 'customers', 'accounts', 'visits', 'known'];
  return { sql, params: draft.parameters.values(), columns };
}

function aroundSql({ slice, traces }: OthersOptions, draft: Draft): string {
  const matching = whereSlice(slice, draft);
  const ids = `SELECT DISTINCT trace_id FROM ${draft.table} ${matching} AND trace_id != '' LIMIT ${traces}`;
  const range = whereSlice({ from: slice.from, to: slice.to }, draft);
  return `${range} AND (trace_id IN (${ids}) OR (trace_id = '' AND ${matching.slice('WHERE '.length)}))`;
}

/** Rows: service, version, count, first time; oldest first. */
export function compileOthersReleases(options: OthersOptions): Statement {
  const draft = openDraft(options);
  const sql =
    'SELECT `service.name`, `service.version`, count(), toString(min(time)) AS first ' +
    `FROM ${draft.table} ${whereSlice(options.slice, draft)} ` +
    'GROUP BY `service.name`, `service.version` ORDER BY first LIMIT ' +
    String(options.rows);
  return { sql, params: draft.parameters.values(), columns: ['service', 'version', 'count', 'first'] };
}

/** Rows: version, first time, for all records of some services in the range: which releases there were before. */
export function compileReleases(
  options: OthersOptions & { readonly services: readonly string[] },
): Statement {
  const draft = openDraft(options);
  const names = options.services.map((name) => draft.parameters.add('String', name)).join(', ');
  const { from, to } = options.slice;
  const own = [`\`service.name\` IN (${names})`, "`service.version` != ''"];
  const sql =
    'SELECT `service.name`, `service.version`, toString(min(time)) AS first ' +
    `FROM ${draft.table} ${whereSlice({ from, to }, draft, own)} ` +
    'GROUP BY `service.name`, `service.version` ORDER BY first LIMIT ' +
    String(options.rows);
  return { sql, params: draft.parameters.values(), columns: ['service', 'version', 'first'] };
}

/** Rows: number of the step, count, people. */
export function compileOthersTrend(options: OthersOptions): Statement {
  const draft = openDraft(options);
  const step = `intDiv(toUnixTimestamp64Nano(time), ${options.stepNs})`;
  const sql =
    `SELECT ${step} AS step, count(), uniqExactIf(${PERSON}, ${PERSON} != '') FROM ${draft.table} ` +
    `${whereSlice(options.slice, draft)} GROUP BY step ORDER BY step LIMIT ${options.rows}`;
  return { sql, params: draft.parameters.values(), columns: ['step', 'count', 'people'] };
}
