/** What changes, field by field, before and after side by side. */
import type { JsonSchema, PlanAnswer } from '@sillok/api';
import type { ReactElement } from 'react';
import { Table, type TableColumn } from '../../ui/table.js';
import { adminWords } from '../../words/admin.js';
import { say } from '../../words/dictionary.js';
import { labelOf, valueText } from './titles.js';

type Changed = PlanAnswer['diff'][number];

interface DiffProps {
  readonly diff: PlanAnswer['diff'];
  readonly label: string;
  /** Of the entity, for the names of its fields. */
  readonly fields?: JsonSchema | undefined;
}

export function Diff({ diff, label, fields }: DiffProps): ReactElement {
  const words = say(adminWords);
  if (diff.length === 0) return <p className="muted">{words.changesNothing}</p>;
  const columns: readonly TableColumn<Changed>[] = [
    { name: 'field', title: words.field, cell: ({ path }) => labelOf(fields, path) },
    { name: 'before', title: words.before, cell: ({ before }) => <del>{valueText(before)}</del> },
    { name: 'after', title: words.after, cell: ({ after }) => <ins>{valueText(after)}</ins> },
  ];
  return <Table label={label} columns={columns} rows={diff} keyOf={({ path }) => path} />;
}
