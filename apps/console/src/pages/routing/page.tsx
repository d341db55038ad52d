/** Debug sessions: begin one, see what is running and which versions answered, end it. Made for a phone first. */
import type { DebugSession } from '@sillok/api';
import type { ReactElement } from 'react';
import { debugRouteCalls } from '../../api/debug-route.js';
import { whoAmI } from '../../api/team.js';
import { useCall } from '../../api/use-call.js';
import { ALERTS_REFRESH_MS } from '../../limits.js';
import { go, hrefHere, useAddress } from '../../ui/address.js';
import { PageHead } from '../../ui/field.js';
import { Empty, Loading, Problem } from '../../ui/states.js';
import { useEvery } from '../../ui/use-every.js';
import { say } from '../../words/dictionary.js';
import { routingWords } from '../../words/routing.js';
import { BeginForm } from './begin-form.js';
import { SessionCard } from './session-card.js';

const MAY_BEGIN: readonly string[] = ['write', 'admin', 'owner'];

export function Page(): ReactElement {
  const words = say(routingWords);
  const { answer, failure, again } = useCall('debug sessions', debugRouteCalls.list);
  const me = useCall('who am I', whoAmI).answer;
  useEvery(ALERTS_REFRESH_MS, again);
  const mayBegin = me?.scopes.some((scope) => MAY_BEGIN.includes(scope)) === true;
  return (
    <main id="content" className="page routing">
      <PageHead title={words.title} />
      <p className="muted">
        {words.lead} {words.guide}
      </p>
      {me !== undefined && !mayBegin && <p className="muted">{words.mayNot}</p>}
      {failure !== undefined && <Problem failure={failure} onRetry={again} />}
      {answer === undefined && failure === undefined && <Loading />}
      {answer !== undefined && mayBegin && (
        // What is running comes first, and on a phone is all that there is room for.
        <details className="card" open={answer.sessions.length === 0}>
          <summary>{words.begin}</summary>
          <BeginForm
            onBegun={(id) => {
              again();
              go(hrefHere({ session: id }));
            }}
          />
        </details>
      )}
      {answer !== undefined && <Sessions sessions={answer.sessions} mayEnd={mayBegin} onChange={again} />}
    </main>
  );
}

interface SessionsProps {
  readonly sessions: readonly DebugSession[];
  readonly mayEnd: boolean;
  readonly onChange: () => void;
}

/** The chosen one, else the newest that is running, is open: it is followed live. */
function Sessions({ sessions, mayEnd, onChange }: SessionsProps): ReactElement {
  const words = say(routingWords);
  const asked = useAddress().parameters.get('session');
  const chosen =
    sessions.find(({ id }) => id === asked) ??
    sessions.find(({ ended_at }) => ended_at === null) ??
    sessions[0];
  return (
    <section className="routing-sessions" aria-label={words.sessions}>
      <h2>{words.sessions}</h2>
      {sessions.length === 0 && <Empty title={words.none} help={words.noneHelp} />}
      {sessions.map((session) => (
        <SessionCard
          key={session.id}
          session={session}
          isOpen={session === chosen}
          mayEnd={mayEnd}
          onChange={onChange}
        />
      ))}
    </section>
  );
}
