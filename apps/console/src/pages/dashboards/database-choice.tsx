/** Which database a kept statement is for; nothing where there is none to ask. */
import type { ReactElement } from 'react';
import { databases } from '../../api/database.js';
import { useCall } from '../../api/use-call.js';
import { Choice } from '../../ui/field.js';
import { say } from '../../words/dictionary.js';
import { sqlWords } from '../../words/sql.js';

interface DatabaseChoiceProps {
  readonly value: string;
  readonly onChoose: (name: string) => void;
}

export function DatabaseChoice({ value, onChoose }: DatabaseChoiceProps): ReactElement | null {
  const words = say(sqlWords);
  const { answer } = useCall('databases', (signal) => databases(signal));
  const open = answer?.databases.filter(({ allowed }) => allowed).map(({ name }) => name) ?? [];
  // One that is kept but may not be asked here stays in sight: saving says why it cannot.
  const names = value === '' || open.includes(value) ? open : [...open, value];
  if (names.length === 0) return null;
  return (
    <Choice
      label={words.where}
      value={value}
      choices={[['', words.theRecord], ...names.map((name) => [name, name] as const)]}
      onChoose={onChoose}
    />
  );
}
