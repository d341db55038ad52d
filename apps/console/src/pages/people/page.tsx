/** People of the project, their sessions, its keys, and who changed what. */
import { useState, type FormEvent, type ReactElement } from 'react';
import type { SessionShape } from '@sillok/api';
import { signOut } from '../../api/search.js';
import { changePassword, chooseProject, peopleCalls, signInWith, whoAmI } from '../../api/team.js';
import { useCall } from '../../api/use-call.js';
import { PASSWORD_CHARS_MIN } from '../../limits.js';
import { useAct } from '../../ui/act.js';
import { Choice, Field, PageHead } from '../../ui/field.js';
import { Loading, Problem } from '../../ui/states.js';
import { Tabs, useTab } from '../../ui/tabs.js';
import { toast } from '../../ui/toast.js';
import { say } from '../../words/dictionary.js';
import { peopleWords } from '../../words/people.js';
import { History } from './history.js';
import { Keys } from './keys.js';
import { Projects } from './projects.js';
import { Members } from './members.js';
import { Sessions } from './sessions.js';
import { Users } from './users.js';

export function Page(): ReactElement {
  const words = say(peopleWords);
  const { answer: session, failure, again } = useCall('session', (signal) => whoAmI(signal));
  const isAdmin = session?.role === 'admin' || session?.role === 'owner';
  const isOwner = session?.role === 'owner';
  const names = [
    'members' as const,
    ...(isAdmin ? (['keys'] as const) : []),
    ...(isOwner ? (['users', 'projects'] as const) : []),
    'sessions' as const,
    ...(isAdmin ? (['history'] as const) : []),
    'me' as const,
  ];
  const asked = useTab('members');
  // A tab that is not for this reader says so itself; one that does not exist is the first.
  const tab = TABS.has(asked) ? asked : 'members';
  return (
    <main id="content" className="page">
      <PageHead title={words.title}>{session !== undefined && <Project session={session} />}</PageHead>
      {failure !== undefined && <Problem failure={failure} onRetry={again} />}
      {session === undefined && failure === undefined && <Loading />}
      {session?.needs_first_user === true && <FirstUser />}
      <Tabs tabs={names.map((name) => ({ name, title: words[name] }))} label={words.title} />
      {session !== undefined && tab === 'members' && <Members isAdmin={isAdmin} />}
      {session !== undefined && tab === 'keys' && <Keys />}
      {session !== undefined && tab === 'users' && <Users own={session.user?.id} />}
      {session !== undefined && tab === 'projects' && <Projects now={session.project} />}
      {session !== undefined && tab === 'sessions' && <Sessions />}
      {session !== undefined && tab === 'history' && <History isOwner={isOwner} />}
      {session !== undefined && tab === 'me' && <Me session={session} />}
    </main>
  );
}

const TABS: ReadonlySet<string> = new Set([
  'members',
  'keys',
  'users',
  'projects',
  'sessions',
  'history',
  'me',
]);

/** Which project is worked in. Everything on every page is of this one. */
function Project({ session }: { session: SessionShape }): ReactElement {
  const words = say(peopleWords);
  const { failure, act } = useAct(() => location.reload());
  if (session.projects.length < 2) return <span className="chip">{session.project}</span>;
  return (
    <>
      <Choice
        label={words.changeProject}
        value={session.project}
        choices={session.projects.map((project) => [project, project])}
        onChoose={(project) => act(() => chooseProject(project))}
      />
      {failure !== undefined && <Problem failure={failure} />}
    </>
  );
}

/** From then on whoever came by the link is themselves: what they do next is done by a person with a name. */
function FirstUser(): ReactElement {
  const words = say(peopleWords);
  const [email, setEmail] = useState('');
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const { busy, failure, act } = useAct(() => location.reload());
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    act(async () => {
      await peopleCalls.addFirstUser({ email, name, password });
      await signOut();
      await signInWith({ email, password });
    });
  };
  return (
    <form className="card form" onSubmit={onSubmit}>
      <h2>{words.firstTitle}</h2>
      <p className="muted">{words.firstHelp}</p>
      <Field
        label={words.email}
        type="email"
        autoComplete="username"
        required
        value={email}
        onText={setEmail}
      />
      <Field label={words.name} autoComplete="name" required value={name} onText={setName} />
      <Field
        label={words.password}
        type="password"
        autoComplete="new-password"
        required
        minLength={PASSWORD_CHARS_MIN}
        value={password}
        onText={setPassword}
      />
      {failure !== undefined && <Problem failure={failure} />}
      <button type="submit" className="primary" disabled={busy}>
        {words.create}
      </button>
    </form>
  );
}

function Me({ session }: { session: SessionShape }): ReactElement {
  const words = say(peopleWords);
  const [current, setCurrent] = useState('');
  const [password, setPassword] = useState('');
  const { busy, failure, act } = useAct(() => {
    setCurrent('');
    setPassword('');
    toast(words.changed);
  });
  if (session.user === null) return <p className="muted">{words.signedInBy}</p>;
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    act(() => changePassword(current, password));
  };
  return (
    <form className="card form" onSubmit={onSubmit}>
      <p>
        <strong>{session.user.name}</strong> · {session.user.email} · {words[session.role]}
      </p>
      <Field
        label={words.currentPassword}
        type="password"
        autoComplete="current-password"
        required
        value={current}
        onText={setCurrent}
      />
      <Field
        label={words.newPassword}
        type="password"
        autoComplete="new-password"
        required
        minLength={PASSWORD_CHARS_MIN}
        value={password}
        onText={setPassword}
      />
      {failure !== undefined && <Problem failure={failure} />}
      <button type="submit" disabled={busy}>
        {words.change}
      </button>
    </form>
  );
}
