/** Statements that were run from this browser. */
import type { ReactElement } from 'react';
import { RECENT_SEARCHES_MAX } from '../../limits.js';
import { shown } from '../../text.js';
import { Popover } from '../../ui/popover.js';
import { createKeptStore, useStore } from '../../ui/store.js';
import { say } from '../../words/dictionary.js';
import { sqlWords } from '../../words/sql.js';

const isList = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((each) => typeof each === 'string');

const statements = createKeptStore<readonly string[]>('sillok.statements', [], isList);

export function rememberStatement(query: string): void {
  const text = query.trim();
  if (text === '') return;
  statements.set([text, ...statements.get().filter((each) => each !== text)].slice(0, RECENT_SEARCHES_MAX));
}

export function History({ onChoose }: { onChoose: (query: string) => void }): ReactElement {
  const words = say(sqlWords);
  const kept = useStore(statements);
  return (
    <Popover label={words.history} className="quiet" button={<>{words.history}</>}>
      {(close) =>
        kept.length === 0 ? (
          <p className="muted">{words.historyNone}</p>
        ) : (
          <ul className="kept">
            {kept.map((each) => (
              <li key={each}>
                <button
                  type="button"
                  className="kept-query"
                  onClick={() => {
                    close();
                    onChoose(each);
                  }}
                >
                  {shown(each)}
                </button>
              </li>
            ))}
          </ul>
        )
      }
    </Popover>
  );
}
