/** One entity: what it is now, what can be done to it, and what was done. */
import type { ActionDescription, AuditChange, EntityAnswer, EntityDescription } from '@sillok/api';
import { useState, type ReactElement } from 'react';
import { adminCalls } from '../../api/admin.js';
import { useCall } from '../../api/use-call.js';
import type { PageProps } from '../../routes.js';
import { leaves, shown } from '../../text.js';
import { Link } from '../../ui/address.js';
import { PageHead } from '../../ui/field.js';
import { formatMoment } from '../../ui/format.js';
import { Loading, Problem } from '../../ui/states.js';
import { adminWords } from '../../words/admin.js';
import { say } from '../../words/dictionary.js';
import { peopleWords } from '../../words/people.js';
import { ActionDialog } from '../admin/action-dialog.js';
import { Diff } from '../admin/diff.js';
import { entityIn, labelOf, titleOf, valueText } from '../admin/titles.js';

interface Named {
  readonly service: string;
  readonly type: string;
  readonly id: string;
}

export function Page({ values }: PageProps): ReactElement {
  const { service = '', type = '', id = '' } = values;
  const named = { service, type, id };
  const words = say(adminWords);
  const key = `${service}/${type}/${id}`;
  const services = useCall('admin', (signal) => adminCalls.services(signal));
  const { answer, failure, again } = useCall(key, (signal) => adminCalls.one(named, signal));
  const history = useCall(`history ${type}/${id}`, (signal) => adminCalls.history(type, id, signal));
  const description = entityIn(services.answer, named);
  const onDone = (): void => {
    again();
    history.again();
  };
  return (
    <main id="content" className="page">
      <p>
        <Link to={`/admin/${[service, type].map(encodeURIComponent).join('/')}`}>{words.back}</Link>
      </p>
      <PageHead
        title={`${description === undefined ? shown(type) : titleOf(description.title)} ${shown(id)}`}
      />
      {failure !== undefined && <Problem failure={failure} onRetry={again} />}
      {answer === undefined && failure === undefined && <Loading />}
      {answer !== undefined && <Fields entity={answer} description={description} />}
      {answer !== undefined && description !== undefined && (
        <Actions named={named} entity={answer} description={description} onDone={onDone} />
      )}
      <section className="card" aria-labelledby="history">
        <h2 id="history">{words.history}</h2>
        {history.failure !== undefined && <Problem failure={history.failure} onRetry={history.again} />}
        {history.answer === undefined && history.failure === undefined && <Loading />}
        {history.answer?.changes.length === 0 && <p className="muted">{words.noHistory}</p>}
        <p>
          <Link to={`/history/${[type, id].map(encodeURIComponent).join('/')}`}>{words.wholeHistory}</Link>
        </p>
        <ol className="alert-events">
          {history.answer?.changes.map((change) => (
            <Done key={change.id} change={change} description={description} />
          ))}
        </ol>
      </section>
    </main>
  );
}

interface FieldsProps {
  readonly entity: EntityAnswer;
  readonly description: EntityDescription | undefined;
}

function Fields({ entity, description }: FieldsProps): ReactElement {
  const words = say(adminWords);
  const personal = description?.personal ?? [];
  return (
    <section className="card" aria-labelledby="fields">
      <h2 id="fields">{words.fields}</h2>
      <dl className="alert-card">
        {leaves(entity.fields).map(([name, value]) => (
          <div key={name}>
            <dt>{labelOf(description?.fields, name)}</dt>
            <dd>{valueText(value)}</dd>
          </div>
        ))}
      </dl>
      {entity.masked.length > 0 && <p className="muted">{words.hidden(shown(entity.masked.join(', ')))}</p>}
      {entity.masked.length === 0 && personal.length > 0 && <p className="muted">{words.recorded}</p>}
    </section>
  );
}

/** The service's own words, but for the role: that one is told in the reader's language. */
function refusedText({ refused, needs_role }: EntityAnswer['actions'][number]): string {
  return needs_role === undefined
    ? shown(refused ?? '')
    : say(adminWords).needsRole(say(peopleWords)[needs_role]);
}

interface ActionsProps {
  readonly named: Named;
  readonly entity: EntityAnswer;
  readonly description: EntityDescription;
  readonly onDone: () => void;
}

function Actions({ named, entity, description, onDone }: ActionsProps): ReactElement {
  const words = say(adminWords);
  const [chosen, setChosen] = useState<ActionDescription>();
  const { service, type, id } = named;
  const actions = description.actions.filter(({ creates }) => !creates);
  const stateOf = (name: string) => entity.actions.find((each) => each.name === name);
  return (
    <section className="card" aria-labelledby="actions">
      <h2 id="actions">{words.actions}</h2>
      {actions.length === 0 && <p className="muted">{words.noActions}</p>}
      <div className="chips">
        {actions.map((action) => {
          const state = stateOf(action.name);
          return (
            <span key={action.name}>
              <button type="button" disabled={state?.allowed !== true} onClick={() => setChosen(action)}>
                {titleOf(action.title)}
              </button>
              {state?.refused != null && <span className="muted small"> {refusedText(state)}</span>}
            </span>
          );
        })}
      </div>
      {chosen !== undefined && (
        <ActionDialog
          place={{ service, type, action: chosen.name }}
          action={chosen}
          fields={description.fields}
          id={id}
          onClose={() => setChosen(undefined)}
          onDone={() => {
            setChosen(undefined);
            onDone();
          }}
        />
      )}
    </section>
  );
}

interface DoneProps {
  readonly change: AuditChange;
  readonly description: EntityDescription | undefined;
}

function Done({ change, description }: DoneProps): ReactElement {
  const words = say(adminWords);
  const { action, actor, diff, outcome, reason, time, trace_id } = change;
  const name = action.slice(action.indexOf('.') + 1);
  const known = description?.actions.find((each) => each.name === name);
  const outcomes: Readonly<Record<string, string>> = {
    committed: words.committed,
    rolled_back: words.rolled_back,
    denied: words.denied,
    failed: words.failed,
    intent: words.intent,
    unknown: words.unknownOutcome,
  };
  return (
    <li>
      <p>
        <time dateTime={time}>{formatMoment(time)}</time>{' '}
        <strong>{known === undefined ? shown(action) : titleOf(known.title)}</strong>{' '}
        <span className="chip">{outcomes[outcome] ?? shown(outcome)}</span> {shown(actor.name ?? actor.id)}
        {reason !== undefined && <span className="muted"> · {shown(reason)}</span>}{' '}
        {trace_id !== undefined && (
          <Link to={`/trace/${encodeURIComponent(trace_id)}`}>{shown(trace_id.slice(0, 8))}</Link>
        )}
      </p>
      {diff.length > 0 && (
        <Diff
          fields={description?.fields}
          diff={diff}
          label={known === undefined ? shown(action) : titleOf(known.title)}
        />
      )}
    </li>
  );
}
