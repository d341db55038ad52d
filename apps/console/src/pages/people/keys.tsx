/** Keys of the project: for programs and pages. */
import { useState, type FormEvent, type ReactElement } from 'react';
import { peopleCalls, type KeyShown } from '../../api/team.js';
import { useCall } from '../../api/use-call.js';
import { DAY_MS } from '../../limits.js';
import { useAct } from '../../ui/act.js';
import { confirm } from '../../ui/dialog.js';
import { Choice, Field } from '../../ui/field.js';
import { formatMoment } from '../../ui/format.js';
import { Loading, Problem } from '../../ui/states.js';
import { Table, type TableColumn } from '../../ui/table.js';
import { shown } from '../../text.js';
import { say } from '../../words/dictionary.js';
import { peopleWords } from '../../words/people.js';
import { Once } from './once.js';

const SCOPES = ['ingest', 'browser', 'read', 'write', 'personal', 'admin'] as const;

const KEY_DAYS = [7, 30, 90, 365];

export function Keys(): ReactElement {
  const words = say(peopleWords);
  const { answer, failure, again } = useCall('keys', (signal) => peopleCalls.keys(signal));
  const { failure: refused, act } = useAct(again);
  if (failure !== undefined) return <Problem failure={failure} onRetry={again} />;
  if (answer === undefined) return <Loading />;
  const revoke = async (key: KeyShown): Promise<void> => {
    const question = { title: key.name, text: words.revokeAsk, action: words.revoke, dangerous: true };
    if (await confirm(question)) act(() => peopleCalls.revokeKey(key.id));
  };
  const titles = scopeTitles();
  const columns: readonly TableColumn<KeyShown>[] = [
    { name: 'name', title: words.name, cell: (key) => shown(key.name), sortBy: (key) => key.name },
    { name: 'project', title: words.project, cell: (key) => key.project, sortBy: (key) => key.project },
    {
      name: 'scopes',
      title: words.scopes,
      cell: ({ scopes }) => scopes.map((scope) => titles[scope] ?? scope).join(', '),
    },
    {
      name: 'used',
      title: words.lastUsed,
      cell: (key) =>
        key.last_used_at === null ? (
          <span className="muted">{words.unused}</span>
        ) : (
          formatMoment(key.last_used_at)
        ),
      sortBy: (key) => key.last_used_at ?? '',
    },
    { name: 'created', title: words.created, cell: (key) => formatMoment(key.created_at) },
    {
      name: 'expires',
      title: words.expires,
      cell: ({ expires_at: end }) => (end === null ? words.noEnd : formatMoment(end)),
      sortBy: ({ expires_at: end }) => end ?? '9',
    },
    {
      name: 'acts',
      title: '',
      cell: (key) =>
        isOpen(key) ? (
          <button type="button" onClick={() => void revoke(key)}>
            {words.revoke}
          </button>
        ) : (
          <span className="muted">{key.revoked_at === null ? words.expired : words.revoked}</span>
        ),
    },
  ];
  return (
    <>
      <NewKey onDone={again} />
      {refused !== undefined && <Problem failure={refused} />}
      <Table cards label={words.keys} columns={columns} rows={answer.keys} keyOf={({ id }) => id} />
    </>
  );
}

function isOpen({ revoked_at: revoked, expires_at: end }: KeyShown): boolean {
  return revoked === null && (end === null || Date.now() < Date.parse(end));
}

function scopeTitles(): Readonly<Record<string, string>> {
  const words = say(peopleWords);
  return {
    ingest: words.scopeIngest,
    browser: words.scopeBrowser,
    read: words.scopeRead,
    write: words.scopeWrite,
    personal: words.scopePersonal,
    admin: words.scopeAdmin,
    owner: words.owner,
  };
}

function dayChoices(): readonly (readonly [string, string])[] {
  const words = say(peopleWords);
  return [['0', words.noEnd], ...KEY_DAYS.map((days) => [String(days), words.afterDays(days)] as const)];
}

function NewKey({ onDone }: { onDone: () => void }): ReactElement {
  const words = say(peopleWords);
  const [name, setName] = useState('');
  const [scopes, setScopes] = useState<readonly string[]>(['ingest']);
  const [origins, setOrigins] = useState('');
  const [days, setDays] = useState('0');
  const [key, setKey] = useState('');
  const { busy, failure, act } = useAct(onDone);
  const titles = scopeTitles();
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    const list = origins.split(',').map((each) => each.trim());
    const places = list.filter((each) => each !== '');
    act(async () => {
      const made = await peopleCalls.addKey({
        name,
        scopes,
        ...(days !== '0' && { expires_at: new Date(Date.now() + Number(days) * DAY_MS).toISOString() }),
        ...(places.length > 0 && { origins: places }),
      });
      setKey(made.key);
      setName('');
    });
  };
  return (
    <form className="card form" onSubmit={onSubmit}>
      <h2>{words.newKey}</h2>
      <Field label={words.name} required value={name} onText={setName} />
      <fieldset className="chips">
        <legend>{words.scopes}</legend>
        {SCOPES.map((scope) => (
          <label key={scope} className="check">
            <input
              type="checkbox"
              checked={scopes.includes(scope)}
              onChange={(event) =>
                setScopes(event.target.checked ? [...scopes, scope] : scopes.filter((each) => each !== scope))
              }
            />
            {titles[scope]}
          </label>
        ))}
      </fieldset>
      {scopes.includes('browser') && <Field label={words.origins} value={origins} onText={setOrigins} />}
      <Choice label={words.expires} value={days} choices={dayChoices()} onChoose={setDays} />
      {failure !== undefined && <Problem failure={failure} />}
      {key !== '' && <Once text={key} help={words.keyOnce} />}
      <button type="submit" className="primary" disabled={busy || scopes.length === 0}>
        {words.create}
      </button>
    </form>
  );
}
