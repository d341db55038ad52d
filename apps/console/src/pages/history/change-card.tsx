/** One change, as somebody tells it on the phone: when, who, what; from what to what; why; and the click behind it. */
import type { AuditCause, AuditChange } from '@sillok/api';
import type { ReactElement } from 'react';
import { asText, shown } from '../../text.js';
import { hrefOf, Link } from '../../ui/address.js';
import { formatMoment } from '../../ui/format.js';
import { Icon } from '../../ui/icon.js';
import { JsonTree } from '../../ui/json-tree.js';
import { languageStore, say } from '../../words/dictionary.js';
import { actionText, historyWords, thingText } from '../../words/history.js';

export function ChangeCard({ change }: { change: AuditChange }): ReactElement {
  const words = say(historyWords);
  const language = languageStore.get();
  const { actor, entity, outcome, action, reason, trace_id, subject, customer } = change;
  const what = actionText(action, language);
  return (
    <article className="change" data-outcome={outcome}>
      <p className="change-head">
        <time dateTime={change.time} title={change.time}>
          {formatMoment(change.time)}
        </time>
        <Link to={hrefOf('/history', { actor: actor.id, from: '-30d' })}>
          {actor.type === 'user' && actor.id === subject ? words.actor_self : actorText(actor)}
        </Link>
        <span className={outcome === 'committed' ? 'tag good' : 'tag bad'}>{outcomeText(outcome)}</span>
      </p>
      <h2 className="change-what" title={shown(action)}>
        <Link to={entityPath(entity)}>{shown(`${thingText(entity.type, language)} ${entity.id}`)}</Link>{' '}
        {shown(what)}
      </h2>
      <Differences change={change} />
      {reason !== undefined && (
        <p>
          <span className="muted">{words.reason}:</span> {shown(reason)}
        </p>
      )}
      {change.cause !== undefined && (
        <p className="change-cause">
          <Icon name={change.cause.type === 'none' ? 'minus' : 'find'} /> {causeText(change.cause)}
        </p>
      )}
      <p className="chips">
        {trace_id !== undefined && (
          <Link className="chip" to={`/trace/${encodeURIComponent(trace_id)}`}>
            <Icon name="trace" /> {words.request}
          </Link>
        )}
        {subject !== undefined && (
          <Link className="chip" to={hrefOf('/history', { person: subject, from: '0' })}>
            <Icon name="people" /> {words.person}
          </Link>
        )}
        {customer !== undefined && (
          <Link className="chip" to={hrefOf('/history', { customer, from: '-30d' })}>
            {words.ofCustomer(shown(customer))}
          </Link>
        )}
      </p>
      <Whole change={change} />
    </article>
  );
}

function Differences({ change }: { change: AuditChange }): ReactElement | null {
  const words = say(historyWords);
  if (change.diff.length === 0) return null;
  return (
    <table className="change-diff">
      <thead>
        <tr>
          <th scope="col">{words.field}</th>
          <th scope="col">{words.before}</th>
          <th scope="col">{words.after}</th>
        </tr>
      </thead>
      <tbody>
        {change.diff.map(({ path, before, after }) => (
          <tr key={path}>
            <th scope="row">{shown(path)}</th>
            <td className="was">{before === undefined ? words.nothing : asText(before)}</td>
            <td className="is">{after === undefined ? words.nothing : asText(after)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Whole({ change }: { change: AuditChange }): ReactElement {
  const words = say(historyWords);
  const { before, after, entity, service, service_version, client_address, action } = change;
  const facts = [
    shown(action),
    ...(entity.version === undefined ? [] : [words.version(asText(entity.version))]),
    ...(service === undefined ? [] : [words.by(shown(`${service} ${service_version ?? ''}`.trim()))]),
    ...(client_address === undefined ? [] : [words.from(shown(client_address))]),
  ];
  const hasSides = before !== undefined || after !== undefined;
  return (
    <>
      <p className="muted small">{facts.join(' · ')}</p>
      {hasSides && (
        <details>
          <summary className="muted small">{words.whole}</summary>
          <div className="change-sides">
            <section>
              <h3>{words.before}</h3>
              {before === undefined ? words.nothing : <JsonTree value={before} open />}
            </section>
            <section>
              <h3>{words.after}</h3>
              {after === undefined ? words.nothing : <JsonTree value={after} open />}
            </section>
          </div>
        </details>
      )}
    </>
  );
}

function causeText(cause: AuditCause): string {
  const words = say(historyWords);
  if (cause.type === 'click') return words.clicked(shown(cause.text), shown(cause.page));
  if (cause.type === 'request') return words.requested(shown(cause.text), shown(cause.service));
  return words.noAction;
}

export function actorText({ type, id, name }: AuditChange['actor']): string {
  const words = say(historyWords);
  const names: Readonly<Record<string, string>> = {
    user: words.actor_user,
    admin: words.actor_admin,
    script: words.actor_script,
    system: words.actor_system,
  };
  return `${names[type] ?? shown(type)} ${shown(name ?? id)}`;
}

function outcomeText(outcome: string): string {
  const words = say(historyWords);
  const names: Readonly<Record<string, string>> = {
    committed: words.outcome_committed,
    intent: words.outcome_intent,
    rolled_back: words.outcome_rolled_back,
    denied: words.outcome_denied,
    failed: words.outcome_failed,
    unknown: words.outcome_unknown,
  };
  return names[outcome] ?? shown(outcome);
}

function entityPath({ type, id }: AuditChange['entity']): string {
  if (type === '' || id === '') return '/history';
  return `/history/${encodeURIComponent(type)}/${encodeURIComponent(id)}`;
}
