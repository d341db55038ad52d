/** Changes as cards, newest first, with how fresh and complete the answer is; older ones on request. */
import type { ReactElement } from 'react';
import { formatNumber } from '../../ui/format.js';
import { Loading, Problem } from '../../ui/states.js';
import { Trust } from '../../ui/trust.js';
import { say } from '../../words/dictionary.js';
import { historyWords } from '../../words/history.js';
import { ChangeCard } from './change-card.js';
import type { Found } from './use-changes.js';

interface ListProps {
  readonly found: Found;
  /** What is said when there is none. */
  readonly none: ReactElement;
}

export function ChangeList({ found, none }: ListProps): ReactElement {
  const words = say(historyWords);
  const { shownChanges, answer, failure, busy, again, more } = found;
  const leftOut = answer?.sessions_left_out ?? 0;
  return (
    <>
      <Trust of={answer} busy={busy}>
        {answer !== undefined && <strong>{words.changes(formatNumber(shownChanges.length))}</strong>}
      </Trust>
      {leftOut > 0 && <p className="warning">{words.sessionsLeft(formatNumber(leftOut))}</p>}
      {answer?.kept_from !== undefined && <p className="muted">{words.keptFrom(answer.kept_from)}</p>}
      {failure !== undefined && <Problem failure={failure} onRetry={again} />}
      {answer === undefined && busy && <Loading />}
      {answer !== undefined && shownChanges.length === 0 && none}
      <ol className="change-list">
        {shownChanges.map((change) => (
          <li key={change.id}>
            <ChangeCard change={change} />
          </li>
        ))}
      </ol>
      {more !== undefined && (
        <button type="button" disabled={busy} onClick={more}>
          {words.older}
        </button>
      )}
    </>
  );
}
