/** Which tables could not tell later when a row came to be, when it was changed, or which of two changes was first. */
import type { TableLackShape } from '@sillok/api';

import type { SchemaTable } from './connection.js';
import { ADVICE_COLUMNS_MIN } from './limits.js';

const WAYS: readonly (readonly [TableLackShape['lacks'][number], RegExp])[] = [
  ['created', /^(?:created?|creation|inserted?|registered|reg)(?:_?(?:at|on|time|date|dt|timestamp))?$/i],
  ['updated', /^(?:last_)?(?:updated?|modified|changed?|mod|upd)(?:_?(?:at|on|time|date|dt|timestamp))?$/i],
  ['version', /^(?:row_?)?(?:version|revision|lock_version|xmin|etag)(?:_?(?:no|number))?$/i],
];

export function tablesThatLack(tables: readonly SchemaTable[]): readonly TableLackShape[] {
  return tables
    .filter(({ columns }) => columns.length >= ADVICE_COLUMNS_MIN)
    .map(({ schema, name, columns }) => ({
      table: `${schema}.${name}`,
      lacks: WAYS.filter(([, way]) => !columns.some((column) => way.test(column.name))).map(([lack]) => lack),
    }))
    .filter(({ lacks }) => lacks.length > 0);
}
