/** The columns of the list stand in the address, by comma; a comma inside a name is percent-encoded twice over. */
import { COLUMNS_MAX } from '../../limits.js';
import { go, hrefHere } from '../../ui/address.js';

export function columnsIn(parameters: URLSearchParams): readonly string[] {
  const names = (parameters.get('columns') ?? '').split(',').filter((name) => name !== '');
  return [...new Set(names.map((name) => name.replaceAll('%2C', ',')))].slice(0, COLUMNS_MAX);
}

export function toggleColumn(columns: readonly string[], name: string): void {
  const next = columns.includes(name) ? columns.filter((each) => each !== name) : [...columns, name];
  const text = next.map((each) => each.replaceAll(',', '%2C')).join(',');
  go(hrefHere({ columns: text }), { replace: true });
}
