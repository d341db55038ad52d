/** A statement that was saved in the workbench, taken over into a rule; nothing where none is. */
import type { ReactElement } from 'react';
import { savedSearches } from '../../api/saved.js';
import { useCall } from '../../api/use-call.js';
import { shown } from '../../text.js';
import { Choice } from '../../ui/field.js';
import { say } from '../../words/dictionary.js';
import { alertWords } from '../../words/alerts.js';

interface SavedStatementProps {
  readonly database: string;
  readonly onChoose: (q: string) => void;
}

/** Its text is copied: whoever changes the saved one later does not change what wakes people up. */
export function SavedStatement({ database, onChoose }: SavedStatementProps): ReactElement | null {
  const words = say(alertWords);
  const { answer } = useCall('saved', savedSearches);
  const fitting = (answer?.saved ?? []).filter(
    (each) => each.language === 'sql' && each.database === database,
  );
  if (fitting.length === 0) return null;
  return (
    <Choice
      label={words.savedStatement}
      value=""
      choices={[['', words.choose], ...fitting.map(({ id, name }) => [id, shown(name)] as const)]}
      onChoose={(id) => {
        const chosen = fitting.find((each) => each.id === id);
        if (chosen !== undefined) onChoose(chosen.q);
      }}
    />
  );
}
