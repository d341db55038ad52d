/** One alert: what happened, to how many, what people did about it, and the way to the records. */
import type { ReactElement } from 'react';
import type { AlertShape } from '@sillok/api';
import { alertCalls } from '../../api/team.js';
import { useCall } from '../../api/use-call.js';
import { ALERTS_REFRESH_MS } from '../../limits.js';
import type { PageProps } from '../../routes.js';
import { useAct } from '../../ui/act.js';
import { hrefOf, Link } from '../../ui/address.js';
import { formatDuration, formatMoment } from '../../ui/format.js';
import { Loading, Problem } from '../../ui/states.js';
import { useEvery } from '../../ui/use-every.js';
import { shown } from '../../text.js';
import { languageStore, say } from '../../words/dictionary.js';
import { alertWords } from '../../words/alerts.js';
import { deliveryName, eventName, kindName, ruleName, stateName } from '../alerts/names.js';
import { measureOf } from '../alerts/page.js';

const HOUR_MINUTES = 60;

export function Page({ values }: PageProps): ReactElement {
  const id = values['id'] ?? '';
  const words = say(alertWords);
  const { answer, failure, again } = useCall(`alert ${id}`, (signal) => alertCalls.one(id, signal));
  useEvery(ALERTS_REFRESH_MS, again);
  return (
    <main id="content" className="page">
      <p>
        <Link to="/alerts">{words.back}</Link>
      </p>
      {failure !== undefined && <Problem failure={failure} onRetry={again} />}
      {answer === undefined && failure === undefined && <Loading />}
      {answer !== undefined && <Detail alert={answer} again={again} />}
    </main>
  );
}

function Detail({ alert, again }: { alert: AlertShape; again: () => void }): ReactElement {
  const words = say(alertWords);
  return (
    <>
      <h1 className="alert-title">{shown(alert.titles[languageStore.get()])}</h1>
      <Chips alert={alert} />
      <div className="chips">
        <Ways alert={alert} />
        {alert.trace_id !== null && (
          <Link className="button" to={`/trace/${encodeURIComponent(alert.trace_id)}`}>
            {words.openTrace}
          </Link>
        )}
        {alert.part_of !== null && (
          <Link className="button" to={`/alerts/${alert.part_of}`}>
            {words.openRoot}
          </Link>
        )}
        <Acts alert={alert} again={again} />
      </div>
      <Facts alert={alert} />
      <section className="card" aria-labelledby="told">
        <h2 id="told">{words.deliveries}</h2>
        {alert.deliveries.length === 0 && <p className="muted">{words.noDeliveries}</p>}
        <ul className="plain-list">
          {alert.deliveries.map((delivery) => (
            <li key={delivery.target}>
              {shown(delivery.target)} · {deliveryName(delivery.state)}
              {delivery.error !== null && <span className="bad"> {shown(delivery.error)}</span>}
            </li>
          ))}
        </ul>
      </section>
      <section className="card" aria-labelledby="events">
        <h2 id="events">{words.events}</h2>
        <ol className="alert-events">
          {alert.events.map((event, index) => (
            <li key={`${event.time}/${index}`}>
              <time dateTime={event.time}>{formatMoment(event.time)}</time> {eventName(event.what)}
              {event.by !== null && <span className="muted"> {shown(event.by)}</span>}
            </li>
          ))}
        </ol>
      </section>
    </>
  );
}

/** Where one sees more of it, or does something about it: the page of a request, the search, the statement. */
function Ways({ alert }: { alert: AlertShape }): ReactElement {
  const words = say(alertWords);
  const { database, q, from, to } = alert;
  return (
    <>
      {alert.place !== null && (
        <Link className="button primary" to={alert.place}>
          {words.openPlace}
        </Link>
      )}
      {database === '' ? (
        <Link
          className={alert.place === null ? 'button primary' : 'button'}
          to={hrefOf('/search', { q, from, to })}
        >
          {words.openSearch}
        </Link>
      ) : (
        <Link className="button primary" to={hrefOf('/sql', { db: database, query: q })}>
          {words.openStatement}
        </Link>
      )}
    </>
  );
}

function Chips({ alert }: { alert: AlertShape }): ReactElement {
  const words = say(alertWords);
  return (
    <div className="chips">
      <span className="chip" data-severity={alert.severity}>
        {alert.severity === 'critical' ? words.critical : words.warning}
      </span>
      <span className="chip">{kindName(alert.kind)}</span>
      <span className="chip">{stateName(alert)}</span>
      {alert.part_of !== null && <span className="chip">{words.partOf}</span>}
      {measureOf(alert).map((text) => (
        <span key={text} className="chip">
          {text}
        </span>
      ))}
      {alert.muted_until !== null && Date.parse(alert.muted_until) > Date.now() && (
        <span className="chip">{words.muted(formatMoment(alert.muted_until))}</span>
      )}
    </div>
  );
}

function Acts({ alert, again }: { alert: AlertShape; again: () => void }): ReactElement {
  const words = say(alertWords);
  const { busy, failure, act } = useAct(again);
  const isMuted = alert.muted_until !== null && Date.parse(alert.muted_until) > Date.now();
  return (
    <>
      {alert.state === 'open' && (
        <button type="button" disabled={busy} onClick={() => act(() => alertCalls.acknowledge(alert.id))}>
          {words.acknowledge}
        </button>
      )}
      {alert.state !== 'resolved' && (
        <button type="button" disabled={busy} onClick={() => act(() => alertCalls.resolve(alert.id))}>
          {words.resolve}
        </button>
      )}
      <button
        type="button"
        disabled={busy}
        onClick={() => act(() => alertCalls.mute(alert.id, isMuted ? 0 : HOUR_MINUTES))}
      >
        {isMuted ? words.unmute : words.mute}
      </button>
      {failure !== undefined && <Problem failure={failure} />}
    </>
  );
}

function Facts({ alert }: { alert: AlertShape }): ReactElement {
  const words = say(alertWords);
  const facts: readonly (readonly [string, string])[] = [
    [words.first, formatMoment(alert.first_time)],
    [words.last, formatMoment(alert.last_time)],
    [words.unnoticed, alert.unnoticed_ms === null ? '–' : formatDuration(alert.unnoticed_ms)],
    [words.lasted, formatDuration(alert.lasted_ms)],
    [words.services, shown(alert.services.join(', ')) || '–'],
    [words.releases, shown(alert.releases.join(', ')) || '–'],
    [words.rule, ruleName(alert)],
    [alert.database === '' ? words.search : words.statement, shown(alert.q)],
  ];
  return (
    <dl className="alert-card card">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
