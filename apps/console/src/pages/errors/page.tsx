/** Errors, put together by where in the code they arise: how often, whom they meet, and what people decided about them. */
import type { ErrorGroup, ErrorsAnswer } from '@sillok/api';
import { useState, type ReactElement } from 'react';
import { errors } from '../../api/analysis.js';
import { whoAmI } from '../../api/team.js';
import { useCall } from '../../api/use-call.js';
import { shown } from '../../text.js';
import { go, hrefHere, hrefOf, Link, useAddress } from '../../ui/address.js';
import { formatAgo, formatMoment, formatNumber } from '../../ui/format.js';
import { QueryBar } from '../../ui/query-bar.js';
import { rangeParameters, useRange } from '../../ui/range.js';
import { Spark } from '../../ui/spark.js';
import { Empty, Loading } from '../../ui/states.js';
import { Tabs, useTab } from '../../ui/tabs.js';
import { Trust } from '../../ui/trust.js';
import { say } from '../../words/dictionary.js';
import { compareWords } from '../../words/compare.js';
import { errorWords } from '../../words/errors.js';
import { LifeActs, LifeChips } from './life.js';
import { LinksDialog, SystemLink } from './links.js';

const SORTS = ['last', 'count', 'people', 'first'] as const;
const STATES = ['open', 'mine', 'resolved', 'ignored', 'all'] as const;

export function Page(): ReactElement {
  const { parameters } = useAddress();
  const q = parameters.get('q') ?? '';
  const sort = SORTS.find((each) => each === parameters.get('sort')) ?? 'last';
  const tab = useTab('open');
  const state = STATES.find((each) => each === tab) ?? 'open';
  const question = { q, ...useRange(), sort, state };
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
        <OtherSystems onSaved={again} />
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
      <StateTabs states={answer?.states} />
      <Trust of={answer} busy={busy} />
      {answer === undefined && busy && <Loading />}
      {answer?.groups.length === 0 && <NoErrors state={state} />}
      <ul className="groups">
        {answer?.groups.map((group) => (
          <li key={group.fingerprint}>
            <Group group={group} onDone={again} />
          </li>
        ))}
      </ul>
    </main>
  );
}

function StateTabs({ states }: { states: ErrorsAnswer['states'] | undefined }): ReactElement {
  const words = say(errorWords);
  const tabs = STATES.map((name) => {
    const count = name === 'all' ? undefined : states?.[name];
    return { name, title: count === undefined ? words[name] : `${words[name]} ${formatNumber(count)}` };
  });
  return <Tabs tabs={tabs} label={words.states} />;
}

function NoErrors({ state }: { state: (typeof STATES)[number] }): ReactElement {
  const [words, help] = [say(errorWords), say(compareWords)];
  if (state === 'all') return <Empty title={help.errorsNone} help={help.errorsNoneHelp} />;
  return <Empty title={words[`none_${state}`]} help={words.noneHelp} />;
}

/** For those who may change settings. */
function OtherSystems({ onSaved }: { onSaved: () => void }): ReactElement | null {
  const [isOpen, setOpen] = useState(false);
  const { answer: session } = useCall('session', (signal) => whoAmI(signal));
  if (session?.role !== 'admin' && session?.role !== 'owner') return null;
  return (
    <>
      <button type="button" onClick={() => setOpen(true)}>
        {say(errorWords).links}
      </button>
      {isOpen && (
        <LinksDialog
          onClose={(isSaved) => {
            setOpen(false);
            if (isSaved) onSaved();
          }}
        />
      )}
    </>
  );
}

function Group({ group, onDone }: { group: ErrorGroup; onDone: () => void }): ReactElement {
  const words = say(compareWords);
  const inAddress = rangeParameters(useRange());
  const releases = group.releases.map(({ version }) => version).filter((version) => version !== '');
  return (
    <article className="card group" data-state={group.life.state}>
      <div className="group-head">
        <h2>
          <Link to={hrefOf('/search', { q: group.search, ...inAddress })}>
            {shown(group.type === '' ? group.template : `${group.type}: ${group.template}`)}
          </Link>
        </h2>
        <Spark values={group.trend} label={words.trend} />
      </div>
      <LifeChips life={group.life} nowMs={Date.now()} />
      <p className="muted small">
        <strong>{shown(group.service)}</strong> {shown(group.routes.slice(0, 3).join(', '))}
        {releases.length > 0 && ` · ${words.releases}: ${shown(releases.join(', '))}`}
      </p>
      <Numbers group={group} />
      {group.frames.length > 0 && (
        <details>
          <summary className="small">{words.frames}</summary>
          <pre>{group.frames.map((frame) => shown(frame)).join('\n')}</pre>
        </details>
      )}
      <div className="chips">
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
        {group.links.map((link) => (
          <SystemLink key={link.system} link={link} />
        ))}
        <span className="spring" />
        <LifeActs group={group} onDone={onDone} />
      </div>
    </article>
  );
}

function Numbers({ group }: { group: ErrorGroup }): ReactElement {
  const words = say(compareWords);
  const when = (time: string) => ({ text: formatAgo(time, Date.now()), title: formatMoment(time) });
  return (
    <div className="group-numbers">
      <Fact name={words.count} text={formatNumber(group.count)} />
      <Fact name={words.people} text={formatNumber(group.people)} />
      {group.customers > 0 && <Fact name={words.customers} text={formatNumber(group.customers)} />}
      <Fact name={words.last} {...when(group.last)} />
      <Fact name={words.first} {...when(group.first)} />
    </div>
  );
}

function Fact(props: { name: string; text: string; title?: string }): ReactElement {
  return (
    <span title={props.title}>
      <span className="muted small">{props.name}</span> <strong>{props.text}</strong>
    </span>
  );
}
