/**
 * One action: a form made from its schema, what it would change, a reason, and only then the change. One intention has one key: a second
 * click, or a second try after no answer, is done once.
 */
import type { ActionDescription, AdminRunAnswer, JsonSchema, PlanAnswer } from '@sillok/api';
import { useState, type FormEvent, type ReactElement } from 'react';
import { adminCalls, planNow, type ActionPlace } from '../../api/admin.js';
import { failureFrom, type Failure } from '../../api/http.js';
import { Dialog } from '../../ui/dialog.js';
import { ReasonField } from '../../ui/field.js';
import { Problem } from '../../ui/states.js';
import { toast } from '../../ui/toast.js';
import { adminWords } from '../../words/admin.js';
import { say } from '../../words/dictionary.js';
import { Diff } from './diff.js';
import { SchemaForm } from './schema-form.js';
import { titleOf } from './titles.js';

interface ActionProps {
  readonly place: ActionPlace;
  readonly action: ActionDescription;
  /** Absent for what makes an entity. */
  readonly id?: string;
  /** Of the entity, for the names of its fields. */
  readonly fields: JsonSchema;
  readonly onDone: (answer: AdminRunAnswer) => void;
  readonly onClose: () => void;
}

export function ActionDialog(props: ActionProps): ReactElement {
  const { place, action, id, fields: entityFields, onDone, onClose } = props;
  const words = say(adminWords);
  const [plan, setPlan] = useState<PlanAnswer>();
  const [input, setInput] = useState<unknown>();
  const [failure, setFailure] = useState<Failure>();
  const [busy, setBusy] = useState(false);

  const preview = (given: unknown): void => {
    setBusy(true);
    setFailure(undefined);
    adminCalls
      .plan(place, { ...(id === undefined ? {} : { id }), input: given })
      .then(
        (found) => {
          setInput(given);
          setPlan(found);
        },
        (cause: unknown) => setFailure(failureFrom(cause)),
      )
      .finally(() => setBusy(false));
  };

  return (
    <Dialog title={titleOf(action.title)} onClose={onClose} wide>
      {titleOf(action.description) !== '' && <p className="muted">{titleOf(action.description)}</p>}
      {action.dangerous && <p className="warning">{words.dangerous}</p>}
      {action.four_eyes && <p className="muted">{words.fourEyes}</p>}
      {/* Kept while the plan is shown: who goes back finds what they filled in. */}
      <div hidden={plan !== undefined}>
        <SchemaForm
          schema={action.input}
          submit={words.preview}
          busy={busy}
          failure={failure}
          onInput={preview}
        />
      </div>
      {plan !== undefined && (
        <Confirm
          {...{ place, action, plan, input, entityFields, onDone }}
          onPlan={setPlan}
          onBack={() => setPlan(undefined)}
        />
      )}
    </Dialog>
  );
}

interface ConfirmProps {
  readonly place: ActionPlace;
  readonly action: ActionDescription;
  readonly plan: PlanAnswer;
  readonly input: unknown;
  readonly entityFields: JsonSchema;
  readonly onPlan: (plan: PlanAnswer) => void;
  readonly onBack: () => void;
  readonly onDone: (answer: AdminRunAnswer) => void;
}

function Confirm(props: ConfirmProps): ReactElement {
  const { place, action, plan, input, entityFields, onPlan, onBack, onDone } = props;
  const words = say(adminWords);
  const [key] = useState(() => crypto.randomUUID());
  const [reason, setReason] = useState('');
  const [failure, setFailure] = useState<Failure>();
  const [isStale, setIsStale] = useState(false);
  const [busy, setBusy] = useState(false);

  const confirm = (event: FormEvent): void => {
    event.preventDefault();
    setBusy(true);
    setFailure(undefined);
    const entity = action.creates ? {} : { id: plan.id, version: plan.version };
    const why = reason.trim() === '' ? {} : { reason };
    adminCalls
      .run(place, { ...entity, ...why, input, key })
      .then(
        (answer) => {
          toast(wordOf(answer));
          onDone(answer);
        },
        (cause: unknown) => {
          const now = planNow(cause);
          setIsStale(now !== undefined);
          if (now === undefined) setFailure(failureFrom(cause));
          else onPlan(now);
        },
      )
      .finally(() => setBusy(false));
  };

  return (
    <form className="form" onSubmit={confirm}>
      {isStale && (
        <p className="warning" role="alert">
          {words.stale}
        </p>
      )}
      <h3>{words.changes}</h3>
      <Diff diff={plan.diff} label={words.changes} fields={entityFields} />
      <ReasonField
        label={words.reason}
        required={action.reason === 'required'}
        value={reason}
        onText={setReason}
        help={words.reasonHelp}
      />
      {failure?.code === 'outcome_unknown' ? (
        <p className="warning" role="alert">
          {words.unknown}
        </p>
      ) : (
        failure !== undefined && <Problem failure={failure} />
      )}
      <div className="dialog-foot">
        <button type="button" disabled={busy} onClick={onBack}>
          {words.change}
        </button>
        <button type="submit" className={action.dangerous ? 'danger' : 'primary'} disabled={busy}>
          {action.four_eyes ? words.ask : words.confirm}
        </button>
      </div>
    </form>
  );
}

function wordOf({ state, repeated, in_history }: AdminRunAnswer): string {
  const words = say(adminWords);
  if (state === 'requested') return words.requested;
  if (repeated) return words.repeated;
  return in_history ? words.done : words.doneLater;
}
