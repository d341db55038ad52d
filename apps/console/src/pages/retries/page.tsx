/** Was it retried, by whom? Numbers per layer, and a verdict that rests on records or says that it cannot tell. */
import type { RetryGroup } from '@sillok/api';
import { useState, type FormEvent, type ReactElement } from 'react';
import { retries } from '../../api/analysis.js';
import { useCall } from '../../api/use-call.js';
import { shown } from '../../text.js';
import { go, hrefHere, Link, useAddress } from '../../ui/address.js';
import { EvidenceList } from '../../ui/evidence.js';
import { formatMoment, formatNumber } from '../../ui/format.js';
import { useRange } from '../../ui/range.js';
import { Empty, Loading, Problem } from '../../ui/states.js';
import { TimePicker } from '../../ui/time-picker.js';
import { Trust } from '../../ui/trust.js';
import { languageStore, say } from '../../words/dictionary.js';
import { servicesWords } from '../../words/services.js';

export function Page(): ReactElement {
  const { parameters } = useAddress();
  const range = useRange();
  const id = parameters.get('id') ?? undefined;
  const q = parameters.get('q') ?? undefined;
  const isAsked = id !== undefined || q !== undefined;
  // An id alone says where it is; a range would only hide it.
  const question = id === undefined ? { q, ...range } : { id };
  const words = say(servicesWords);
  const { answer, failure, busy, again } = useCall(isAsked ? JSON.stringify(question) : undefined, (signal) =>
    retries(question, signal),
  );
  return (
    <main id="content" className="page">
      <div className="page-head">
        <h1>{words.retries}</h1>
        <span className="spring" />
        <TimePicker />
      </div>
      <AskBox key={id ?? q ?? ''} preset={id ?? q ?? ''} />
      {isAsked && <Trust of={answer} busy={busy} />}
      {failure !== undefined && (
        <Problem failure={failure} onRetry={again} {...(q === undefined ? {} : { q })} />
      )}
      {isAsked && answer === undefined && busy && <Loading />}
      {answer?.groups.length === 0 && <Empty title={words.retriesNone} />}
      {answer?.groups.map((group) => (
        <Group key={`${group.service} ${group.what} ${group.first}`} group={group} />
      ))}
    </main>
  );
}

const ID = /^[A-Za-z0-9_.:-]{8,}$/;

function AskBox({ preset }: { preset: string }): ReactElement {
  const [text, setText] = useState(preset);
  const words = say(servicesWords);
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    const asked = text.trim();
    const isId = ID.test(asked) && /\d/.test(asked);
    go(hrefHere(isId ? { id: asked, q: undefined } : { q: asked, id: undefined }));
  };
  return (
    <form className="ask-box" onSubmit={onSubmit}>
      <input
        type="search"
        aria-label={words.retriesHelp}
        placeholder={words.retriesHelp}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <button type="submit" className="primary">
        {words.retriesAsk}
      </button>
    </form>
  );
}

function Group({ group }: { group: RetryGroup }): ReactElement {
  const words = say(servicesWords);
  const { layers } = group;
  const counts = [
    [words.layerActions, layers.actions],
    [words.layerClient, layers.client],
    [words.layerEdge, layers.edge],
    [words.layerServices, layers.services],
  ] as const;
  return (
    <article className="card">
      <div className="page-head">
        <h2>{shown(`${group.service}: ${group.what}`)}</h2>
        <span className="tag">{words[`verdict_${group.verdict}`]}</span>
      </div>
      <p>{shown(group.sentence[languageStore.get()])}</p>
      <div className="numbers">
        {counts.map(([name, count]) => (
          <div key={name} className="number-card">
            <span className="muted small">{name}</span>
            <strong>{count === null ? '–' : formatNumber(count)}</strong>
            {count === null && <span className="muted small">{words.unknown}</span>}
          </div>
        ))}
      </div>
      <ul>
        {group.causes.map((cause) => (
          <li key={cause.verdict}>
            {words[`verdict_${cause.verdict}`]}: {words.extra(formatNumber(cause.extra))}{' '}
            <EvidenceList evidence={cause.evidence} />
          </li>
        ))}
      </ul>
      <p className="muted small">
        {words.received(formatNumber(group.received))} · {formatMoment(group.first)} –{' '}
        {formatMoment(group.last)}
        {group.trace_ids.slice(0, 5).map((id) => (
          <span key={id}>
            {' · '}
            <Link to={`/trace/${id}`}>{`${words.trace} ${id.slice(0, 8)}`}</Link>
          </span>
        ))}
      </p>
    </article>
  );
}
