/** Rows as a table that fits the terminal: numbers right, texts left, wide characters counted as two cells. */
import { COLUMN_WIDTH_MAX } from '../limits.js';
import type { Colours } from './colours.js';
import { safeLine } from './safe-text.js';
import { fit, padEnd, padStart, widthOf } from './width.js';

export interface TableOptions {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
  readonly colours: Colours;
}

export function tableText(options: TableOptions): string {
  const { columns, rows, colours } = options;
  const cells = rows.map((row) => columns.map((_, index) => cellText(row[index])));
  const heads = columns.map((name) => safeLine(name));
  const widths = heads.map((head, index) => {
    const widest = cells.reduce((width, row) => Math.max(width, widthOf(row[index] ?? '')), widthOf(head));
    return Math.min(widest, COLUMN_WIDTH_MAX);
  });
  const isNumeric = columns.map((_, index) => rows.length > 0 && rows.every((row) => isNumber(row[index])));
  const line = (texts: readonly string[]): string =>
    texts
      .map((text, index) => {
        const width = widths[index] ?? 0;
        const fitted = fit(text, width);
        return isNumeric[index] ? padStart(fitted, width) : padEnd(fitted, width);
      })
      .join('  ')
      .trimEnd();
  return [colours.bold(line(heads)), ...cells.map(line)].join('\n');
}

function cellText(value: unknown): string {
  if (value === null || value === undefined) return '';
  return safeLine(typeof value === 'string' ? value : JSON.stringify(value));
}

/** The engine sends 64-bit numbers as text. */
function isNumber(value: unknown): boolean {
  return (
    typeof value === 'number' ||
    value === null ||
    (typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value))
  );
}
