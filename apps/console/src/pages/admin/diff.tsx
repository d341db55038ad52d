/** What changes, field by field, before and after side by side. */
import type { PlanAnswer } from '@sillok/api';
import type { ReactElement } from 'react';
import { shown } from '../../text.js';
import { Table, type TableColumn } from '../../ui/table.js';
import { adminWords } from '../../words/admin.js';
import { say } from '../../words/dictionary.js';
import { valueText } from './titles.js';

type Changed = PlanAnswer['diff'][number];

export function Diff({ diff, label }: { diff: PlanAnswer['diff']; label: string }): ReactElement {
  const words = say(adminWords);
  if (diff.length === 0) return <p className="muted">{words.changesNothing}</p>;
  const columns: readonly TableColumn<Changed>[] = [
    { name: 'field', title: words.field, cell: ({ path }) => shown(path) },
    { name: 'before', title: words.before, cell: ({ before }) => <del>{valueText(before)}</del> },
    { name: 'after', title: words.after, cell: ({ after }) => <ins>{valueText(after)}</ins> },
  ];
  return <Table label={label} columns={columns} rows={diff} keyOf={({ path }) => path} />;
}
