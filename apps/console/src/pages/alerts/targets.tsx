/** Who is told: webhooks, bots, mail. Addresses and tokens are shown to nobody once they are saved. */
import { useState, type FormEvent, type ReactElement } from 'react';
import type { AlertTargetBody } from '@sillok/api';
import { alertCalls, type AlertTargetShape } from '../../api/team.js';
import { useCall } from '../../api/use-call.js';
import { useAct } from '../../ui/act.js';
import { confirm, Dialog } from '../../ui/dialog.js';
import { Choice, Field } from '../../ui/field.js';
import { Empty, Loading, Problem } from '../../ui/states.js';
import { Table, type TableColumn } from '../../ui/table.js';
import { toast } from '../../ui/toast.js';
import { shown } from '../../text.js';
import { say } from '../../words/dictionary.js';
import { alertWords } from '../../words/alerts.js';

type Kind = AlertTargetBody['kind'];

function kindText(kind: Kind): string {
  const words = say(alertWords);
  if (kind === 'mail') return words.mail;
  return kind === 'slack_bot' ? words.bot : words.webhook;
}

export function Targets(): ReactElement {
  const words = say(alertWords);
  const [isAdding, setAdding] = useState(false);
  const { answer, failure, again } = useCall('alert targets', (signal) => alertCalls.targets(signal));
  const { failure: refused, act } = useAct(again);
  if (failure !== undefined) return <Problem failure={failure} onRetry={again} />;
  if (answer === undefined) return <Loading />;
  const remove = async (target: AlertTargetShape): Promise<void> => {
    const question = { title: target.name, text: words.removeAsk, action: words.remove, dangerous: true };
    if (await confirm(question)) act(() => alertCalls.removeTarget(target.id));
  };
  const test = (target: AlertTargetShape): void =>
    act(() => alertCalls.testTarget(target.id).then(() => toast(words.tested)));
  const columns: readonly TableColumn<AlertTargetShape>[] = [
    { name: 'name', title: words.name, cell: (target) => shown(target.name) },
    { name: 'kind', title: words.targetKind, cell: (target) => kindText(target.kind) },
    {
      name: 'to',
      title: words.addresses,
      cell: (target) => shown(target.to?.join(', ') ?? target.channel ?? ''),
    },
    {
      name: 'acts',
      title: '',
      cell: (target) => (
        <span className="chips">
          <button type="button" onClick={() => test(target)}>
            {words.test}
          </button>
          <button type="button" onClick={() => void remove(target)}>
            {words.remove}
          </button>
        </span>
      ),
    },
  ];
  return (
    <>
      <p>
        <button type="button" className="primary" onClick={() => setAdding(true)}>
          {words.addTarget}
        </button>
      </p>
      {refused !== undefined && <Problem failure={refused} />}
      {answer.targets.length === 0 ? (
        <Empty title={words.noTargets} help={words.noTargetsHelp} />
      ) : (
        <Table cards label={words.targets} columns={columns} rows={answer.targets} keyOf={({ id }) => id} />
      )}
      {isAdding && (
        <TargetForm
          onClose={() => setAdding(false)}
          onSaved={() => {
            setAdding(false);
            again();
          }}
        />
      )}
    </>
  );
}

function TargetForm({ onClose, onSaved }: { onClose: () => void; onSaved: () => void }): ReactElement {
  const words = say(alertWords);
  const [kind, setKind] = useState<Kind>('slack_webhook');
  const [name, setName] = useState('');
  const [language, setLanguage] = useState<'en' | 'ko'>('ko');
  const [place, setPlace] = useState('');
  const [channel, setChannel] = useState('');
  const { busy, failure, act } = useAct(onSaved);
  const target = (): AlertTargetBody => {
    const common = { name, language };
    if (kind === 'slack_webhook') return { kind, ...common, url: place };
    if (kind === 'slack_bot') return { kind, ...common, token: place, channel };
    return { kind, ...common, to: place.split(',').map((each) => each.trim()) };
  };
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    act(() => alertCalls.addTarget(target()));
  };
  const placeWord = kind === 'mail' ? words.to : kind === 'slack_bot' ? words.token : words.url;
  return (
    <Dialog title={words.addTarget} onClose={onClose}>
      <form className="form" onSubmit={onSubmit}>
        <Choice
          label={words.targetKind}
          value={kind}
          choices={(['slack_webhook', 'slack_bot', 'mail'] as const).map((each) => [each, kindText(each)])}
          onChoose={setKind}
        />
        <Field label={words.name} value={name} required onText={setName} />
        <Field label={placeWord} value={place} required autoComplete="off" onText={setPlace} />
        {kind === 'slack_bot' && <Field label={words.channel} value={channel} required onText={setChannel} />}
        <Choice
          label={words.language}
          value={language}
          choices={[
            ['ko', '한국어'],
            ['en', 'English'],
          ]}
          onChoose={setLanguage}
        />
        {failure !== undefined && <Problem failure={failure} />}
        <div className="dialog-foot">
          <button type="submit" className="primary" disabled={busy}>
            {words.save}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
