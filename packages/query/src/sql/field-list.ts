/**
 * Which fields the records of a search have, and which values a field has. Both look at the newest records of the
 * search only (`FIELD_SAMPLE_RECORDS`), so they answer at once on any amount of data; counts are of that sample.
 */
import { ENVELOPE_IDS, KNOWN_ATTRIBUTES, KNOWN_RESOURCE } from '@sillok/record';
import { BUILT_IN_FIELDS, fieldOf } from '../fields.js';
import { NUMBER_PATTERN } from '../values.js';
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
 * Rows are `name`, `count`, `types`, most frequent first. Names are as a search takes them: an attribute that is called like
 * a column has `attributes.` before it. The count of `time` is the size of the sample. `types` counts what attributes
 * without a column are: one that is a number here and a text there is a mistake somewhere, and a search says little about it.
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
  const own = `if(has(${builtIn}, k) OR ${reserved}, concat('attributes.', k), toString(k))`;
  const untyped = (list: string): string => `arrayMap(k -> (k, ''), ${list})`;
  const names = [
    `arrayMap((k, v) -> (${own}, ${TYPE_OF_STORED}), mapKeys(attributes), mapValues(attributes))`,
    untyped(
      `arrayMap(k -> concat('resource.', k), arrayFilter(k -> NOT has(${known}, k), JSONExtractKeys(resource)))`,
    ),
    untyped(`[${flags.join(', ')}]`),
    untyped(always),
  ];
  const each = `SELECT arrayJoin(arrayConcat(${names.join(', ')})) AS pair FROM (${sample(scope, columns)})`;
  const pairs = `SELECT pair.1 AS name, pair.2 AS type, count() AS c FROM (${each})`;
  const typed = `${pairs} WHERE name != '' GROUP BY name, type`;
  const types = `CAST((groupArrayIf(type, type != ''), groupArrayIf(c, type != '')), 'Map(String, UInt64)')`;
  const sql =
    `SELECT name, sum(c) AS count, ${types} AS types FROM (${typed}) GROUP BY name ` +
    `ORDER BY count DESC, name ASC LIMIT ${FIELD_LIST_MAX}`;
  return { sql, params: scope.parameters.values(), columns: ['name', 'count', 'types'] };
}

/** The type of a stored text `v` (the text rule of `record`). Only what begins like a number is held against the pattern. */
const TYPE_OF_STORED =
  `multiIf(startsWith(v, '"'), 'text', startsWith(v, '['), 'list', v = '{}', 'object', v IN ('true', 'false'), 'boolean', ` +
  `v = 'null', 'null', v >= '-' AND v < ':' AND match(v, '${NUMBER_PATTERN}'), 'number', 'text')`;

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
