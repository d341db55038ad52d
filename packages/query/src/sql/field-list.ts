/**
 * Which fields the records of a search have, and which values a field has. Both look at the newest records of the
 * search only (`FIELD_SAMPLE_RECORDS`), so they answer at once on any amount of data; counts are of that sample.
 */
import { ENVELOPE_IDS, KNOWN_ATTRIBUTES, KNOWN_RESOURCE } from '@sillok/record';
import { BUILT_IN_FIELDS, fieldOf } from '../fields.js';
import { FIELD_LIST_MAX, FIELD_SAMPLE_RECORDS, FIELD_VALUES_MAX } from '../limits.js';
import type { Field, Query, Source } from '../plan.js';
import { quoteIdentifier } from './quote.js';
import { openScope, whereSql, type OpenScope, type Scope, type Statement } from './scope.js';
import { orderBy } from './search.js';
import { existsFlagSql, groupSql } from './value-sql.js';

/** Fields that every record has. */
const ALWAYS = ['time', 'observed_time', 'project', 'producer', 'boot', 'seq', 'kind', 'level', 'message'];
const SOMETIMES = [...ENVELOPE_IDS, ...KNOWN_RESOURCE, ...KNOWN_ATTRIBUTES.map((known) => known.name)];

/**
 * Rows are `name`, `count`, most frequent first. Names are as a search takes them: an attribute that is called like
 * a column has `attributes.` before it. The count of `time` is the size of the sample.
 */
export function compileFieldList(query: Query, options: Scope): Statement {
  const scope = openScope(query, options);
  const columns = [...SOMETIMES.map(quoteIdentifier), 'resource', 'attributes'].join(', ');
  const builtIn = scope.parameters.add('Array(String)', BUILT_IN_FIELDS);
  const known = scope.parameters.add('Array(String)', KNOWN_RESOURCE);
  const always = scope.parameters.add('Array(String)', ALWAYS);
  const flags = SOMETIMES.map((name) => {
    const { source } = fieldOf(name);
    return `if(${existsFlagSql(source, scope.parameters)}, ${scope.parameters.add('String', name)}, '')`;
  });
  // Attributes whose bare name would mean something else in a search.
  const reserved = `startsWith(k, 'resource.') OR startsWith(k, 'attributes.') OR k = 'has'`;
  const names = [
    `arrayMap(k -> if(has(${builtIn}, k) OR ${reserved}, concat('attributes.', k), toString(k)), mapKeys(attributes))`,
    `arrayMap(k -> concat('resource.', k), arrayFilter(k -> NOT has(${known}, k), JSONExtractKeys(resource)))`,
    `[${flags.join(', ')}]`,
    always,
  ];
  const inner = `SELECT arrayJoin(arrayConcat(${names.join(', ')})) AS name FROM (${sample(scope, columns)})`;
  const sql =
    `SELECT name, count() AS count FROM (${inner}) WHERE name != '' GROUP BY name ` +
    `ORDER BY count DESC, name ASC LIMIT ${FIELD_LIST_MAX}`;
  return { sql, params: scope.parameters.values(), columns: ['name', 'count'] };
}

/** Rows are `value` (NULL: the field is absent), `count`, most frequent first. */
export function compileFieldValues(
  query: Query,
  field: Field,
  options: Scope & { limit?: number },
): Statement {
  const scope = openScope(query, options);
  const { key: stored, shown, value } = groupSql(field.source, scope.parameters);
  const key = value === undefined ? stored : value(stored);
  const limit = Math.min(Math.max(1, Math.trunc(options.limit ?? 10)), FIELD_VALUES_MAX);
  const inner = `SELECT ${key} AS v, count() AS c FROM (${sample(scope, columnOf(field.source))}) GROUP BY v`;
  const outer = `SELECT ${shown('v')} AS value, c AS count FROM (${inner})`;
  const sql = `${outer} ORDER BY count DESC, value ASC LIMIT ${limit}`;
  return { sql, params: scope.parameters.values(), columns: ['value', 'count'] };
}

function columnOf(source: Source): string {
  if (source.kind === 'attribute') return 'attributes';
  return source.kind === 'resource' ? 'resource' : quoteIdentifier(source.column);
}

function sample(scope: OpenScope, columns: string): string {
  const rows = `SELECT ${columns} FROM ${scope.table} ${whereSql(scope)}`;
  return `${rows} ${orderBy('desc')} LIMIT ${FIELD_SAMPLE_RECORDS}`;
}
