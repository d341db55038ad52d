/**
 * A table of things: sorted by its heads, a row that can be opened by keyboard. On a phone it is scrolled sideways, or each row is a
 * card of its own (`cards`): that is for rows with something to press, which must not be out of sight.
 */
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
  readonly cards?: boolean;
}

interface Sorting {
  readonly name: string;
  readonly descending: boolean;
}

export function Table<Row>(props: TableProps<Row>): ReactElement {
  const { label, columns, rows, keyOf, cards = false } = props;
  const [sorting, setSorting] = useState<Sorting>();
  const sorted = useMemo(() => sortRows(rows, columns, sorting), [rows, columns, sorting]);
  const choose = (name: string): void =>
    setSorting((now) => ({ name, descending: now?.name === name ? !now.descending : true }));
  return (
    <div className="table-place" tabIndex={0} role="region" aria-label={label}>
      {/* Blocks have no roles of their own. */}
      <table className={cards ? 'table cards-when-narrow' : 'table'} role={cards ? 'table' : undefined}>
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
            <tr key={keyOf(row, index)} role={cards ? 'row' : undefined}>
              {columns.map((column) => (
                <td
                  key={column.name}
                  role={cards ? 'cell' : undefined}
                  data-align={column.align}
                  data-title={column.title === '' ? undefined : column.title}
                >
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
