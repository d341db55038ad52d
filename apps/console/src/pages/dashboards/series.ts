/** Rows of a panel as lines over time. Pure. */
import type { PanelAnswer } from '@sillok/api';
import { FILLED_POINTS_MAX } from '../../limits.js';

export interface Line {
  readonly name: string;
  readonly points: readonly { readonly ms: number; readonly value: number }[];
  readonly total: number;
}

export interface Series {
  readonly fromMs: number;
  readonly toMs: number;
  readonly lines: readonly Line[];
  readonly highest: number;
}

export function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || value.trim() === '') return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}

/** A column with a time, then texts that name the line, then numbers: each number column is a line of its own. */
export function linesOf({ columns, rows, from, to, bucket_ms: bucketMs }: PanelAnswer): Series {
  const first = rows[0] ?? [];
  const timeAt = Math.max(
    0,
    first.findIndex((value) => typeof value === 'string' && /^\d{4}-\d\d-\d\d[ T]/.test(value)),
  );
  const numbers = columns.flatMap((_, index) =>
    index !== timeAt && rows.every((row) => row[index] === null || numberOf(row[index]) !== undefined)
      ? [index]
      : [],
  );
  const names = columns.flatMap((_, index) => (index === timeAt || numbers.includes(index) ? [] : [index]));
  const byName = new Map<string, Map<number, number>>();
  for (const row of rows) {
    const ms = timeOf(row[timeAt]);
    for (const at of numbers) {
      const own = numbers.length > 1 ? [columns[at]?.name ?? ''] : [];
      const name = [...names.map((index) => String(row[index] ?? '–')), ...own].join(' · ');
      const line = byName.get(name) ?? new Map<number, number>();
      line.set(ms, numberOf(row[at]) ?? 0);
      byName.set(name, line);
    }
  }
  const [fromMs, toMs] = [Date.parse(from), Date.parse(to)];
  const lines = [...byName].map(([name, values]) => lineOf(name, values, { fromMs, toMs, bucketMs }));
  const highest = Math.max(0, ...lines.flatMap(({ points }) => points.map(({ value }) => value)));
  return { fromMs, toMs, lines: lines.toSorted((a, b) => b.total - a.total), highest };
}

function timeOf(value: unknown): number {
  const text = String(value).replace(' ', 'T');
  return Date.parse(/[Z+]/.test(text) ? text : `${text}Z`);
}

interface Frame {
  readonly fromMs: number;
  readonly toMs: number;
  readonly bucketMs: number;
}

/** Bars without records have no row: they are zero, not absent. */
function lineOf(name: string, values: ReadonlyMap<number, number>, { fromMs, toMs, bucketMs }: Frame): Line {
  const total = [...values.values()].reduce((sum, value) => sum + value, 0);
  const found = [...values].map(([ms, value]) => ({ ms, value })).toSorted((a, b) => a.ms - b.ms);
  const count = bucketMs <= 0 ? Infinity : (toMs - fromMs) / bucketMs;
  const anchor = found[0]?.ms;
  if (count > FILLED_POINTS_MAX || anchor === undefined) return { name, points: found, total };
  const start = anchor - Math.floor((anchor - fromMs) / bucketMs) * bucketMs;
  const points = [];
  for (let ms = start; ms < toMs; ms += bucketMs) points.push({ ms, value: values.get(ms) ?? 0 });
  return { name, points, total };
}
