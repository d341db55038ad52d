/** `sillok user`: members of a project and invitations. For keys with the scope `admin`. */
import { pathOf } from '@sillok/api';
import type { InvitationShape, MemberShape } from '@sillok/api';
import type { Command } from 'commander';
import { addServerOptions, clientOf, outputOf } from '../common.js';
import type { ServerOptions } from '../common.js';
import { EXIT } from '../exit-codes.js';
import type { Io } from '../io.js';
import type { Finish } from '../program.js';
import { safeLine } from '../terminal/safe-text.js';
import { tableText } from '../terminal/table.js';

interface InviteOptions extends ServerOptions {
  readonly role: string;
}

export function addUser(program: Command, io: Io, finish: Finish): void {
  const user = program.command('user').description('list and invite the people of a project');
  const listing = user.command('list').description('list the members of the project');
  addServerOptions(listing).action((options: ServerOptions) => finish(() => list(options, io)));
  const inviting = user
    .command('invite')
    .description('make an invitation; its link is shown once')
    .argument('<email>', 'of the person')
    .option('--role <role>', 'viewer, member or admin', 'viewer');
  addServerOptions(inviting).action((email: string, options: InviteOptions) =>
    finish(() => invite(email, options, io)),
  );
  const removing = user
    .command('remove')
    .description('remove a member from the project at once')
    .argument('<id>', 'as in "user list"');
  addServerOptions(removing).action((id: string, options: ServerOptions) =>
    finish(() => remove(id, options, io)),
  );
}

async function list(options: ServerOptions, io: Io): Promise<number> {
  const output = outputOf(options, io);
  const { http } = clientOf(options, io);
  const answer = await http.json<{ readonly members: readonly MemberShape[] }>({ path: pathOf('members') });
  output.data(answer);
  const rows = answer.members.map((member) => [
    member.id,
    member.email,
    member.name,
    member.owner ? `${member.role}, owner` : member.role,
    (member.last_seen_at ?? '').slice(0, 16).replace('T', ' '),
  ]);
  const columns = ['id', 'e-mail', 'name', 'role', 'last seen'];
  output.text(tableText({ columns, rows, colours: output.colours }));
  return EXIT.ok;
}

async function invite(email: string, options: InviteOptions, io: Io): Promise<number> {
  const output = outputOf(options, io);
  const { http } = clientOf(options, io);
  const json = { email, role: options.role };
  const made = await http.json<InvitationShape>({ method: 'POST', path: pathOf('invitations'), json });
  output.data(made);
  output.text(safeLine(made.link ?? ''));
  output.note(
    output.colours.dim(`For ${safeLine(made.email)} as ${made.role}. It works once, for seven days.`),
  );
  return EXIT.ok;
}

async function remove(id: string, options: ServerOptions, io: Io): Promise<number> {
  const output = outputOf(options, io);
  await clientOf(options, io).http.send({ method: 'DELETE', path: pathOf('member', { id }) });
  output.data({ id, removed: true });
  output.text(`${safeLine(id)} is removed`);
  return EXIT.ok;
}
