/** One field of an action's form. */
import type { ReactElement } from 'react';
import { shown } from '../../text.js';
import { Field } from '../../ui/field.js';
import { adminWords } from '../../words/admin.js';
import { say } from '../../words/dictionary.js';
import type { FormField } from './form-fields.js';

interface FormInputProps {
  readonly field: FormField;
  readonly value: string;
  readonly onText: (text: string) => void;
}

export function FormInput({ field, value, onText }: FormInputProps): ReactElement {
  const words = say(adminWords);
  const label = shown(field.label);
  if (field.kind === 'choice' || field.kind === 'yes-no') {
    const choices =
      field.kind === 'choice'
        ? field.choices.map((each) => [each, shown(each)] as const)
        : ([
            ['true', words.yes],
            ['false', words.no],
          ] as const);
    return (
      <label className="form-field">
        <span>{label}</span>
        <select required={field.isNeeded} value={value} onChange={(event) => onText(event.target.value)}>
          <option value="">{words.choose}</option>
          {choices.map(([each, text]) => (
            <option key={each} value={each}>
              {text}
            </option>
          ))}
        </select>
      </label>
    );
  }
  if (field.kind === 'json') {
    return (
      <label className="form-field">
        <span>
          {label} ({words.needsJson})
        </span>
        <textarea
          rows={4}
          required={field.isNeeded}
          spellCheck={false}
          value={value}
          onChange={(event) => onText(event.target.value)}
        />
      </label>
    );
  }
  return (
    <Field
      label={label}
      {...(field.kind === 'number' ? { type: 'number', step: 'any' } : {})}
      required={field.isNeeded}
      value={value}
      onText={onText}
    />
  );
}
