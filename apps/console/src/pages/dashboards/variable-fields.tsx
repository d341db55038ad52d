/** The fields that a dashboard or a report can be narrowed by: each is chosen here, and its value beside the panels or cards. */
import type { DashboardBody } from '@sillok/api';
import { Fragment, type ReactElement } from 'react';
import { Field } from '../../ui/field.js';
import { say } from '../../words/dictionary.js';
import { dashboardWords } from '../../words/dashboards.js';

export type VariableDraft = NonNullable<DashboardBody['variables']>[number];

interface VariableFieldsProps {
  readonly variables: readonly VariableDraft[];
  readonly onChange: (next: VariableDraft[]) => void;
  /** What a report that comes by itself is narrowed to, by the name of the variable. */
  readonly values?: Readonly<Record<string, string>>;
  readonly onValue?: (name: string, value: string) => void;
}

export function VariableFields({ variables, onChange, values, onValue }: VariableFieldsProps): ReactElement {
  const words = say(dashboardWords);
  return (
    <fieldset className="card panel-fields">
      <legend>{words.variables}</legend>
      {variables.map((variable, index) => (
        <Fragment key={variable.name}>
          <Field
            label={words.field}
            placeholder="http.route"
            value={variable.field}
            onText={(field) => onChange(variables.with(index, { ...variable, field, label: field }))}
          />
          {onValue !== undefined && (
            <Field
              label={words.valueOf(variable.field)}
              value={values?.[variable.name] ?? variable.preset ?? ''}
              onText={(value) => onValue(variable.name, value)}
            />
          )}
        </Fragment>
      ))}
      <button
        type="button"
        onClick={() => onChange([...variables, { name: freeName(variables), field: '' }])}
      >
        {words.addVariable}
      </button>
    </fieldset>
  );
}

/** Of two variables of one name only the last would have a value. */
function freeName(variables: readonly VariableDraft[]): string {
  const taken = new Set(variables.map(({ name }) => name));
  let number = 1;
  while (taken.has(`v${number}`)) number += 1;
  return `v${number}`;
}

/** Without those whose field was left or made empty. */
export function chosenVariables(variables: readonly VariableDraft[]): VariableDraft[] {
  return variables.filter(({ field }) => field.trim() !== '');
}
