/**
 * Who somebody is that an identity provider vouches for. The provider says who it is, never what they may do: whoever comes
 * must have been invited (the invitation is accepted by it) or be a user already. After the first time the subject counts, not
 * the address.
 */
import { SERVER } from '../settings/objects.js';
import type { ServerError } from '../errors.js';
import { actorOf, newUserId, type People, type Provided } from './people.js';
import type { Who } from './sessions.js';

export interface ProvidedIdentity extends Provided {
  /** Undefined unless the provider vouches for it. */
  readonly email: string | undefined;
  readonly name: string | undefined;
}

/** The user that an identity belongs to; the first time it is tied to one by its address. */
export function whoIsProvided(
  people: People,
  identity: ProvidedIdentity,
  refuse: (reason: string) => ServerError,
): Who {
  const known = people.bySubject(identity);
  const userId = known?.id ?? tieToUser(people, identity);
  if (userId === undefined) throw refuse('nobody has invited this account');
  acceptInvitations(people, userId, identity.email);
  const [project] = people.projectsOf(userId);
  if (project === undefined || people.principal(userId, project) === undefined)
    throw refuse('this account may not sign in here');
  return { keyId: actorOf(userId), project };
}

function acceptInvitations(people: People, userId: string, email: string | undefined): void {
  const now = Date.now();
  const open = people.invitations.all().filter(({ value }) => value.reset === undefined);
  for (const invitation of open.filter(({ value }) => value.email === email && email !== undefined)) {
    if (Date.parse(invitation.value.expires_at) <= now) continue;
    const { role } = invitation.value;
    const told = { message: `${email} accepted the invitation as ${role}`, actor: actorOf(userId) };
    people.members.put({ project: invitation.project, id: userId }, { role }, told);
    people.invitations.remove(invitation, told);
  }
}

function tieToUser(people: People, identity: ProvidedIdentity): string | undefined {
  const { way, issuer, subject, email, name } = identity;
  if (email === undefined) return undefined;
  const user = people.byEmail(email);
  const isInvited = people.invitations
    .all()
    .some(({ value }) => value.email === email && Date.parse(value.expires_at) > Date.now());
  if (user === undefined && !isInvited) return undefined;
  // Somebody else’s account at the same provider does not take over a user by getting the address later.
  if (user?.value[way] !== undefined) return undefined;
  const id = user?.id ?? newUserId();
  const value = user?.value ?? { email, name: name ?? email, owner: false, disabled: false };
  const told = { message: `${email} signs in with ${issuer}`, actor: actorOf(id) };
  people.users.put({ project: SERVER, id }, { ...value, [way]: { issuer, subject } }, told);
  return id;
}
