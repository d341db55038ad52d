/**
 * Entities and actions of a project's own business, as the people who look after its customers see them.
 *
 * An entity says how it is found and which of its fields may be shown at all; an action says what it takes and who may do it, and
 * does it with the business code of the service, inside a transaction that the admin API opens, records and, for a plan, rolls back.
 */
import type { Transactions } from '@sillok/node/audit';
import type { z } from 'zod';
import type { AdminActor, Role } from './signature.js';
import type { Title } from './wire.js';

export interface Asked {
  readonly text: string;
  readonly limit: number;
  /** `next` of an earlier page. */
  readonly cursor: string | undefined;
}

export interface Found {
  /** Checked against `fields`: what is not declared there is left out. */
  readonly rows: readonly unknown[];
  readonly next?: string | undefined;
}

export interface EntityDefinition<Type extends string, Fields extends z.ZodType, Tx> {
  /** As audit records name it: `order`. */
  readonly type: Type;
  readonly title: Title;
  /** An object. What is not in it never leaves the service. */
  readonly fields: Fields;
  readonly id: (row: z.output<Fields>) => string;
  /** Fields shown in lists; the first six when left out. */
  readonly list?: readonly string[];
  /** Paths of personal data: hidden in lists, and shown in one entity to `role` (default `admin`) and above, recorded. */
  readonly personal?: { readonly fields: readonly string[]; readonly role?: Role };
  /** The least role that may search and read. Default: `viewer`. */
  readonly role?: Role;
  readonly transactions: Transactions<Tx>;
  readonly search: (db: Tx, asked: Asked) => Promise<Found>;
  /** `lock`: it is about to be changed (`FOR UPDATE`). */
  readonly find: (db: Tx, id: string, how: { readonly lock: boolean }) => Promise<unknown>;
  /** What changes with every change of the row. Default: a hash of its fields. */
  readonly version?: (row: z.output<Fields>) => string | number;
  /** `user_hash` of the person whose data it is. */
  readonly subject?: (row: z.output<Fields>) => string | undefined;
}

export interface ActionContext<Tx, Input> {
  readonly db: Tx;
  readonly input: Input;
  readonly reason: string | undefined;
  readonly actor: AdminActor;
}

export interface ChangeContext<Tx, Row, Input> extends ActionContext<Tx, Input> {
  readonly id: string;
  /** Locked, and of the version that the person saw. */
  readonly row: Row;
}

interface ActionWords<Name extends string, Input extends z.ZodType> {
  readonly name: Name;
  readonly title: Title;
  readonly description?: Title;
  readonly input: Input;
  /** The least role that may do it. Default: `member`. */
  readonly role?: Role;
  /** Default: `optional`. */
  readonly reason?: 'required' | 'optional';
  /** Another person with this role has to approve it. */
  readonly fourEyes?: boolean;
  /** The console asks twice. */
  readonly isDangerous?: boolean;
}

/** Throw it from `run` to tell the person why it cannot be done: the outcome is `denied`. */
export interface ActionDefinition<Row, Tx, Name extends string, Input extends z.ZodType> extends ActionWords<
  Name,
  Input
> {
  /** Why it cannot be done to this one now; undefined when it can. */
  readonly refuse?: (row: Row) => string | undefined;
  readonly run: (context: ChangeContext<Tx, Row, z.output<Input>>) => Promise<unknown>;
}

export interface CreationDefinition<Tx, Name extends string, Input extends z.ZodType> extends ActionWords<
  Name,
  Input
> {
  /** Answers the id of what it made. */
  readonly run: (context: ActionContext<Tx, z.output<Input>>) => Promise<string>;
}

/** Types are checked where an entity is written, and forgotten here: an admin API holds entities of all kinds. */
export interface AnyEntity extends Omit<
  EntityDefinition<string, z.ZodType, unknown>,
  'id' | 'search' | 'find' | 'version' | 'subject' | 'transactions'
> {
  readonly id: (row: never) => string;
  readonly search: (db: never, asked: Asked) => Promise<Found>;
  readonly find: (db: never, id: string, how: { readonly lock: boolean }) => Promise<unknown>;
  readonly version?: (row: never) => string | number;
  readonly subject?: (row: never) => string | undefined;
  readonly transactions: Transactions<never>;
}

export interface AnyAction extends ActionWords<string, z.ZodType> {
  readonly entity: AnyEntity;
  readonly creates: boolean;
  readonly refuse?: (row: never) => string | undefined;
  readonly run: (context: never) => Promise<unknown>;
}

/** What a client knows of an action by its type alone. */
export interface Action<E, Name extends string, Input extends z.ZodType, Creates extends boolean> {
  readonly entity: E;
  readonly name: Name;
  readonly title: Title;
  readonly input: Input;
  readonly creates: Creates;
  readonly run: (context: never) => Promise<unknown>;
}

export function defineEntity<const Type extends string, Fields extends z.ZodType, Tx>(
  definition: EntityDefinition<Type, Fields, Tx>,
): EntityDefinition<Type, Fields, Tx> {
  return definition;
}

/** An action that changes one entity. */
export function defineAction<
  Type extends string,
  Fields extends z.ZodType,
  Tx,
  const Name extends string,
  Input extends z.ZodType,
>(
  entity: EntityDefinition<Type, Fields, Tx>,
  definition: ActionDefinition<z.output<Fields>, Tx, Name, Input>,
): Action<EntityDefinition<Type, Fields, Tx>, Name, Input, false> {
  return { ...definition, entity, creates: false };
}

/** An action that makes one. */
export function defineCreation<
  Type extends string,
  Fields extends z.ZodType,
  Tx,
  const Name extends string,
  Input extends z.ZodType,
>(
  entity: EntityDefinition<Type, Fields, Tx>,
  definition: CreationDefinition<Tx, Name, Input>,
): Action<EntityDefinition<Type, Fields, Tx>, Name, Input, true> {
  return { ...definition, entity, creates: true };
}
