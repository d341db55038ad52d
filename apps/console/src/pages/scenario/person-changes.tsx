/**
 * What changed on the data of this person: who did it, from what to what. Also what was done in requests that are none of theirs, by
 * a colleague, one of us or a script: so it is asked of the audit trail, and not taken from the records of their story.
 */
import type { ReactElement } from 'react';
import { hrefOf, Link } from '../../ui/address.js';
import { useRange } from '../../ui/range.js';
import { Loading, Problem } from '../../ui/states.js';
import { Trust } from '../../ui/trust.js';
import { say } from '../../words/dictionary.js';
import { scenarioWords } from '../../words/scenario.js';
import { ChangeCard } from '../history/change-card.js';
import { useChanges } from '../history/use-changes.js';

export function PersonChanges({ person }: { person: string }): ReactElement {
  const words = say(scenarioWords);
  const range = useRange();
  const { shownChanges, answer, failure, busy, again } = useChanges({ person, reads: 'without', ...range });
  return (
    <section className="story-changes" aria-labelledby="changes">
      <h2 id="changes">{words.changes}</h2>
      {failure !== undefined && <Problem failure={failure} onRetry={again} />}
      {answer === undefined && busy && <Loading />}
      {answer !== undefined && <Trust of={answer} busy={busy} />}
      {answer?.changes.length === 0 && <p className="muted">{words.changesNone}</p>}
      <ol className="change-list">
        {shownChanges.map((change) => (
          <li key={change.id}>
            <ChangeCard change={change} />
          </li>
        ))}
      </ol>
      <p>
        <Link to={hrefOf('/history', { person, from: '0', reads: 'with' })}>{words.changesAll}</Link>
      </p>
    </section>
  );
}
