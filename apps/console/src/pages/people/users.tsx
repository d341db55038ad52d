/** Everybody with an account on the server, for its owners: who may sign in, how, and who else is an owner. */
import { useState, type ReactElement } from 'react';
import type { SignInWay, UserShape } from '@sillok/api';
import { ownerCalls } from '../../api/team.js';
import { useCall } from '../../api/use-call.js';
import { useAct } from '../../ui/act.js';
import { confirm } from '../../ui/dialog.js';
import { formatMoment } from '../../ui/format.js';
import { Loading, Problem } from '../../ui/states.js';
import { Table, type TableColumn } from '../../ui/table.js';
import { shown } from '../../text.js';
import { say } from '../../words/dictionary.js';
import { peopleWords } from '../../words/people.js';
import { Once } from './once.js';
import { Ways } from './ways.js';

/** `own`: the id of the one who looks; nobody disables or removes themselves. */
export function Users({ own }: { own: string | undefined }): ReactElement {
  const words = say(peopleWords);
  const { answer, failure, again } = useCall('users', (signal) => ownerCalls.users(signal));
  const { failure: refused, act, busy } = useAct(again);
  const [link, setLink] = useState<{ readonly who: string; readonly text: string }>();
  if (failure !== undefined) return <Problem failure={failure} onRetry={again} />;
  if (answer === undefined) return <Loading />;
  const onReset = (user: UserShape): void =>
    act(async () => setLink({ who: user.name, text: (await ownerCalls.reset(user.id)).link }));
  const columns: readonly TableColumn<UserShape>[] = [
    ...columnsOf(own),
    {
      name: 'acts',
      title: '',
      cell: (user) => (
        <Acts user={user} isOwn={user.id === own} busy={busy} act={act} onReset={() => onReset(user)} />
      ),
    },
  ];
  return (
    <>
      <p className="muted">{words.usersHelp}</p>
      {refused !== undefined && <Problem failure={refused} />}
      {link !== undefined && <Once text={link.text} help={words.resetOnce(shown(link.who))} />}
      <Table cards label={words.users} columns={columns} rows={answer.users} keyOf={({ id }) => id} />
      <Ways />
    </>
  );
}

function columnsOf(own: string | undefined): readonly TableColumn<UserShape>[] {
  const words = say(peopleWords);
  const ways: Readonly<Record<SignInWay, string>> = {
    password: words.wayPassword,
    oidc: words.wayOidc,
    saml: words.waySaml,
  };
  return [
    {
      name: 'name',
      title: words.name,
      cell: (user) => (
        <>
          {shown(user.name)} {user.owner && <span className="chip">{words.owner}</span>}{' '}
          {user.id === own && <span className="chip">{words.you}</span>}
        </>
      ),
      sortBy: (user) => user.name,
    },
    { name: 'email', title: words.email, cell: (user) => shown(user.email), sortBy: (user) => user.email },
    {
      name: 'state',
      title: words.state,
      cell: (user) => (user.disabled ? <strong>{words.disabled}</strong> : words.active),
      sortBy: (user) => Number(user.disabled),
    },
    {
      name: 'ways',
      title: words.signsIn,
      cell: (user) => user.sign_in.map((way) => ways[way]).join(', ') || words.wayNone,
    },
    {
      name: 'projects',
      title: words.projects,
      cell: (user) =>
        user.projects.map(({ project, role }) => `${project} (${words[role]})`).join(', ') ||
        words.noProjects,
    },
    {
      name: 'seen',
      title: words.lastSeen,
      cell: (user) => (user.last_seen_at === null ? words.never : formatMoment(user.last_seen_at)),
    },
  ];
}

interface ActsProps {
  readonly user: UserShape;
  readonly isOwn: boolean;
  readonly busy: boolean;
  readonly act: (work: () => Promise<unknown>) => void;
  readonly onReset: () => void;
}

interface Change {
  readonly title: string;
  readonly text: string;
  readonly work: () => Promise<unknown>;
}

function Acts({ user, isOwn, busy, act, onReset }: ActsProps): ReactElement {
  const words = say(peopleWords);
  const { id, owner, disabled } = user;
  const who = shown(user.name);
  const asked = async ({ title, text, work }: Change): Promise<void> => {
    if (await confirm({ title, text, action: title, dangerous: true })) act(work);
  };
  const button = (change: Change): ReactElement => (
    <button type="button" disabled={busy} onClick={() => void asked(change)}>
      {change.title}
    </button>
  );
  return (
    <span className="row-acts" role="group" aria-label={words.acts(who)}>
      {disabled && (
        <button
          type="button"
          disabled={busy}
          onClick={() => act(() => ownerCalls.changeUser(id, { disabled: false }))}
        >
          {words.enable}
        </button>
      )}
      {!disabled && (
        <button type="button" disabled={busy} onClick={onReset}>
          {words.reset}
        </button>
      )}
      {owner
        ? button({
            title: words.unmakeOwner,
            text: words.unmakeOwnerAsk(who),
            work: () => ownerCalls.changeUser(id, { owner: false }),
          })
        : button({
            title: words.makeOwner,
            text: words.makeOwnerAsk(who),
            work: () => ownerCalls.changeUser(id, { owner: true }),
          })}
      {user.sign_in.some((way) => way !== 'password') &&
        button({ title: words.untie, text: words.untieAsk(who), work: () => ownerCalls.untie(id) })}
      {!isOwn &&
        !disabled &&
        button({
          title: words.disable,
          text: words.disableAsk(who),
          work: () => ownerCalls.changeUser(id, { disabled: true }),
        })}
      {!isOwn &&
        button({
          title: words.removeUser,
          text: words.removeUserAsk(who),
          work: () => ownerCalls.removeUser(id),
        })}
    </span>
  );
}
