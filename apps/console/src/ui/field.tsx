/** A labelled field of a form. */
import type { InputHTMLAttributes, ReactElement, ReactNode } from 'react';

type InputProps = Omit<InputHTMLAttributes<HTMLInputElement>, 'onChange' | 'value'>;

interface FieldProps extends InputProps {
  readonly label: string;
  readonly value: string;
  readonly onText: (text: string) => void;
}

export function Field({ label, value, onText, ...rest }: FieldProps): ReactElement {
  return (
    <label className="form-field">
      <span>{label}</span>
      <input {...rest} value={value} onChange={(event) => onText(event.target.value)} />
    </label>
  );
}

interface ReasonProps {
  readonly label: string;
  readonly value: string;
  readonly required: boolean;
  readonly onText: (text: string) => void;
  readonly help?: string;
}

/** Why something is done: it stands in the audit trail. */
export function ReasonField({ label, value, required, onText, help }: ReasonProps): ReactElement {
  return (
    <label className="form-field">
      <span>{label}</span>
      <textarea rows={2} required={required} value={value} onChange={(event) => onText(event.target.value)} />
      {help !== undefined && <span className="muted small">{help}</span>}
    </label>
  );
}

interface ChoiceProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly choices: readonly (readonly [value: T, text: string])[];
  readonly onChoose: (value: T) => void;
}

export function Choice<T extends string>({ label, value, choices, onChoose }: ChoiceProps<T>): ReactElement {
  return (
    <label className="form-field">
      <span>{label}</span>
      <select
        value={value}
        onChange={(event) => {
          const chosen = choices.find(([each]) => each === event.target.value);
          if (chosen !== undefined) onChoose(chosen[0]);
        }}
      >
        {choices.map(([each, text]) => (
          <option key={each} value={each}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}

/** A heading with what can be done beside it. */
export function PageHead({ title, children }: { title: string; children?: ReactNode }): ReactElement {
  return (
    <div className="page-head">
      <h1>{title}</h1>
      <span className="spring" />
      {children}
    </div>
  );
}
