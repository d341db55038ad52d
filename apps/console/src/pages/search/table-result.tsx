/** The answer of a query with pipes: columns and rows; counts over time are drawn as bars beside it. */
import type { TablePage } from '@sillok/api';
import { useMemo, type ReactElement } from 'react';
import { asText } from '../../text.js';
import { formatNumber } from '../../ui/format.js';
import { Table, type TableColumn } from '../../ui/table.js';
import { say } from '../../words/dictionary.js';
import { searchWords } from '../../words/search.js';

type Row = readonly unknown[];

export function TableResult({ table }: { table: TablePage }): ReactElement {
  const words = say(searchWords);
  const columns = useMemo(
    () =>
      table.columns.map(({ name }, index): TableColumn<Row> => {
        const isNumber = table.rows.every((row) => row[index] === null || typeof row[index] === 'number');
        return {
          name: `${index} ${name}`,
          title: asText(name),
          align: isNumber ? 'end' : 'start',
          cell: (row) => cellText(row[index]),
          sortBy: (row) => sortValue(row[index]),
        };
      }),
    [table],
  );
  return (
    <>
      {table.truncated && <p className="warning">{words.tableTruncated}</p>}
      <Table label={words.table} columns={columns} rows={table.rows} keyOf={(_row, index) => String(index)} />
    </>
  );
}

function cellText(value: unknown): string {
  if (typeof value === 'number') return formatNumber(value, 3);
  return value === null ? '–' : asText(value);
}

function sortValue(value: unknown): number | string {
  return typeof value === 'number' ? value : asText(value);
}
