/** The values that a statement binds, one field each. */
import type { ReactElement } from 'react';
import { say } from '../../words/dictionary.js';
import { sqlWords } from '../../words/sql.js';

interface ParametersProps {
  readonly wanted: readonly { readonly name: string; readonly type: string }[];
  readonly values: Readonly<Record<string, string>>;
  readonly onChange: (values: Readonly<Record<string, string>>) => void;
}

export function Parameters({ wanted, values, onChange }: ParametersProps): ReactElement | null {
  if (wanted.length === 0) return null;
  return (
    <fieldset className="sql-parameters">
      <legend className="section-title">{say(sqlWords).parameters}</legend>
      {wanted.map(({ name, type }) => (
        <label key={name}>
          <code>{type === '' ? name : `${name}: ${type}`}</code>
          <input
            value={values[name] ?? ''}
            onChange={(event) => onChange({ ...values, [name]: event.target.value })}
          />
        </label>
      ))}
    </fieldset>
  );
}
