/**
 * The view `records` that SQL of readers sees: one project's rows, with names as in the search language.
 *
 * It is a subquery put in front of the reader's statement, not an object in the database: the project cannot be
 * forgotten, and a cluster needs no extra DDL. `attributes` holds all attributes, also those that have columns of
 * their own; as that is costly to build for each row, `rewrite.ts` turns `attributes['key']` into what it means.
 */
import { ENVELOPE_IDS, KNOWN_ATTRIBUTES, KNOWN_RESOURCE, type KnownAttribute } from '@sillok/record';
import { quoteName, quoteString } from './tokens.js';

/** Columns as a reader sees them, in this order. */
export const VIEW_COLUMNS: readonly string[] = [
  'project',
  'producer',
  'boot',
  'seq',
  'time',
  'observed_time',
  'kind',
  'level',
  'message',
  ...ENVELOPE_IDS,
  ...KNOWN_RESOURCE,
  ...KNOWN_ATTRIBUTES.map(({ name }) => name),
  'resource',
  'attributes',
];

/** The view, and the same with the stored map beside it for rewritten statements. */
export const VIEW_NAME = 'records';
export const WIDE_VIEW_NAME = 'sillok_records';
export const STORED_MAP = 'sillok_attributes';
export const PROJECT_PARAM = 'sillok_project';

/**
 * `WITH …` for a statement: the views that it names, with the columns that it names (the engine would drop the others,
 * but only after reading their text, which costs more than a small query). `table` is the qualified name of the stored
 * records.
 */
export function viewsFor(table: string, statement: string): string {
  const isOpen = statement.includes('*') || statement.includes('COLUMNS');
  const columns = VIEW_COLUMNS.filter((name) => isOpen || statement.includes(name)).map(columnSql);
  const from = `FROM ${table} AS r WHERE r.project = {${PROJECT_PARAM}:String}`;
  const view = (name: string, list: readonly string[]): string =>
    `${name} AS (SELECT ${list.length === 0 ? '1 AS sillok_row' : list.join(', ')} ${from})`;
  const views = [view(VIEW_NAME, columns)];
  if (statement.includes(WIDE_VIEW_NAME))
    views.push(view(WIDE_VIEW_NAME, [...columns, `r.attributes AS ${STORED_MAP}`]));
  return views.join(', ');
}

function columnSql(name: string): string {
  if (name === 'resource')
    return "CAST(JSONExtractKeysAndValues(r.resource, 'String'), 'Map(String, String)') AS resource";
  if (name === 'attributes') return `${allAttributesSql()} AS attributes`;
  return `r.${quoteName(name)} AS ${quoteName(name)}`;
}

/** The stored map with the values of the columns put back; the stored value of a name wins, it did not fit. */
function allAttributesSql(): string {
  const pairs = KNOWN_ATTRIBUTES.map((known) => `${quoteString(known.name)}, ${textSql(known, 'r.')}`).join(
    ', ',
  );
  const stored = "CAST(r.attributes, 'Map(String, String)')";
  return `mapUpdate(mapFilter((sillok_key, sillok_value) -> sillok_value != '', map(${pairs})), ${stored})`;
}

/** A known attribute as text: empty when absent. */
function textSql(known: KnownAttribute, prefix: string): string {
  const column = prefix + quoteName(known.name);
  if (known.type === 'uint16') return `if(${column} = 0, '', toString(${column}))`;
  if (known.type === 'float64') return `ifNull(toString(${column}), '')`;
  return `toString(${column})`;
}

export interface AttributeUse {
  readonly name: string;
  /** An alias with its dot, or nothing. */
  readonly prefix: string;
  /** Some values of this known attribute did not fit its column and are in the map. */
  readonly hasMisfits: boolean;
}

/** What `attributes['name']` means, over the wide view. */
export function attributeSql({ name, prefix, hasMisfits }: AttributeUse): string {
  const stored = `${prefix}${STORED_MAP}[${quoteString(name)}]`;
  const known = KNOWN_ATTRIBUTES.find((each) => each.name === name);
  if (!known) return `toString(${stored})`;
  if (!hasMisfits) return textSql(known, prefix);
  const column = prefix + quoteName(name);
  if (known.type === 'uint16') return `if(${column} = 0, toString(${stored}), toString(${column}))`;
  if (known.type === 'float64') return `ifNull(toString(${column}), toString(${stored}))`;
  return `if(${column} = '', toString(${stored}), toString(${column}))`;
}
