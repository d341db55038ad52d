/**
 * Users of the server, which projects they are members of and in which role, invitations, projects. All of it is settings:
 * each change is an audit record, and acts with the next request.
 */
import { createHash, randomBytes, randomUUID } from 'node:crypto';

import { z } from 'zod';

import type { Principal, Scope } from '../seams.js';
import { DEFAULT_PROJECT } from '../settings/dev-key.js';
import { SCOPES } from '../settings/keys.js';
import { createShelf, SERVER, type Shelf, type Shelved } from '../settings/objects.js';
import type { Settings } from '../settings/settings.js';
import { INVITATION_MS, SECRET_BYTES } from './limits.js';

export const ROLES = ['viewer', 'member', 'admin'] as const;
export type Role = (typeof ROLES)[number];

const ROLE_SCOPES: Readonly<Record<Role, readonly Scope[]>> = {
  viewer: ['read'],
  member: ['read', 'write'],
  admin: ['read', 'write', 'ingest', 'browser', 'admin'],
};

const userShape = z.object({
  email: z.string(),
  name: z.string(),
  /** Text of `hashPassword`; absent for somebody who signs in elsewhere. */
  password: z.string().optional(),
  owner: z.boolean(),
  disabled: z.boolean(),
  oidc: z.object({ issuer: z.string(), subject: z.string() }).optional(),
  saml: z.object({ issuer: z.string(), subject: z.string() }).optional(),
});
const memberShape = z.object({ role: z.enum(ROLES) });
const invitationShape = z.object({
  email: z.string(),
  role: z.enum(ROLES),
  hash: z.string(),
  expires_at: z.string(),
  /** A new password for this user instead of a membership. */
  reset: z.string().optional(),
  /** The one who accepts becomes an owner of the server. */
  owner: z.boolean().optional(),
});
const projectShape = z.object({ name: z.string(), archived: z.boolean().optional() });

export type User = z.output<typeof userShape>;
export type Invitation = z.output<typeof invitationShape>;

/** Somebody as an identity provider names them. */
export interface Provided {
  readonly way: 'oidc' | 'saml';
  readonly issuer: string;
  readonly subject: string;
}

export interface People {
  readonly users: Shelf<User>;
  readonly members: Shelf<z.output<typeof memberShape>>;
  readonly invitations: Shelf<Invitation>;
  readonly projects: Shelf<z.output<typeof projectShape>>;
  find(userId: string): Shelved<User> | undefined;
  byEmail(email: string): Shelved<User> | undefined;
  bySubject(identity: Provided): Shelved<User> | undefined;
  /** Who this is in this project; undefined when disabled, removed or not a member. */
  principal(userId: string, project: string): Principal | undefined;
  /** Projects that the user may be in, the default one first. */
  projectsOf(userId: string): string[];
  allProjects(): string[];
  /** Put away: nobody enters, its keys are refused, its rules and reports rest. Nothing of it is deleted. */
  isArchived(project: string): boolean;
  /** The invitation that a secret opens, with the project it is for; undefined when it has expired. */
  invitation(secret: string): Shelved<Invitation> | undefined;
}

export function createPeople(settings: Settings): People {
  const users = createShelf(settings, 'user', userShape);
  const members = createShelf(settings, 'member', memberShape);
  const invitations = createShelf(settings, 'invitation', invitationShape);
  const projects = createShelf(settings, 'project', projectShape);
  const find = (id: string): Shelved<User> | undefined => users.get(SERVER, id);

  const isArchived = (project: string): boolean => projects.get(SERVER, project)?.value.archived === true;

  function allProjects(): string[] {
    const keys = settings.listKeys().map(({ project }) => project);
    const named = projects.list(SERVER).map(({ id }) => id);
    const joined = members.all().map(({ project }) => project);
    const found = new Set([...keys, ...named, ...joined].sort());
    return [DEFAULT_PROJECT, ...[...found].filter((project) => project !== DEFAULT_PROJECT)];
  }

  return {
    users,
    members,
    invitations,
    projects,
    find,
    byEmail: (email) => users.list(SERVER).find((user) => user.value.email === email),
    bySubject: ({ way, issuer, subject }) =>
      users
        .list(SERVER)
        .find(({ value }) => value[way]?.issuer === issuer && value[way]?.subject === subject),
    principal(userId, project) {
      const user = find(userId)?.value;
      if (user === undefined || user.disabled || isArchived(project)) return undefined;
      const keyId = actorOf(userId);
      if (user.owner) return { project, scopes: SCOPES, keyId };
      const role = members.get(project, userId)?.value.role;
      return role === undefined ? undefined : { project, scopes: ROLE_SCOPES[role], keyId };
    },
    projectsOf(userId) {
      const open = (project: string): boolean => !isArchived(project);
      if (find(userId)?.value.owner === true) return allProjects().filter(open);
      const own = members.all().filter(({ id }) => id === userId);
      return own
        .map(({ project }) => project)
        .filter(open)
        .sort(defaultFirst);
    },
    allProjects,
    isArchived,
    invitation(secret) {
      const hash = hashSecret(secret);
      const found = invitations.all().find(({ value }) => value.hash === hash);
      if (found === undefined || Date.parse(found.value.expires_at) <= Date.now()) return undefined;
      return isArchived(found.project) ? undefined : found;
    },
  };
}

function defaultFirst(left: string, right: string): number {
  if (left === right) return 0;
  if (left === DEFAULT_PROJECT) return -1;
  if (right === DEFAULT_PROJECT) return 1;
  return left < right ? -1 : 1;
}

/** The role that scopes amount to, for people who look at it. */
export function roleOf({ scopes }: Pick<Principal, 'scopes'>): Role | 'owner' {
  if (scopes.includes('owner')) return 'owner';
  if (scopes.includes('admin')) return 'admin';
  return scopes.includes('write') ? 'member' : 'viewer';
}

export const USER_ACTOR = 'user:';

/** How audit records name a person. */
export function actorOf(userId: string): string {
  return `${USER_ACTOR}${userId}`;
}

export function userIdOf({ keyId }: Pick<Principal, 'keyId'>): string | undefined {
  return keyId.startsWith(USER_ACTOR) ? keyId.slice(USER_ACTOR.length) : undefined;
}

export function newUserId(): string {
  return randomUUID();
}

export function newSecret(): string {
  return randomBytes(SECRET_BYTES).toString('base64url');
}

export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}

/** Addresses are compared without case and without the spaces that pasting adds. */
export function normaliseEmail(email: string): string {
  return email.trim().normalize('NFKC').toLowerCase();
}

export function newInvitation(wanted: Omit<Invitation, 'hash' | 'expires_at'>): {
  secret: string;
  invitation: Invitation;
} {
  const secret = newSecret();
  const expires_at = new Date(Date.now() + INVITATION_MS).toISOString();
  return { secret, invitation: { ...wanted, hash: hashSecret(secret), expires_at } };
}
