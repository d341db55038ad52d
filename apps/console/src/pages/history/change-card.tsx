/** One change, as somebody tells it on the phone: when, who, what; from what to what; why; and the click behind it. */
import { actionText, thingText, type AuditChange } from '@sillok/api';
import type { ReactElement } from 'react';
import { asText, shown } from '../../text.js';
import { hrefOf, Link } from '../../ui/address.js';
import { formatMoment } from '../../ui/format.js';
import { Icon } from '../../ui/icon.js';
import { JsonTree } from '../../ui/json-tree.js';
import { languageStore, say } from '../../words/dictionary.js';
import { historyWords } from '../../words/history.js';
import { Diff } from '../admin/diff.js';
import { Cause } from './cause.js';
import { actorText } from './names.js';
import { Proof } from './proof.js';

export function ChangeCard({ change }: { change: AuditChange }): ReactElement {
  const words = say(historyWords);
  const language = languageStore.get();
  const { entity, outcome, action, reason, trace_id, subject, customer, diff } = change;
  const what = actionText(change, language);
  return (
    <article className="change" data-outcome={outcome}>
      <p className="change-head">
        <time dateTime={change.time} title={change.time}>
          {formatMoment(change.time)}
        </time>
        <Link to={hrefOf('/history', { actor: change.actor.id, from: '-30d' })}>{actorOf(change)}</Link>
        <span className={outcome === 'committed' ? 'tag good' : 'tag bad'}>{outcomeText(outcome)}</span>
      </p>
      <h2 className="change-what" title={shown(action)}>
        <Link to={entityPath(entity)}>{shown(thingOf(change))}</Link> {shown(what)}
      </h2>
      {diff.length > 0 && <Diff diff={diff} label={shown(what)} />}
      {reason !== undefined && (
        <p>
          <span className="muted">{words.reason}:</span> {shown(reason)}
        </p>
      )}
      <Cause change={change} />
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
      <Proof change={change} />
    </article>
  );
}

/** Sillok's own things have ids that say nothing: the name that a person gave one, or the beginning of its id. */
function thingOf({ entity, service, before, after }: AuditChange): string {
  const thing = thingText(entity.type, languageStore.get(), service);
  const name: unknown = Reflect.get(Object(after ?? before), 'name');
  if (service === 'sillok' && typeof name === 'string' && name !== '') return `${thing} “${name}”`;
  return `${thing} ${UUID.test(entity.id) ? entity.id.slice(0, 8) : entity.id}`;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-/;

function actorOf({ actor, subject, service }: AuditChange): string {
  if (actor.type === 'user' && actor.id === subject) return say(historyWords).actor_self;
  return actorText({ ...actor, service });
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
  const given = change.arguments;
  return (
    <>
      <p className="muted small">{facts.join(' · ')}</p>
      {given !== undefined && (
        <details>
          <summary className="muted small">{words.given}</summary>
          <JsonTree value={given} open />
        </details>
      )}
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
