/** The search that finds the same failure of other people: what failed and how, and nothing of whose it was. */
import { writeFieldName, writeValue, type Row } from '@sillok/query';
import { resourceOf, textOf } from '../row-fields.js';

/** In this order; ids, times and texts that differ from person to person are not among them. */
const FIELDS = [
  'kind',
  'event.name',
  'http.request.method',
  'http.route',
  'http.response.status_code',
  'error.type',
  'exception.type',
  'server.address',
  'db.system.name',
  'messaging.destination.name',
] as const;

export function similarTo(row: Row): string {
  const terms: string[] = [];
  const service = resourceOf(row, 'service.name');
  if (service !== '') terms.push(`service.name:${writeValue(service)}`);
  for (const name of FIELDS) {
    const value = name === 'kind' ? row.record.kind : textOf(row, name);
    if (value !== '') terms.push(`${writeFieldName(name)}:${writeValue(value)}`);
  }
  if (textOf(row, 'http.route') === '' && textOf(row, 'exception.type') === '') {
    const path = textOf(row, 'url.path');
    if (path !== '' && !/\d/.test(path)) terms.push(`url.path:${writeValue(path)}`);
  }
  return terms.join(' ');
}
