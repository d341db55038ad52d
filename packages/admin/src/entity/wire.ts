/** What the admin API of a service answers: the contract between a service, Sillok's server, its console and its command line. */
import type { FieldChange } from '@sillok/record';
import { z } from 'zod';
import { ADMIN_TEXT_CHARACTERS_MAX } from '../limits.js';
import type { Role } from './signature.js';

/** One text, or one per language of the console. */
export type Title = string | { readonly en: string; readonly ko: string };

export type JsonSchema = { readonly [key: string]: unknown };

export interface ActionDescription {
  readonly name: string;
  readonly title: Title;
  readonly description: Title;
  readonly input: JsonSchema;
  readonly role: Role;
  readonly reason: 'required' | 'optional';
  /** A second person has to approve it. */
  readonly four_eyes: boolean;
  readonly dangerous: boolean;
  /** Makes an entity instead of changing one. */
  readonly creates: boolean;
}

export interface EntityDescription {
  readonly type: string;
  readonly title: Title;
  readonly fields: JsonSchema;
  /** Shown in lists. */
  readonly list: readonly string[];
  /** Paths that lists never show, and a single entity shows to those with `personal_role` only, recorded. */
  readonly personal: readonly string[];
  readonly personal_role: Role;
  readonly actions: readonly ActionDescription[];
}

export interface AdminDescription {
  readonly service: string;
  readonly entities: readonly EntityDescription[];
}

export interface EntityRow<Fields = unknown> {
  readonly id: string;
  readonly fields: Fields;
}

export interface EntityPage<Fields = unknown> {
  readonly rows: readonly EntityRow<Fields>[];
  readonly next: string | null;
}

export interface ActionState {
  readonly name: string;
  readonly allowed: boolean;
  /** Why not. */
  readonly refused: string | null;
  /** The role that is needed and that the caller has not. */
  readonly needs_role?: Role;
}

export interface EntityAnswer<Fields = unknown> extends EntityRow<Fields> {
  readonly type: string;
  /** Changes with the entity: what is sent with a run, so that it acts on what was seen. */
  readonly version: string;
  /** Personal fields that this reader does not see. */
  readonly masked: readonly string[];
  readonly actions: readonly ActionState[];
}

/** What an action would change. Nothing was changed. */
export interface PlanAnswer {
  readonly id: string;
  readonly version: string;
  readonly diff: readonly FieldChange[];
}

export interface RunAnswer {
  /** `requested`: it waits for another person. */
  readonly state: 'done' | 'requested';
  readonly id: string;
  /** Names the change in the audit trail. */
  readonly audit_id: string;
  readonly diff: readonly FieldChange[];
  /** It had been done already by the same call; nothing was done now. */
  readonly repeated: boolean;
  readonly request: string | null;
  /** Names the last record of the change: a search `after` it finds the change. */
  readonly flush_token: string | null;
}

export interface RequestShape {
  readonly id: string;
  readonly type: string;
  readonly action: string;
  readonly entity: string;
  readonly input: unknown;
  readonly reason: string | null;
  readonly by: { readonly id: string; readonly name: string };
  readonly at: string;
  readonly state: 'open' | 'approved' | 'rejected';
}

export interface ScriptDescription {
  readonly name: string;
  readonly description: string;
  readonly owner: string | null;
  readonly args: JsonSchema;
  /** Changes data: it applies a plan that was seen. */
  readonly destructive: boolean;
  /** A second person has to approve what it applies. */
  readonly four_eyes: boolean;
  /** The service runs in production: applying needs a word more. */
  readonly production: boolean;
  readonly role: Role;
}

/** `resume` goes on with what was paused, stopped or killed; `retry` tries the failed items again. */
export const SCRIPT_ORDERS = ['pause', 'stop', 'resume', 'retry', 'approve', 'reject'] as const;
export type ScriptOrder = (typeof SCRIPT_ORDERS)[number];

export interface ScriptRun {
  readonly run: string;
  readonly script: string;
  readonly mode: 'plan' | 'apply';
  readonly args: unknown;
  /**
   * `requested`: it waits for a second person. `checking`: whether the plan is still the one that was seen. `refused`: it is not, or
   * something else was in the way. `killed`: it said that it works, and its process is gone.
   */
  readonly state:
    | 'requested'
    | 'rejected'
    | 'checking'
    | 'refused'
    | 'running'
    | 'paused'
    | 'done'
    | 'failed'
    | 'stopped'
    | 'killed';
  /** What this person may do with it now. */
  readonly orders: readonly ScriptOrder[];
  readonly problem: string | null;
  readonly started_at: string;
  readonly started_by: string;
  readonly reason: string | null;
  /** The second person, where one was needed. */
  readonly approved_by: string | null;
  readonly ended_at: string | null;
  readonly counts: Readonly<Record<string, number>>;
  /** Of a dry run that has ended: what an apply has to meet. */
  readonly plan: string | null;
  /** The first ones. */
  readonly changes: readonly {
    readonly entity: string;
    readonly action: string;
    readonly diff: readonly FieldChange[];
  }[];
  readonly changes_count: number;
  readonly failures: readonly { readonly key: string; readonly reason: string }[];
}

const text = z.string().max(ADMIN_TEXT_CHARACTERS_MAX);

export const planBody = z.strictObject({
  id: text.optional(),
  input: z.unknown().optional(),
});
export const runBody = z.strictObject({
  id: text.optional(),
  input: z.unknown().optional(),
  reason: text.optional(),
  /** Of the entity as it was seen. Needed for what changes one. */
  version: text.optional(),
  /** Made anew for each intention of a person, and the same when it is sent again: the action is done once. */
  key: z.string().min(8).max(128),
});
export const scriptStartBody = z.strictObject({
  args: z.unknown().optional(),
  mode: z.enum(['plan', 'apply']),
  plan: text.optional(),
  reason: text.optional(),
  /** The explicit word for a destructive script on production. */
  production: z.boolean().optional(),
});
export type ScriptStart = z.input<typeof scriptStartBody>;
export const scriptOrderBody = z.strictObject({
  reason: text.optional(),
  /** Of an approval, as of a start. */
  production: z.boolean().optional(),
});
export type ScriptOrderBody = z.input<typeof scriptOrderBody>;
export const decisionBody = z.strictObject({ reason: text.optional(), key: z.string().min(8).max(128) });

export type RunBody = z.input<typeof runBody>;
export type PlanBody = z.input<typeof planBody>;

export interface AdminErrorBody {
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly help: string;
    /** With `stale`: what the action would change now. */
    readonly now?: PlanAnswer;
  };
}
