/** Columns of a search page, and how a row of the answer becomes a record again. */
import {
  ENVELOPE_IDS,
  emptyFlat,
  fromStoredText,
  KNOWN_ATTRIBUTES,
  LEVELS,
  KINDS,
  type FlatAttributes,
  type FlatRecord,
  type Resource,
} from '@sillok/record';
import type { Row } from '../row-values.js';
import { quoteIdentifier } from './quote.js';

/** Columns that a search answers, in the order of its rows. */
export const SEARCH_COLUMNS: readonly string[] = [
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
  ...KNOWN_ATTRIBUTES.map((known) => known.name),
  'resource',
  'attributes',
];

export const SEARCH_SELECT = SEARCH_COLUMNS.map(quoteIdentifier).join(', ');

const INDEX: ReadonlyMap<string, number> = new Map(SEARCH_COLUMNS.map((column, index) => [column, index]));

/**
 * A row of a search (values as JSON: `JSONCompact`) → the record and who wrote it. Takes 64-bit integers as
 * numbers or as strings, and times as the engine writes them.
 */
export function decodeRow(row: readonly unknown[]): Row {
  const at = (column: string): unknown => row[INDEX.get(column) ?? -1];
  const text = (column: string): string => String(at(column) ?? '');
  const record: FlatRecord = {
    seq: Number(at('seq')),
    time: recordTime(text('time')),
    kind: KINDS.find((kind) => kind === text('kind')) ?? 'log',
    level: LEVELS.find((level) => level === text('level')) ?? 'info',
    message: text('message'),
  };
  for (const id of ENVELOPE_IDS) {
    if (text(id) !== '') record[id] = text(id);
  }
  for (const { name, type } of KNOWN_ATTRIBUTES) {
    const value = at(name);
    if (type === 'float64' ? value !== null : Boolean(value)) record[name] = value;
  }
  const attributes = decodeAttributes(at('attributes'));
  if (attributes) record.attributes = attributes;
  return {
    record,
    context: {
      project: text('project'),
      producer: text('producer'),
      boot: text('boot'),
      observed_time: recordTime(text('observed_time')),
      resource: decodeResource(text('resource')),
    },
  };
}

/** `2026-11-21 10:00:00.000000001` → `2026-11-21T10:00:00.000000001Z`. */
export function recordTime(engineTime: string): string {
  return `${engineTime.slice(0, 10)}T${engineTime.slice(11, 19)}.${engineTime.slice(20).padEnd(9, '0')}Z`;
}

function decodeAttributes(stored: unknown): FlatAttributes | undefined {
  if (typeof stored !== 'object' || stored === null) return undefined;
  const attributes = emptyFlat();
  let some = false;
  for (const [path, text] of Object.entries(stored)) {
    some = true;
    attributes[path] = fromStoredText(String(text));
  }
  return some ? attributes : undefined;
}

function decodeResource(text: string): Resource {
  try {
    const resource: unknown = JSON.parse(text);
    // The column is written from a header that was parsed and checked as a resource.
    return typeof resource === 'object' && resource !== null ? (resource as Resource) : {};
  } catch {
    return {};
  }
}
