/** Editing a report: its cards, what it compares, when it comes and to whom. */
import { useState, type FormEvent, type ReactElement } from 'react';
import type { ReportAnswer, ReportBody, ReportShape } from '@sillok/api';
import { alertCalls, reportCalls } from '../../api/team.js';
import { useCall } from '../../api/use-call.js';
import { useAct } from '../../ui/act.js';
import { go, hrefHere } from '../../ui/address.js';
import { confirm } from '../../ui/dialog.js';
import { Choice, Field, PageHead } from '../../ui/field.js';
import { Problem } from '../../ui/states.js';
import { shown } from '../../text.js';
import { say } from '../../words/dictionary.js';
import { reportWords } from '../../words/reports.js';
import { chosenVariables, VariableFields } from '../dashboards/variable-fields.js';
import { Cards } from './cards.js';
import { CardFields } from './card-fields.js';
import { SendingTime } from './sending-time.js';

type Change = (part: Partial<ReportBody>) => void;

export function ReportEditor({ report, onDone }: { report: ReportShape; onDone: () => void }): ReactElement {
  const words = say(reportWords);
  const { id, created_by: _, updated_at: __, next_at: ___, last: ____, ...first } = report;
  const [body, setBody] = useState<ReportBody>(first);
  const [seen, setSeen] = useState<ReportAnswer>();
  const leave = (): void => go(hrefHere({ edit: undefined }), { replace: true });
  const saving = useAct(() => {
    onDone();
    leave();
  });
  const looking = useAct();
  const removing = useAct(() => go('/reports'));
  const change: Change = (part) => {
    setSeen(undefined);
    setBody({ ...body, ...part });
  };
  const remove = async (): Promise<void> => {
    const question = { title: report.name, text: words.removeAsk, action: words.remove, dangerous: true };
    if (await confirm(question)) removing.act(() => reportCalls.remove(id));
  };
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    saving.act(() => reportCalls.save(id, { ...body, variables: chosenVariables(body.variables ?? []) }));
  };
  const failure = saving.failure ?? looking.failure ?? removing.failure;
  return (
    <form className="form" onSubmit={onSubmit}>
      <PageHead title={words.edit}>
        <button type="button" onClick={() => void remove()}>
          {words.remove}
        </button>
        <button type="button" onClick={leave}>
          {words.cancel}
        </button>
        <button
          type="button"
          disabled={looking.busy}
          onClick={() => looking.act(async () => setSeen(await reportCalls.preview(body)))}
        >
          {words.preview}
        </button>
        <button type="submit" className="primary" disabled={saving.busy}>
          {words.save}
        </button>
      </PageHead>
      {failure !== undefined && <Problem failure={failure} />}
      {seen !== undefined && <Cards answer={seen} />}
      <Field label={words.name} required value={body.name} onText={(name) => change({ name })} />
      <Windows body={body} change={change} />
      <VariableFields
        variables={body.variables ?? []}
        values={body.values ?? {}}
        onChange={(variables) => change({ variables })}
        onValue={(name, value) => change({ values: { ...body.values, [name]: value } })}
      />
      <Sending body={body} change={change} />
      <CardFields cards={body.cards} onChange={(cards) => change({ cards })} />
    </form>
  );
}

function Windows({ body, change }: { body: ReportBody; change: Change }): ReactElement {
  const words = say(reportWords);
  const windows = body.windows ?? { kind: 'rolling' };
  const set = (part: object): void => {
    // One of the two shapes with one of its own fields changed.
    change({ windows: { ...windows, ...part } as ReportBody['windows'] });
  };
  const before = String(windows.before_days ?? 28);
  return (
    <fieldset className="card panel-fields">
      <legend>{words.windows}</legend>
      <Choice
        label={words.windows}
        value={windows.kind}
        choices={[
          ['rolling', words.rolling],
          ['release', words.release],
        ]}
        onChoose={(kind) =>
          change({ windows: kind === 'rolling' ? { kind } : { kind, service: '', version: '' } })
        }
      />
      {windows.kind === 'rolling' ? (
        <Field
          label={words.nowDays}
          type="number"
          min={1}
          value={String(windows.now_days ?? 7)}
          onText={(text) => set({ now_days: Number(text) })}
        />
      ) : (
        <>
          <Field
            label={words.service}
            required
            value={windows.service}
            onText={(service) => set({ service })}
          />
          <Field label={words.version} value={windows.version ?? ''} onText={(version) => set({ version })} />
        </>
      )}
      <Field
        label={words.beforeDays}
        type="number"
        min={1}
        value={before}
        onText={(text) => set({ before_days: Number(text) })}
      />
    </fieldset>
  );
}

function Sending({ body, change }: { body: ReportBody; change: Change }): ReactElement {
  const words = say(reportWords);
  const { answer } = useCall('alert targets', (signal) => alertCalls.targets(signal));
  const chosen = body.targets ?? [];
  return (
    <fieldset className="card panel-fields">
      <legend>{words.targets}</legend>
      <SendingTime schedule={body.schedule ?? ''} onSchedule={(schedule) => change({ schedule })} />
      <Field
        label={words.timezone}
        value={body.timezone ?? 'UTC'}
        onText={(timezone) => change({ timezone })}
      />
      <Choice
        label={words.language}
        value={body.language ?? 'en'}
        choices={[
          ['ko', '한국어'],
          ['en', 'English'],
        ]}
        onChoose={(language) => change({ language })}
      />
      <span className="chips">
        {answer?.targets.length === 0 && <span className="muted">{words.noTargets}</span>}
        {answer?.targets.map(({ id, name }) => (
          <label key={id} className="check">
            <input
              type="checkbox"
              checked={chosen.includes(id)}
              onChange={(event) =>
                change({
                  targets: event.target.checked ? [...chosen, id] : chosen.filter((each) => each !== id),
                })
              }
            />
            {shown(name)}
          </label>
        ))}
      </span>
    </fieldset>
  );
}
