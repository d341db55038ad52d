/**
 * Records as a Parquet file, row group after row group, so that memory stays that of one page. Times keep their nine
 * digits (INT64 nanoseconds, UTC); what is not a number in every record is text, objects are JSON text.
 */
import { timeToNs } from '@sillok/record';
import { ByteWriter, ParquetWriter, type ColumnSource } from 'hyparquet-writer';

type Type = 'time' | 'int64' | 'int32' | 'double' | 'text';

const TYPES: Readonly<Record<string, Type>> = {
  time: 'time',
  observed_time: 'time',
  seq: 'int64',
  duration_ms: 'double',
  'http.response.status_code': 'int32',
};

const NANOSECONDS = { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'NANOS' } as const;

function schemaOf(names: readonly string[]): ConstructorParameters<typeof ParquetWriter>[0]['schema'] {
  const columns = names.map((name) => {
    const common = { name, repetition_type: 'OPTIONAL' } as const;
    switch (TYPES[name] ?? 'text') {
      case 'time':
        return { ...common, type: 'INT64', logical_type: NANOSECONDS } as const;
      case 'int64':
        return { ...common, type: 'INT64' } as const;
      case 'int32':
        return { ...common, type: 'INT32' } as const;
      case 'double':
        return { ...common, type: 'DOUBLE' } as const;
      case 'text':
        return { ...common, type: 'BYTE_ARRAY', converted_type: 'UTF8' } as const;
    }
  });
  return [{ name: 'records', num_children: columns.length }, ...columns];
}

/** `pages` are rows of cells, a cell per name. An empty answer is a file with its columns and no rows. */
export async function* parquetOf(
  names: readonly string[],
  pages: AsyncIterable<readonly (readonly unknown[])[]>,
): AsyncGenerator<Uint8Array> {
  const bytes = new ByteWriter();
  const writer = new ParquetWriter({ writer: bytes, schema: schemaOf(names), createdBy: 'sillok' });
  for await (const rows of pages) {
    if (rows.length === 0) continue;
    const columnData = names.map((name, index): ColumnSource => {
      const data = rows.map((row) => cellOf(TYPES[name] ?? 'text', row[index]));
      return { name, data };
    });
    await writer.write({ columnData, rowGroupSize: rows.length });
    yield taken(bytes);
  }
  await writer.finish();
  yield taken(bytes);
}

/** What was written since the last time; the offset in the file goes on. */
function taken(bytes: ByteWriter): Uint8Array {
  const copy = bytes.getBytes().slice();
  bytes.index = 0;
  return copy;
}

function cellOf(type: Type, value: unknown): unknown {
  if (value === null || value === undefined) return undefined;
  switch (type) {
    case 'time':
      return typeof value === 'string' ? timeToNs(value) : undefined;
    case 'int64':
      return typeof value === 'number' ? BigInt(value) : undefined;
    case 'int32':
    case 'double':
      return typeof value === 'number' ? value : undefined;
    case 'text':
      return typeof value === 'string' ? value : JSON.stringify(value);
  }
}
