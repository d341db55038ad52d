/** One dashboard: its panels, the variables that all of them follow, editing, and the link for a wall. */
import { useState, type ReactElement } from 'react';
import type { DashboardBody, DashboardShape } from '@sillok/api';
import { VALUE_PREFIX } from '@sillok/api/console-pages';
import { dashboardCalls } from '../../api/team.js';
import { useCall } from '../../api/use-call.js';
import type { PageProps } from '../../routes.js';
import { useAct } from '../../ui/act.js';
import { go, hrefHere, useAddress } from '../../ui/address.js';
import { confirm, Dialog } from '../../ui/dialog.js';
import { Field, PageHead } from '../../ui/field.js';
import { useFrom, useRange } from '../../ui/range.js';
import { Loading, Problem } from '../../ui/states.js';
import { TimePicker } from '../../ui/time-picker.js';
import { useEvery } from '../../ui/use-every.js';
import { shown } from '../../text.js';
import { say } from '../../words/dictionary.js';
import { dashboardWords } from '../../words/dashboards.js';
import { PanelCard } from '../dashboards/panel.js';
import { Once } from '../people/once.js';
import { Editor } from './editor.js';

export function Page({ values }: PageProps): ReactElement {
  const id = values['id'] ?? '';
  const { answer, failure, again } = useCall(`dashboard ${id}`, (signal) => dashboardCalls.one(id, signal));
  return (
    <main id="content" className="page">
      {failure !== undefined && <Problem failure={failure} onRetry={again} />}
      {answer === undefined && failure === undefined && <Loading />}
      {answer !== undefined && <Board dashboard={answer} again={again} />}
    </main>
  );
}

/** Chosen values stand in the address, so that a link shows what its sender saw. */
function useValues({ variables }: DashboardShape): Readonly<Record<string, string>> {
  const { parameters } = useAddress();
  return Object.fromEntries(
    variables.map(({ name, preset }) => [name, parameters.get(`${VALUE_PREFIX}${name}`) ?? preset]),
  );
}

function Board({ dashboard, again }: { dashboard: DashboardShape; again: () => void }): ReactElement {
  const words = say(dashboardWords);
  const { parameters } = useAddress();
  const isEditing = parameters.get('edit') === '1';
  const range = useRange();
  const [round, setRound] = useState(0);
  const chosen = useValues(dashboard);
  const from = useFrom(dashboard.range);
  const to = range.to ?? 'now';
  useEvery(dashboard.refresh_s * 1000, () => setRound((now) => now + 1));
  const { answer: found } = useCall(
    dashboard.deploy_markers ? `deploys ${from} ${to} ${round}` : undefined,
    (signal) => dashboardCalls.deploys(from, to, signal),
  );
  if (isEditing) return <Editing dashboard={dashboard} again={again} />;
  const context = {
    from,
    to,
    variables: dashboard.variables,
    values: chosen,
    deploys: found?.deploys ?? [],
    round,
  };
  return (
    <>
      <PageHead title={shown(dashboard.name)}>
        <TimePicker />
        <button type="button" onClick={() => go(hrefHere({ edit: '1' }))}>
          {words.edit}
        </button>
        <WallButton dashboard={dashboard} values={chosen} />
      </PageHead>
      {dashboard.variables.length > 0 && <Variables dashboard={dashboard} values={chosen} />}
      <div className="board">
        {dashboard.panels.map((panel) => (
          <PanelCard key={panel.id} panel={panel} context={context} />
        ))}
      </div>
    </>
  );
}

function Variables(props: {
  dashboard: DashboardShape;
  values: Readonly<Record<string, string>>;
}): ReactElement {
  const words = say(dashboardWords);
  const { dashboard, values } = props;
  return (
    <form className="form inline" onSubmit={(event) => event.preventDefault()}>
      {dashboard.variables.map(({ name, label, field }) => (
        <Field
          key={name}
          label={shown(label || field)}
          placeholder={words.everyone}
          defaultValue={undefined}
          value={values[name] ?? ''}
          onText={(text) => go(hrefHere({ [`${VALUE_PREFIX}${name}`]: text }), { replace: true })}
        />
      ))}
    </form>
  );
}

function WallButton(props: {
  dashboard: DashboardShape;
  values: Readonly<Record<string, string>>;
}): ReactElement {
  const words = say(dashboardWords);
  const [link, setLink] = useState('');
  const { busy, failure, act } = useAct();
  const make = (): void =>
    act(async () => {
      const made = await dashboardCalls.makeWall(props.dashboard.id, props.values);
      setLink(made.link ?? '');
    });
  return (
    <>
      {/* A button that is disabled loses the focus, and the dialog could not give it back. */}
      <button type="button" aria-disabled={busy} onClick={() => !busy && make()}>
        {words.wall}
      </button>
      {failure !== undefined && <Problem failure={failure} />}
      {link !== '' && (
        <Dialog title={words.wall} onClose={() => setLink('')}>
          <Once text={link} help={words.wallHelp} />
        </Dialog>
      )}
    </>
  );
}

function Editing({ dashboard, again }: { dashboard: DashboardShape; again: () => void }): ReactElement {
  const words = say(dashboardWords);
  const leave = (): void => go(hrefHere({ edit: undefined }), { replace: true });
  const { busy, failure, act } = useAct(() => {
    again();
    leave();
  });
  const removing = useAct(() => go('/dashboards'));
  const remove = async (): Promise<void> => {
    const question = { title: dashboard.name, text: words.removeAsk, action: words.remove, dangerous: true };
    if (await confirm(question)) removing.act(() => dashboardCalls.remove(dashboard.id));
  };
  const { id, created_by: _, updated_by: __, updated_at: ___, ...body } = dashboard;
  const problem = failure ?? removing.failure;
  return (
    <>
      <Editor
        first={body}
        busy={busy}
        onSave={(next: DashboardBody) => act(() => dashboardCalls.save(id, next))}
        onCancel={leave}
        onRemove={() => void remove()}
      />
      {problem !== undefined && <Problem failure={problem} />}
    </>
  );
}
