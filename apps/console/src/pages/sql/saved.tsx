/** Statements that the server keeps, of one database or of the record: everybody's own, and those that are shared. */
import { useState, type FormEvent, type ReactElement } from 'react';
import { removeSaved, savedSearches, saveSearch } from '../../api/saved.js';
import { useCall } from '../../api/use-call.js';
import { shown } from '../../text.js';
import { useAct } from '../../ui/act.js';
import { Field } from '../../ui/field.js';
import { Icon } from '../../ui/icon.js';
import { Popover } from '../../ui/popover.js';
import { Problem } from '../../ui/states.js';
import { say } from '../../words/dictionary.js';
import { sqlWords } from '../../words/sql.js';

interface SavedProps {
  /** Empty: the record. */
  readonly database: string;
  readonly query: string;
  readonly onChoose: (query: string) => void;
}

export function Saved({ database, query, onChoose }: SavedProps): ReactElement {
  const words = say(sqlWords);
  const { answer, again } = useCall('saved', savedSearches);
  const { failure, busy, act } = useAct(again);
  const [name, setName] = useState('');
  const own = (answer?.saved ?? []).filter((each) => each.language === 'sql' && each.database === database);
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    act(async () => {
      await saveSearch({ name, q: query, language: 'sql', database });
      setName('');
    });
  };
  return (
    <Popover label={words.saved} className="quiet" button={<>{words.saved}</>}>
      {(close) => (
        <>
          {own.length === 0 && <p className="muted">{words.savedNone}</p>}
          <ul className="kept">
            {own.map((each) => (
              <li key={each.id}>
                <button
                  type="button"
                  className="kept-query"
                  onClick={() => {
                    close();
                    onChoose(each.q);
                  }}
                >
                  {shown(each.name)}
                </button>
                {each.mine && (
                  <button
                    type="button"
                    className="quiet"
                    aria-label={`${words.remove}: ${shown(each.name)}`}
                    onClick={() => act(() => removeSaved(each.id))}
                  >
                    <Icon name="close" />
                  </button>
                )}
              </li>
            ))}
          </ul>
          <form className="form inline" onSubmit={onSubmit}>
            <Field label={words.saveAs} required value={name} onText={setName} />
            <button type="submit" disabled={busy || query.trim() === ''}>
              {words.save}
            </button>
          </form>
          {failure !== undefined && <Problem failure={failure} />}
        </>
      )}
    </Popover>
  );
}
