/** A form made from a schema of the service: of an action's input, of a script's arguments. What is sent on fits the schema's types. */
import type { JsonSchema } from '@sillok/api';
import { useMemo, useState, type FormEvent, type ReactElement } from 'react';
import type { Failure } from '../../api/http.js';
import { Problem } from '../../ui/states.js';
import { adminWords } from '../../words/admin.js';
import { say } from '../../words/dictionary.js';
import { fieldsOf, inputOf } from './form-fields.js';
import { FormInput } from './form-input.js';

interface SchemaFormProps {
  readonly schema: JsonSchema;
  /** What the button says. */
  readonly submit: string;
  readonly busy: boolean;
  readonly failure: Failure | undefined;
  readonly onInput: (input: unknown) => void;
}

export function SchemaForm({ schema, submit, busy, failure, onInput }: SchemaFormProps): ReactElement {
  const fields = useMemo(() => fieldsOf(schema), [schema]);
  const [values, setValues] = useState<Readonly<Record<string, string>>>({});
  const [wrong, setWrong] = useState<Failure>();
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    const made = inputOf(fields, values);
    if ('wrong' in made) {
      const message = `${made.wrong.label}: ${say(adminWords).needsJson}`;
      return setWrong({ status: 400, code: 'input_invalid', message, help: '' });
    }
    setWrong(undefined);
    onInput(made.input);
  };
  const problem = wrong ?? failure;
  return (
    <form className="form" onSubmit={onSubmit}>
      {fields.map((field) => (
        <FormInput
          key={field.name}
          field={field}
          value={values[field.name] ?? field.preset}
          onText={(text) => setValues((now) => ({ ...now, [field.name]: text }))}
        />
      ))}
      {problem !== undefined && <Problem failure={problem} />}
      <div className="dialog-foot">
        <button type="submit" className="primary" disabled={busy}>
          {submit}
        </button>
      </div>
    </form>
  );
}
