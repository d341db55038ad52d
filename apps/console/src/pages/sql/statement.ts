/** What a statement needs before it runs, and how its answer becomes a file or a chart. Pure. */
import type { Column, SqlAnswer } from '@sillok/api';
import { csvLine } from '@sillok/record';

/** `{name:Type}` outside of quotes, each name once. */
export function parametersOf(query: string): readonly { readonly name: string; readonly type: string }[] {
  const bare = query.replace(/'(?:[^'\\]|\\.|'')*'|`[^`]*`|--[^\n]*/g, '');
  const found = new Map<string, string>();
  for (const [, name = '', type = ''] of bare.matchAll(/\{([A-Za-z_]\w*):([^{}]+)\}/g))
    found.set(name, type.trim());
  return [...found].map(([name, type]) => ({ name, type }));
}

/** `{name}` and `{name:type}`, as a database takes them. */
export function databaseParametersOf(
  query: string,
): readonly { readonly name: string; readonly type: string }[] {
  const bare = query.replace(/'(?:[^'\\]|\\.|'')*'|"[^"]*"|`[^`]*`|--[^\n]*|\/\*[^]*?\*\//g, '');
  const found = new Map<string, string>();
  for (const [, name = '', type] of bare.matchAll(/\{([A-Za-z_]\w*)(?::([A-Za-z][\w ]*))?\}/g))
    if (!found.has(name) || type !== undefined) found.set(name, type?.trim() ?? '');
  return [...found].map(([name, type]) => ({ name, type }));
}

export interface ChartData {
  readonly kind: 'time' | 'names';
  /** Seconds since 1970 for times, places in `names` otherwise. */
  readonly x: readonly number[];
  readonly names: readonly string[];
  readonly series: readonly { readonly name: string; readonly values: readonly (number | null)[] }[];
}

/** In the engine's types and in those of PostgreSQL and MySQL. */
const isTime = ({ type }: Column): boolean => /^(Nullable\()?(date|timestamp)/i.test(type);
export const isNumber = ({ type }: Pick<Column, 'type'>): boolean =>
  /^(Nullable\()?(U?Int|Float|Decimal|NewDecimal|Numeric|Double|Long|Short|Tiny)/i.test(type);

/** Times against numbers, else the first text against numbers. A text beside a time splits the series. */
export function chartOf({ columns, rows }: Pick<SqlAnswer, 'columns' | 'rows'>): ChartData | undefined {
  const timeAt = columns.findIndex(isTime);
  const numbersAt = columns.flatMap((column, index) => (isNumber(column) ? [index] : []));
  const textAt = columns.findIndex((column, index) => index !== timeAt && !isNumber(column));
  if (numbersAt.length === 0 || rows.length === 0) return undefined;
  if (timeAt >= 0 && textAt >= 0) return split(rows, { timeAt, textAt, numberAt: numbersAt[0] ?? 0 });
  const baseAt = timeAt >= 0 ? timeAt : textAt;
  if (baseAt < 0) return undefined;
  const sorted = timeAt >= 0 ? rows.toSorted((a, b) => seconds(a[timeAt]) - seconds(b[timeAt])) : rows;
  return {
    kind: timeAt >= 0 ? 'time' : 'names',
    x: sorted.map((row, index) => (timeAt >= 0 ? seconds(row[timeAt]) : index)),
    names: timeAt >= 0 ? [] : sorted.map((row) => String(row[baseAt])),
    series: numbersAt.map((index) => ({
      name: columns[index]?.name ?? '',
      values: sorted.map((row) => numberOf(row[index])),
    })),
  };
}

interface Places {
  readonly timeAt: number;
  readonly textAt: number;
  readonly numberAt: number;
}

function split(rows: SqlAnswer['rows'], { timeAt, textAt, numberAt }: Places): ChartData {
  const x = [...new Set(rows.map((row) => seconds(row[timeAt])))].toSorted((a, b) => a - b);
  const places = new Map(x.map((second, index) => [second, index]));
  const series = new Map<string, (number | null)[]>();
  for (const row of rows) {
    const name = String(row[textAt]);
    const values = series.get(name) ?? Array.from({ length: x.length }, () => null);
    values[places.get(seconds(row[timeAt])) ?? 0] = numberOf(row[numberAt]);
    series.set(name, values);
  }
  return { kind: 'time', x, names: [], series: [...series].map(([name, values]) => ({ name, values })) };
}

const seconds = (value: unknown): number => Date.parse(String(value)) / 1000;

function numberOf(value: unknown): number | null {
  if (value === null || value === undefined || value === '') return null;
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}

/** As the server's export writes it. */
export function csvOf({ columns, rows }: Pick<SqlAnswer, 'columns' | 'rows'>): string {
  return [columns.map(({ name }) => name), ...rows].map(csvLine).join('');
}

export function ndjsonOf({ columns, rows }: Pick<SqlAnswer, 'columns' | 'rows'>): string {
  const objects = rows.map((row) => Object.fromEntries(columns.map(({ name }, index) => [name, row[index]])));
  return objects.map((each) => `${JSON.stringify(each)}\n`).join('');
}
