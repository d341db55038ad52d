/** One session: what it asks for, how long still, how it is sent, and its end. */
import type { DebugSession } from '@sillok/api';
import { useCallback, useState, type ReactElement } from 'react';
import { debugRouteCalls } from '../../api/debug-route.js';
import { COUNT_DOWN_MS } from '../../limits.js';
import { shown } from '../../text.js';
import { useAct } from '../../ui/act.js';
import { hrefHere, Link } from '../../ui/address.js';
import { copyText } from '../../ui/copy.js';
import { formatDuration, formatMoment } from '../../ui/format.js';
import { Icon } from '../../ui/icon.js';
import { Problem } from '../../ui/states.js';
import { useEvery } from '../../ui/use-every.js';
import { say } from '../../words/dictionary.js';
import { routingWords } from '../../words/routing.js';
import { Answered, useFollowing } from './answered.js';
import { curlText, endedText, headerText, meshText, nginxText, PAGE_OUT, pageText } from './ways.js';

interface SessionCardProps {
  readonly session: DebugSession;
  readonly isOpen: boolean;
  readonly mayEnd: boolean;
  readonly onChange: () => void;
}

export function SessionCard({ session, isOpen, mayEnd, onChange }: SessionCardProps): ReactElement {
  const words = say(routingWords);
  const { act, busy, failure } = useAct(onChange);
  const { id, targets, ended_at, reason, began_by } = session;
  const text = Object.entries(targets)
    .map(([service, version]) => `${service} → ${version}`)
    .join(', ');
  return (
    <article className="card routing-session" data-ended={ended_at !== null}>
      <div className="page-head">
        <h3>{isOpen ? shown(text) : <Link to={hrefHere({ session: id })}>{shown(text)}</Link>}</h3>
        <span className="spring" />
        {ended_at === null && mayEnd && (
          <button type="button" disabled={busy} onClick={() => act(() => debugRouteCalls.end(id))}>
            {words.end}
          </button>
        )}
      </div>
      <p className="muted small routing-facts">
        <TimeLeft session={session} />
        <span>{shown(words.by(began_by))}</span>
        {reason !== null && <span>{shown(reason)}</span>}
        <code>{id}</code>
      </p>
      {failure !== undefined && <Problem failure={failure} />}
      {isOpen && <OpenSession key={id} session={session} />}
    </article>
  );
}

function TimeLeft({ session: { expires_at, ended_at } }: { session: DebugSession }): ReactElement {
  const words = say(routingWords);
  const [nowMs, setNowMs] = useState(Date.now);
  useEvery(
    COUNT_DOWN_MS,
    useCallback(() => setNowMs(Date.now()), []),
  );
  if (ended_at !== null) return <strong>{words.ended(formatMoment(ended_at))}</strong>;
  const leftMs = Date.parse(expires_at) - nowMs;
  const isOver = leftMs <= 0;
  return (
    <strong className={isOver ? 'warning' : 'good'}>
      {isOver ? words.over : words.left(formatDuration(leftMs))}
    </strong>
  );
}

/** How it is sent is folded away once somebody has answered. */
function OpenSession({ session }: { session: DebugSession }): ReactElement {
  const words = say(routingWords);
  const following = useFollowing(session);
  const { baggage, ended_at, expires_at } = session;
  if (ended_at !== null) {
    return (
      <>
        <p>{words.endedHelp(formatMoment(expires_at))}</p>
        <CopyLine name={words.takeOut} text={PAGE_OUT} />
        <CopyLine name={words.proxyNginx} text={endedText(session)} />
        <Answered session={session} following={following} />
      </>
    );
  }
  return (
    <>
      {baggage !== null && (
        <details open={following.hops.length === 0}>
          <summary>{words.send}</summary>
          <CopyLine name={words.sendPage} text={pageText(baggage)} />
          <CopyLine name={words.sendHeader} text={headerText(baggage)} />
          <CopyLine name={words.sendCurl} text={curlText(baggage)} />
          <CopyLine name={words.takeOut} text={PAGE_OUT} />
        </details>
      )}
      <Answered session={session} following={following} />
      {baggage !== null && (
        <details>
          <summary>{words.proxies}</summary>
          <CopyLine name={words.proxyNginx} text={nginxText(session)} />
          <CopyLine name={words.proxyMesh} text={meshText(session, baggage)} />
        </details>
      )}
    </>
  );
}

function CopyLine({ name, text }: { name: string; text: string }): ReactElement {
  const words = say(routingWords);
  return (
    <div className="routing-copy">
      <span className="small muted">{name}</span>
      <div>
        <code>{text}</code>
        <button
          type="button"
          className="quiet"
          aria-label={words.copyThis(name)}
          onClick={() => void copyText(text)}
        >
          <Icon name="copy" />
        </button>
      </div>
    </div>
  );
}
