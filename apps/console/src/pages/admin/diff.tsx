/** What changes, field by field, before and after side by side; of what was made or removed there is one side only. */
import type { JsonSchema } from '@sillok/api';
import type { FieldChange } from '@sillok/record';
import type { ReactElement } from 'react';
import { adminWords } from '../../words/admin.js';
import { say } from '../../words/dictionary.js';
import { labelOf, valueText } from './titles.js';

interface DiffProps {
  readonly diff: readonly FieldChange[];
  readonly label: string;
  /** Of the entity, for the names of its fields. */
  readonly fields?: JsonSchema | undefined;
}

export function Diff({ diff, label, fields }: DiffProps): ReactElement {
  const words = say(adminWords);
  if (diff.length === 0) return <p className="muted">{words.changesNothing}</p>;
  const hasBefore = diff.some(({ before }) => before !== undefined);
  const hasAfter = diff.some(({ after }) => after !== undefined);
  return (
    <table className="change-diff" aria-label={label}>
      <thead>
        <tr>
          <th scope="col">{words.field}</th>
          {hasBefore && <th scope="col">{words.before}</th>}
          {hasAfter && <th scope="col">{words.after}</th>}
        </tr>
      </thead>
      <tbody>
        {diff.map(({ path, before, after }) => (
          <tr key={path}>
            <th scope="row">{labelOf(fields, path)}</th>
            {hasBefore && <td>{before === undefined ? <Nothing /> : <del>{valueText(before)}</del>}</td>}
            {hasAfter && <td>{after === undefined ? <Nothing /> : <ins>{valueText(after)}</ins>}</td>}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Nothing(): ReactElement {
  return <span className="muted">{say(adminWords).absent}</span>;
}
