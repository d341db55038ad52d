/** Members of the project and open invitations. */
import { useState, type FormEvent, type ReactElement } from 'react';
import type { InvitationShape, MemberShape, Role } from '@sillok/api';
import { peopleCalls } from '../../api/team.js';
import { useCall } from '../../api/use-call.js';
import { useAct } from '../../ui/act.js';
import { confirm } from '../../ui/dialog.js';
import { Choice, Field } from '../../ui/field.js';
import { formatMoment } from '../../ui/format.js';
import { Empty, Loading, Problem } from '../../ui/states.js';
import { Table, type TableColumn } from '../../ui/table.js';
import { shown } from '../../text.js';
import { say } from '../../words/dictionary.js';
import { peopleWords } from '../../words/people.js';
import { Once } from './once.js';

function roleChoices(): readonly (readonly [Role, string])[] {
  const words = say(peopleWords);
  return [
    ['viewer', words.viewer],
    ['member', words.member],
    ['admin', words.admin],
  ];
}

export function Members({ isAdmin }: { isAdmin: boolean }): ReactElement {
  const words = say(peopleWords);
  const { answer, failure, again } = useCall('members', (signal) => peopleCalls.members(signal));
  const { failure: refused, act } = useAct(again);
  if (failure !== undefined) return <Problem failure={failure} onRetry={again} />;
  if (answer === undefined) return <Loading />;
  const remove = async (member: MemberShape): Promise<void> => {
    const text = words.removeAsk(member.name);
    if (await confirm({ title: words.remove, text, action: words.remove, dangerous: true }))
      act(() => peopleCalls.removeMember(member.id));
  };
  const columns: readonly TableColumn<MemberShape>[] = [
    {
      name: 'name',
      title: words.name,
      cell: (member) => (
        <>
          {shown(member.name)} {member.owner && <span className="chip">{words.owner}</span>}
        </>
      ),
    },
    { name: 'email', title: words.email, cell: (member) => shown(member.email) },
    {
      name: 'role',
      title: words.role,
      cell: (member) =>
        isAdmin ? (
          <Choice
            label={words.role}
            value={member.role}
            choices={roleChoices()}
            onChoose={(role) => act(() => peopleCalls.setRole(member.id, role))}
          />
        ) : (
          words[member.role]
        ),
    },
    {
      name: 'seen',
      title: words.lastSeen,
      cell: (member) => (member.last_seen_at === null ? words.never : formatMoment(member.last_seen_at)),
    },
    {
      name: 'acts',
      title: '',
      cell: (member) =>
        isAdmin && (
          <button type="button" onClick={() => void remove(member)}>
            {words.remove}
          </button>
        ),
    },
  ];
  return (
    <>
      {refused !== undefined && <Problem failure={refused} />}
      {answer.members.length === 0 ? (
        <Empty title={words.noMembers} help={words.noMembersHelp} />
      ) : (
        <Table cards label={words.members} columns={columns} rows={answer.members} keyOf={({ id }) => id} />
      )}
      {isAdmin && <Invitations />}
    </>
  );
}

function Invitations(): ReactElement {
  const words = say(peopleWords);
  const [email, setEmail] = useState('');
  const [role, setRole] = useState<Role>('member');
  const [link, setLink] = useState('');
  const { answer, again } = useCall('invitations', (signal) => peopleCalls.invitations(signal));
  const { busy, failure, act } = useAct(again);
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    act(async () => {
      const made = await peopleCalls.invite(email, role);
      setLink(made.link ?? '');
      setEmail('');
    });
  };
  const columns: readonly TableColumn<InvitationShape>[] = [
    { name: 'email', title: words.email, cell: (each) => shown(each.email) },
    { name: 'role', title: words.role, cell: (each) => words[each.role] },
    { name: 'expires', title: words.expires, cell: (each) => formatMoment(each.expires_at) },
    {
      name: 'acts',
      title: '',
      cell: (each) => (
        <button type="button" onClick={() => act(() => peopleCalls.withdraw(each.id))}>
          {words.withdraw}
        </button>
      ),
    },
  ];
  return (
    <section className="card" aria-labelledby="invite">
      <h2 id="invite">{words.invite}</h2>
      <p className="muted">{words.inviteHelp}</p>
      <form className="form inline" onSubmit={onSubmit}>
        <Field label={words.email} type="email" required value={email} onText={setEmail} />
        <Choice label={words.role} value={role} choices={roleChoices()} onChoose={setRole} />
        <button type="submit" className="primary" disabled={busy}>
          {words.invite}
        </button>
      </form>
      {failure !== undefined && <Problem failure={failure} />}
      {link !== '' && <Once text={link} help={words.linkOnce} />}
      {answer !== undefined && answer.invitations.length > 0 && (
        <Table
          cards
          label={words.invitations}
          columns={columns}
          rows={answer.invitations}
          keyOf={({ id }) => id}
        />
      )}
    </section>
  );
}
