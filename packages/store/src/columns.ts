/**
 * The columns of `records`: one list for the table, for reading lines, and for the INSERT.
 *
 * Sources: `line` columns stand on the record's line; `batch` columns come from the batch's header. Codecs were
 * chosen by measurement (docs/internals/store.md). Absent is `''`, `0` or NULL, as the contract of each type says.
 */
import { ENVELOPE_IDS, KNOWN_ATTRIBUTES, KNOWN_RESOURCE, type KnownType } from '@sillok/record';

export interface Column {
  readonly name: string;
  readonly type: string;
  readonly codec: string;
  readonly from: 'line' | 'batch' | 'resource';
}

const KEYWORD = 'LowCardinality(String)';
export const TIME_TYPE = `DateTime64(9, 'UTC')`;

const KNOWN_TYPES: Readonly<Record<KnownType, string>> = {
  keyword: KEYWORD,
  text: 'String',
  uint16: 'UInt16',
  float64: 'Nullable(Float64)',
};

const line = (name: string, type: string, codec = 'ZSTD(1)'): Column => ({ name, type, codec, from: 'line' });
const batch = (name: string, type: string, codec = 'ZSTD(1)'): Column => ({
  name,
  type,
  codec,
  from: 'batch',
});

export const COLUMNS: readonly Column[] = [
  batch('project', KEYWORD),
  batch('class', KEYWORD),
  line('time', TIME_TYPE, 'Delta(8), ZSTD(1)'),
  batch('observed_time', TIME_TYPE, 'Delta(8), ZSTD(1)'),
  batch('producer', KEYWORD),
  batch('boot', KEYWORD),
  line('seq', 'UInt64', 'Delta(8), ZSTD(1)'),
  line('kind', KEYWORD),
  line('level', KEYWORD),
  line('message', 'String'),
  ...ENVELOPE_IDS.map((name) => line(name, 'String')),
  ...KNOWN_RESOURCE.map((name): Column => ({ name, type: KEYWORD, codec: 'ZSTD(1)', from: 'resource' })),
  batch('resource', KEYWORD),
  ...KNOWN_ATTRIBUTES.map(({ name, type }) => line(name, KNOWN_TYPES[type])),
  line('attributes', `Map(${KEYWORD}, String)`),
  batch('batch', 'UInt64', 'Delta(8), ZSTD(1)'),
];

export const LINE_COLUMNS: readonly Column[] = COLUMNS.filter(({ from }) => from === 'line');
