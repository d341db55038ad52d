/**
 * What leaves for a spreadsheet: exports, tables of the console, what a script gives out. CSV as RFC 4180 has it, safe to open in a spreadsheet: a text that a spreadsheet would run as a formula gets an
 * apostrophe in front. Numbers stay numbers.
 */

/** Characters with which a formula can begin, also behind what a spreadsheet skips. */
const FORMULA = /^[\s\u0000-\u001f\ufeff]*[=+\-@|%\uff1d\uff0b\uff0d\uff20]/;
const NUMBER = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

export function csvLine(values: readonly unknown[]): string {
  return `${values.map(csvCell).join(',')}\r\n`;
}

export function csvCell(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint')
    return String(value);
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  const isFormula = /^[\t\r]/.test(text) || (FORMULA.test(text) && !NUMBER.test(text));
  const safe = isFormula ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
