/**
 * What changed on the data of this person: who did it, from what to what. Also what was done in requests that are none of theirs, by
 * a colleague, one of us or a script: so it is asked of the audit trail, and not taken from the records of their story.
 */
import type { ReactElement } from 'react';
import { hrefOf, Link } from '../../ui/address.js';
import { useRange } from '../../ui/range.js';
import { say } from '../../words/dictionary.js';
import { scenarioWords } from '../../words/scenario.js';
import { ChangeList } from '../history/change-list.js';
import { useChanges } from '../history/use-changes.js';

export function PersonChanges({ person }: { person: string }): ReactElement {
  const words = say(scenarioWords);
  const found = useChanges({ person, reads: 'without', ...useRange() });
  return (
    <section className="story-changes" aria-labelledby="changes">
      <h2 id="changes">{words.changes}</h2>
      <ChangeList found={found} none={<p className="muted">{words.changesNone}</p>} />
      <p>
        <Link to={hrefOf('/history', { person, from: '0', reads: 'with' })}>{words.changesAll}</Link>
      </p>
    </section>
  );
}
