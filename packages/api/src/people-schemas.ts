/** Shapes of signing in, people, projects, keys and the history of settings. */
import { z } from 'zod';
import { PASSWORD_CHARS_MAX, PASSWORD_CHARS_MIN } from './limits.js';

export const role = z.enum(['viewer', 'member', 'admin']);
export type Role = z.infer<typeof role>;

const email = z
  .string()
  .trim()
  .max(254)
  .regex(/^[^\s@<>"]+@[^\s@<>"]+$/, 'it is not an e-mail address');
const personName = z.string().trim().min(1).max(100);
const password = z.string().min(PASSWORD_CHARS_MIN).max(PASSWORD_CHARS_MAX);
const secret = z.string().min(1).max(200);
export const projectName = z
  .string()
  .max(64)
  .regex(/^[a-z0-9][a-z0-9_-]*$/, 'a project is named with a-z, 0-9, "-" and "_"');

/** One of four ways in. */
export const signInBody = z.union([
  z.strictObject({ token: secret }),
  z.strictObject({ key: secret }),
  z.strictObject({ email: z.string().max(254), password: z.string().max(PASSWORD_CHARS_MAX) }),
  z.strictObject({
    invitation: secret,
    name: personName.optional(),
    password: z.string().max(PASSWORD_CHARS_MAX),
  }),
]);

export const sessionProjectBody = z.strictObject({ project: projectName });
export const passwordBody = z.strictObject({
  current: z.string().max(PASSWORD_CHARS_MAX),
  password,
});
/** The first owner, made by whoever holds the sign-in link of the server. */
export const newUserBody = z.strictObject({ email, name: personName, password });
export const newPassword = password;
export const memberBody = z.strictObject({ role });
export const userBody = z.strictObject({
  name: personName.optional(),
  owner: z.boolean().optional(),
  disabled: z.boolean().optional(),
});
export const invitationBody = z.strictObject({ email, role: role.default('viewer') });
/** Its name, or whether it is put away: nobody enters it and its keys are refused, but nothing is deleted. */
export const projectChange = z.strictObject({
  name: z.string().trim().min(1).max(100).optional(),
  archived: z.boolean().optional(),
});
export const projectBody = z.strictObject({ id: projectName, name: z.string().trim().max(100).default('') });
export const historyQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(500).default(100),
  /** Of the whole server: for owners. */
  all: z.enum(['0', '1']).default('0'),
});

export type SignInBody = z.input<typeof signInBody>;
export type InvitationBody = z.input<typeof invitationBody>;

export interface SessionShape {
  readonly project: string;
  readonly scopes: readonly string[];
  readonly role: Role | 'owner';
  /** Null for a key and for the sign-in link. */
  readonly user: { readonly id: string; readonly email: string; readonly name: string } | null;
  readonly projects: readonly string[];
  /** Nobody has an account yet: the holder of the sign-in link should make the first one. */
  readonly needs_first_user: boolean;
}

export interface SignInWays {
  readonly password: boolean;
  readonly oidc: { readonly name: string } | null;
  readonly saml: { readonly name: string } | null;
}

export interface MemberShape {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  readonly owner: boolean;
  readonly disabled: boolean;
  readonly last_seen_at: string | null;
  readonly since: string;
}

/** A user of the server, as its owners see them. */
export interface UserShape {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly owner: boolean;
  readonly disabled: boolean;
  /** The ways in that this user has used: a password, an account at the identity provider. */
  readonly sign_in: readonly SignInWay[];
  readonly since: string;
  readonly last_seen_at: string | null;
  readonly projects: readonly { readonly project: string; readonly role: Role }[];
}

export type SignInWay = 'password' | 'oidc' | 'saml';

export interface ProjectShape {
  readonly id: string;
  readonly name: string;
  readonly archived: boolean;
  /** For owners of the server: how many there are. Keys that are revoked are not counted. */
  readonly members?: number;
  readonly keys?: number;
}

/** A password is set by whoever opens the link, which is shown once. */
export interface ResetShape {
  readonly email: string;
  readonly expires_at: string;
  readonly link: string;
}

export interface InvitationShape {
  readonly id: string;
  readonly email: string;
  readonly role: Role;
  readonly expires_at: string;
  /** Shown once, to whoever made it. */
  readonly link?: string;
}

export interface OpenSessionShape {
  readonly id: string;
  readonly who: string;
  readonly project: string;
  readonly opened_at: string;
  readonly seen_at: string;
  readonly address: string;
  readonly agent: string;
  readonly own: boolean;
}

export interface HistoryShape {
  readonly time: string;
  readonly actor: string;
  readonly actor_name: string;
  readonly message: string;
  readonly project: string;
  readonly what: string;
  readonly id: string;
  readonly before: unknown;
  readonly after: unknown;
}
