/** What a link of an invitation or of a password reset does when it is opened. It works once. */
import { SERVER } from '../settings/objects.js';
import type { PeopleDeps } from './context.js';
import { linkUsed, signInFailed } from './errors.js';
import { hashPassword, verifyPassword } from './passwords.js';
import { actorOf, newUserId, type Invitation, type User } from './people.js';
import type { Shelved } from '../settings/objects.js';
import type { Who } from './sessions.js';

export interface Acceptance {
  readonly invitation: string;
  readonly name?: string | undefined;
  readonly password: string;
  /** Throws when a new password is too weak. */
  readonly check: (password: string) => void;
}

export async function acceptInvitation(deps: PeopleDeps, accepted: Acceptance): Promise<Who> {
  const { people } = deps;
  const found = people.invitation(accepted.invitation);
  if (found === undefined) throw linkUsed();
  const known = found.value.reset === undefined ? people.byEmail(found.value.email) : undefined;
  const userId =
    found.value.reset !== undefined
      ? await setPassword(deps, found.value.reset, accepted)
      : await (known === undefined ? makeUser(deps, found, accepted) : proveUser(known, accepted.password));
  const actor = actorOf(userId);
  if (found.value.reset === undefined) {
    const message = `${found.value.email} accepted the invitation as ${found.value.role}`;
    people.members.put(
      { project: found.project, id: userId },
      { role: found.value.role },
      { message, actor },
    );
  }
  const done = { message: `the invitation of ${found.value.email} was used`, actor };
  // Twice at the same time: the second finds it gone, after it has proved or set the same password.
  if (!people.invitations.remove(found, done)) throw linkUsed();
  const project = found.value.reset === undefined ? found.project : people.projectsOf(userId)[0];
  if (project === undefined) throw signInFailed();
  return { keyId: actor, project };
}

/** Somebody who has an account joins another project with the password of that account. */
async function proveUser(user: Shelved<User>, password: string): Promise<string> {
  const isRight = await verifyPassword(password, user.value.password);
  if (!isRight || user.value.disabled) throw signInFailed();
  return user.id;
}

async function makeUser(
  { people }: PeopleDeps,
  { value }: Shelved<Invitation>,
  { name, password, check }: Acceptance,
): Promise<string> {
  check(password);
  const id = newUserId();
  const user: User = {
    email: value.email,
    name: name ?? value.email,
    password: await hashPassword(password),
    owner: value.owner === true,
    disabled: false,
  };
  const told = { message: `user ${value.email} created by invitation`, actor: actorOf(id) };
  people.users.put({ project: SERVER, id }, user, told);
  return id;
}

async function setPassword(deps: PeopleDeps, id: string, { password, check }: Acceptance): Promise<string> {
  check(password);
  const hash = await hashPassword(password);
  const user = deps.people.find(id);
  if (user === undefined || user.value.disabled) throw linkUsed();
  const told = { message: `password of ${user.value.email} set by a reset link`, actor: actorOf(id) };
  deps.people.users.put({ project: SERVER, id }, { ...user.value, password: hash }, told);
  deps.sessions.endAll(actorOf(id));
  return id;
}
