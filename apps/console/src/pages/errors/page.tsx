/** Errors, put together by where in the code they arise: how often, since when, since which release, how many people. */
import type { ErrorGroup } from '@sillok/api';
import type { ReactElement } from 'react';
import { errors } from '../../api/analysis.js';
import { useCall } from '../../api/use-call.js';
import { shown } from '../../text.js';
import { go, hrefHere, hrefOf, Link, useAddress } from '../../ui/address.js';
import { formatAgo, formatMoment, formatNumber } from '../../ui/format.js';
import { QueryBar } from '../../ui/query-bar.js';
import { rangeParameters, useRange } from '../../ui/range.js';
import { Spark } from '../../ui/spark.js';
import { Empty, Loading } from '../../ui/states.js';
import { Trust } from '../../ui/trust.js';
import { say } from '../../words/dictionary.js';
import { compareWords } from '../../words/compare.js';

const SORTS = ['last', 'count', 'people', 'first'] as const;

export function Page(): ReactElement {
  const { parameters } = useAddress();
  const q = parameters.get('q') ?? '';
  const sort = SORTS.find((each) => each === parameters.get('sort')) ?? 'last';
  const range = useRange();
  const question = { q, ...range, sort };
  const words = say(compareWords);
  const { answer, failure, busy, again } = useCall(JSON.stringify(question), (signal) =>
    errors(question, signal),
  );
  const names = {
    ...{ last: words.sortLast, count: words.sortCount },
    ...{ people: words.sortPeople, first: words.sortFirst },
  };
  return (
    <main id="content" className="page">
      <div className="page-head">
        <h1>{words.errors}</h1>
        <span className="spring" />
        <select
          aria-label={words.sort}
          value={sort}
          onChange={(event) => go(hrefHere({ sort: event.target.value }), { replace: true })}
        >
          {SORTS.map((each) => (
            <option key={each} value={each}>
              {names[each]}
            </option>
          ))}
        </select>
      </div>
      <QueryBar q={q} failure={failure} onRun={(next) => go(hrefHere({ q: next }))} onRetry={again} />
      <Trust of={answer} busy={busy} />
      {answer === undefined && busy && <Loading />}
      {answer?.groups.length === 0 && <Empty title={words.errorsNone} help={words.errorsNoneHelp} />}
      <ul className="groups">
        {answer?.groups.map((group) => (
          <li key={group.fingerprint}>
            <Group group={group} />
          </li>
        ))}
      </ul>
    </main>
  );
}

function Group({ group }: { group: ErrorGroup }): ReactElement {
  const words = say(compareWords);
  const inAddress = rangeParameters(useRange());
  const release = group.releases[0];
  return (
    <article className="card group">
      <div className="group-head">
        <h2>
          <Link to={hrefOf('/search', { q: group.search, ...inAddress })}>
            {shown(group.type === '' ? group.template : `${group.type}: ${group.template}`)}
          </Link>
        </h2>
        <Spark values={group.trend} label={words.trend} />
      </div>
      <p className="muted small">
        <strong>{shown(group.service)}</strong> {shown(group.routes.slice(0, 3).join(', '))}
        {release !== undefined &&
          ` · ${words.releases}: ${shown(group.releases.map((each) => each.version).join(', '))}`}
      </p>
      <div className="group-numbers">
        <Fact name={words.count} text={formatNumber(group.count)} />
        <Fact name={words.people} text={formatNumber(group.people)} />
        {group.customers > 0 && <Fact name={words.customers} text={formatNumber(group.customers)} />}
        <Fact name={words.last} text={formatAgo(group.last, Date.now())} title={formatMoment(group.last)} />
        <Fact
          name={words.first}
          text={formatAgo(group.first, Date.now())}
          title={formatMoment(group.first)}
        />
      </div>
      {group.frames.length > 0 && (
        <details>
          <summary className="small">{words.frames}</summary>
          <pre>{group.frames.map((frame) => shown(frame)).join('\n')}</pre>
        </details>
      )}
      <p className="chips">
        {group.trace_id !== '' && (
          <Link className="chip strong" to={`/trace/${encodeURIComponent(group.trace_id)}`}>
            {words.trace}
          </Link>
        )}
        <Link className="chip" to={hrefOf('/search', { q: group.search, ...inAddress })}>
          {words.open}
        </Link>
        <Link className="chip" to={hrefOf('/why', { q: group.search, unit: 'trace', ...inAddress })}>
          {words.why}
        </Link>
      </p>
    </article>
  );
}

function Fact(props: { name: string; text: string; title?: string }): ReactElement {
  return (
    <span title={props.title}>
      <span className="muted small">{props.name}</span> <strong>{props.text}</strong>
    </span>
  );
}
