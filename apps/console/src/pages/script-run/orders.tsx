/** What may be done with a run now: pause and stop at once; what changes data again is asked once more. */
import type { ScriptDescription, ScriptOrder, ScriptRun } from '@sillok/api';
import { useState, type FormEvent, type ReactElement } from 'react';
import { adminCalls } from '../../api/admin.js';
import { useAct } from '../../ui/act.js';
import { Dialog } from '../../ui/dialog.js';
import { Problem } from '../../ui/states.js';
import { say } from '../../words/dictionary.js';
import { scriptWords } from '../../words/scripts.js';
import { isGuarded, useMeant } from './meant.js';

interface Props {
  readonly service: string;
  readonly run: ScriptRun;
  readonly script: ScriptDescription | undefined;
  readonly again: () => void;
}

export function Orders({ service, run, script, again }: Props): ReactElement {
  const words = say(scriptWords);
  const { busy, failure, act } = useAct(again);
  const [asked, setAsked] = useState<ScriptOrder>();
  const give = (order: ScriptOrder): void => {
    if (isImmediate(order, run)) act(() => adminCalls.orderScript({ service, run: run.run, order }));
    else setAsked(order);
  };
  return (
    <>
      {run.orders.map((order) => (
        <button key={order} type="button" disabled={busy} onClick={() => give(order)}>
          {words[`order_${order}`]}
        </button>
      ))}
      {failure !== undefined && <Problem failure={failure} />}
      {asked !== undefined && (
        <Confirm
          {...{ service, run, script, order: asked }}
          onDone={() => {
            setAsked(undefined);
            again();
          }}
          onClose={() => setAsked(undefined)}
        />
      )}
    </>
  );
}

/** They begin nothing. */
function isImmediate(order: ScriptOrder, { state }: ScriptRun): boolean {
  return order === 'pause' || order === 'stop' || (order === 'resume' && state === 'paused');
}

interface ConfirmProps extends Omit<Props, 'again'> {
  readonly order: ScriptOrder;
  readonly onDone: () => void;
  readonly onClose: () => void;
}

function Confirm({ service, run, script, order, onDone, onClose }: ConfirmProps): ReactElement {
  const words = say(scriptWords);
  const { busy, failure, act } = useAct(onDone);
  const begins = order !== 'reject' && run.mode === 'apply';
  const [{ reason, production }, fields] = useMeant(false, begins && isGuarded(script));
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    const body = { production, ...(reason.trim() === '' ? {} : { reason }) };
    act(() => adminCalls.orderScript({ service, run: run.run, order }, body));
  };
  return (
    <Dialog title={words[`order_${order}`]} onClose={onClose}>
      <form className="form" onSubmit={onSubmit}>
        {order === 'approve' && <p className="muted">{words.approveHelp}</p>}
        {fields}
        {failure !== undefined && <Problem failure={failure} />}
        <div className="dialog-foot">
          <button type="submit" className={begins ? 'danger' : 'primary'} disabled={busy}>
            {words[`order_${order}`]}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
