/** Which versions answered the requests of a session: of each service, and of each of the latest requests. Live. */
import type { DebugSession } from '@sillok/api';
import type { ReactElement } from 'react';
import type { Failure } from '../../api/http.js';
import { search } from '../../api/search.js';
import { useCall } from '../../api/use-call.js';
import { ALERTS_REFRESH_MS, PAGE_RECORDS } from '../../limits.js';
import { shortTime, shown } from '../../text.js';
import { hrefOf, Link } from '../../ui/address.js';
import { formatNumber } from '../../ui/format.js';
import { Problem } from '../../ui/states.js';
import { useEvery } from '../../ui/use-every.js';
import { useLive } from '../../ui/use-live.js';
import { say } from '../../words/dictionary.js';
import { routingWords } from '../../words/routing.js';
import { hopsOf, requestsOf, servicesOf, type Hop, type Request, type ServiceAnswer } from './hops.js';

const REQUESTS_SHOWN = 10;

interface Following {
  readonly hops: readonly Hop[];
  readonly isConnected: boolean;
  readonly failure: Failure | undefined;
}

/** The hops of a session, from its beginning and as they come. */
export function useFollowing({ id, began_at: from }: DebugSession): Following {
  const q = `route.debug:${id} kind:access`;
  // What came before the page was opened. Asked again, since what is on its way into search is in neither at first.
  const past = useCall(q, (signal) => search({ q, from }, { limit: PAGE_RECORDS }, signal));
  useEvery(ALERTS_REFRESH_MS, past.again);
  const { state, connected: isConnected, refused } = useLive(q, false);
  const hops = hopsOf([...state.shown, ...(past.answer?.records ?? [])]);
  return { hops, isConnected, failure: refused ?? past.failure };
}

interface AnsweredProps {
  readonly session: DebugSession;
  readonly following: Following;
}

export function Answered({ session, following }: AnsweredProps): ReactElement {
  const words = say(routingWords);
  const { hops, isConnected, failure } = following;
  const from = session.began_at;
  return (
    <section className="routing-answered" aria-label={words.answered}>
      <div className="page-head">
        <h4>{words.answered}</h4>
        <span className={isConnected ? 'good small' : 'warning small'} role="status">
          {isConnected ? words.following : words.connecting}
        </span>
        <span className="spring" />
        <Link to={hrefOf('/search', { q: `route.debug:${session.id}`, from })}>{words.allRecords}</Link>
      </div>
      {failure !== undefined && <Problem failure={failure} />}
      <ul className="routing-services">
        {servicesOf(session.targets, hops).map((each) => (
          <Service key={each.service} answer={each} />
        ))}
      </ul>
      {hops.length === 0 && (
        <p className="muted">
          {words.waiting} {words.waitingHelp}
        </p>
      )}
      {hops.length > 0 && (
        <>
          <h4>{words.requests}</h4>
          <ol className="routing-requests">
            {requestsOf(hops)
              .slice(0, REQUESTS_SHOWN)
              .map((request) => (
                <RequestLine key={request.traceId} request={request} />
              ))}
          </ol>
        </>
      )}
    </section>
  );
}

function Service({ answer }: { answer: ServiceAnswer }): ReactElement {
  const words = say(routingWords);
  const { service, asked, versions } = answer;
  return (
    <li>
      <strong>{shown(service)}</strong>
      <span className="muted small">{asked === undefined ? words.notAsked : shown(words.asked(asked))}</span>
      {versions.length === 0 && <span className="muted">{words.nobody}</span>}
      {versions.map(([version, count]) => (
        <span key={version} className="routing-version">
          {shown(words.times(version, formatNumber(count)))}{' '}
          {asked !== undefined && <Verdict isYours={version === asked} />}
        </span>
      ))}
    </li>
  );
}

function Verdict({ isYours }: { isYours: boolean }): ReactElement {
  const words = say(routingWords);
  return <span className={isYours ? 'good' : 'warning'}>{isYours ? words.yours : words.notYours}</span>;
}

function RequestLine({ request }: { request: Request }): ReactElement {
  const words = say(routingWords);
  const { hops, traceId, time, status } = request;
  return (
    <li>
      <span className="muted small">{shortTime(time)}</span>
      <span className={status >= 400 ? 'bad' : undefined}>{status === 0 ? '' : status}</span>
      <span className="routing-hops">
        {hops.map((hop) => (
          <HopText key={hop.identity} hop={hop} />
        ))}
      </span>
      <Link to={`/trace/${traceId}`}>{words.openTrace}</Link>
    </li>
  );
}

function HopText({ hop: { service, version, target } }: { hop: Hop }): ReactElement {
  const state = target === undefined ? undefined : target === version ? 'good' : 'warning';
  return <span className={state}>{shown(`${service} ${version}`)}</span>;
}
