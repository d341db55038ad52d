/** Nothing there, still coming, and failed: each says what to do next. */
import type { ReactElement, ReactNode } from 'react';
import type { Failure } from '../api/http.js';
import { say } from '../words/dictionary.js';
import { frameWords } from '../words/frame.js';
import { shown } from '../text.js';
import { toldInLanguage } from './query-explanations.js';
import { toldRefusal } from './refusals.js';

export function Empty(props: { title: string; help?: string; children?: ReactNode }): ReactElement {
  return (
    <div className="empty">
      <p className="empty-title">{props.title}</p>
      {props.help !== undefined && <p className="muted">{props.help}</p>}
      {props.children}
    </div>
  );
}

export function Loading(): ReactElement {
  return (
    <div className="loading" role="status">
      <span className="spinner" aria-hidden="true" /> {say(frameWords).loading}
    </div>
  );
}

/** What failed, why, and the way on. `q` shows the place of an error inside a search. */
export function Problem(props: { failure: Failure; q?: string; onRetry?: () => void }): ReactElement {
  const { failure, q, onRetry } = props;
  const words = say(frameWords);
  const { from, to } = failure;
  const unreachable = failure.status === 0;
  const [first] = failure.errors ?? [];
  const told =
    first?.code === undefined ? toldRefusal(failure) : { ...toldOf(first, failure), more: undefined };
  return (
    <div role="alert" className="problem">
      {q !== undefined && from !== undefined && to !== undefined && (
        <pre>
          {shown(q.slice(0, from))}
          <mark>{shown(q.slice(from, Math.max(to, from + 1))) || ' '}</mark>
          {shown(q.slice(Math.max(to, from + 1)))}
        </pre>
      )}
      <p>
        <strong>{unreachable ? words.unreachable : shown(told.message)}</strong>{' '}
        {unreachable ? words.unreachableHelp : shown(told.help)}
      </p>
      {!unreachable && told.more !== undefined && (
        <p className="muted small" lang="en">
          {shown(told.more)}
        </p>
      )}
      {onRetry !== undefined && (
        <button type="button" onClick={onRetry}>
          {words.retry}
        </button>
      )}
    </div>
  );
}

/** In Korean by its code; in English the server has put the sentence together. */
function toldOf(
  first: NonNullable<Failure['errors']>[number],
  failure: Failure,
): Pick<Failure, 'message' | 'help'> {
  const told = toldInLanguage(first);
  return told.message === first.message ? failure : told;
}
