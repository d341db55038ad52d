/** A table of things: sorted by its heads, scrolled sideways on a phone, a row that can be opened by keyboard. */
import { useMemo, useState, type ReactElement, type ReactNode } from 'react';

export interface TableColumn<Row> {
  readonly name: string;
  readonly title: string;
  readonly cell: (row: Row) => ReactNode;
  /** What the column is sorted by; without it the head is no button. */
  readonly sortBy?: (row: Row) => number | string;
  readonly align?: 'start' | 'end';
}

interface TableProps<Row> {
  readonly label: string;
  readonly columns: readonly TableColumn<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row, index: number) => string;
}

interface Sorting {
  readonly name: string;
  readonly descending: boolean;
}

export function Table<Row>({ label, columns, rows, keyOf }: TableProps<Row>): ReactElement {
  const [sorting, setSorting] = useState<Sorting>();
  const sorted = useMemo(() => sortRows(rows, columns, sorting), [rows, columns, sorting]);
  const choose = (name: string): void =>
    setSorting((now) => ({ name, descending: now?.name === name ? !now.descending : true }));
  return (
    <div className="table-place" tabIndex={0} role="region" aria-label={label}>
      <table className="table">
        <thead>
          <tr>
            {columns.map((column) => {
              const mine = sorting?.name === column.name ? sorting : undefined;
              return (
                <th key={column.name} scope="col" data-align={column.align} aria-sort={sortState(mine)}>
                  {column.sortBy === undefined ? (
                    column.title
                  ) : (
                    <button type="button" className="quiet" onClick={() => choose(column.name)}>
                      {column.title} {mine === undefined ? '' : mine.descending ? '↓' : '↑'}
                    </button>
                  )}
                </th>
              );
            })}
          </tr>
        </thead>
        <tbody>
          {sorted.map((row, index) => (
            <tr key={keyOf(row, index)}>
              {columns.map((column) => (
                <td key={column.name} data-align={column.align}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function sortState(sorting: Sorting | undefined): 'ascending' | 'descending' | undefined {
  if (sorting === undefined) return undefined;
  return sorting.descending ? 'descending' : 'ascending';
}

function sortRows<Row>(
  rows: readonly Row[],
  columns: readonly TableColumn<Row>[],
  sorting: Sorting | undefined,
): readonly Row[] {
  const by = columns.find((column) => column.name === sorting?.name)?.sortBy;
  if (by === undefined || sorting === undefined) return rows;
  const sign = sorting.descending ? -1 : 1;
  return rows.toSorted((a, b) => {
    const [left, right] = [by(a), by(b)];
    if (left === right) return 0;
    return left < right ? -sign : sign;
  });
}
