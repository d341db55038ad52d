/**
 * The admin API of a service: its entities and actions, behind calls that Sillok's server has signed. `handler.ts` is its HTTP;
 * here is what each call does, and who may.
 */
import type { Logger } from '@sillok/node';
import type { Audit } from '@sillok/node/audit';
import type { z } from 'zod';
import { AdminError } from '../errors.js';
import { ADMIN_PAGE_DEFAULT, ADMIN_PAGE_MAX } from '../limits.js';
import type { AnyScript } from '../script/define.js';
import { createScriptDesk, type ScriptDesk } from '../script/script-desk.js';
import type { Action, AnyAction, AnyEntity } from './define.js';
import { describe } from './describe.js';
import { createAdminTable } from './desk-table.js';
import { maskPaths } from './mask.js';
import { approve, findRequest, reject, requestAction, requestsFor } from './requests.js';
import { hiddenFrom, mustFind, rowOf } from './rows.js';
import { planAction, runAction, type Wanted } from './run-action.js';
import { doneBy, mayAct, mustBeSecret, type AdminActor, type Role } from './signature.js';
import type {
  AdminDescription,
  EntityAnswer,
  EntityPage,
  PlanAnswer,
  PlanBody,
  RequestShape,
  RunAnswer,
  RunBody,
} from './wire.js';

export interface AdminOptions<E, A> {
  /** As Sillok's server knows this service. */
  readonly service: string;
  /** Shared with Sillok's server alone: `openssl rand -hex 32`. */
  readonly secret: string;
  readonly audit: Audit;
  /** Default: the logger of the process. What an action fails with is said there. */
  readonly logger?: Logger;
  readonly entities: readonly E[];
  readonly actions: readonly A[];
  /** Scripts that may be seen and started in the console. */
  readonly scripts?: readonly AnyScript[];
}

export interface Admin<E = unknown, A = unknown> {
  readonly service: string;
  readonly secret: string;
  readonly logger: Logger | undefined;
  /** Only its type is used: what `adminClient` infers from. */
  readonly types?: { readonly entities: E; readonly actions: A };
  /** The tables that it needs, in a migration or at the start. May be repeated. */
  createTables(): Promise<void>;
  describe(): AdminDescription;
  search(actor: AdminActor, asked: SearchAsked): Promise<EntityPage>;
  read(actor: AdminActor, name: { readonly type: string; readonly id: string }): Promise<EntityAnswer>;
  plan(actor: AdminActor, name: ActionName, body: PlanBody): Promise<PlanAnswer>;
  run(actor: AdminActor, name: ActionName, body: RunBody): Promise<RunAnswer>;
  requests(actor: AdminActor): Promise<readonly RequestShape[]>;
  decide(actor: AdminActor, decision: DecisionAsked): Promise<RunAnswer>;
  readonly scripts: ScriptDesk;
}

/** Whatever its entities are. */
export type AnyAdmin = Omit<Admin, 'types'>;

export interface SearchAsked {
  readonly type: string;
  readonly text: string;
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
}

export interface ActionName {
  readonly type: string;
  readonly action: string;
}

export interface DecisionAsked {
  readonly id: string;
  readonly decision: 'approve' | 'reject';
  readonly key: string;
  readonly reason?: string | undefined;
}

export function createAdmin<
  E extends { readonly type: string },
  A extends Action<{ readonly type: string }, string, z.ZodType, boolean>,
>(options: AdminOptions<E, A>): Admin<E, A> {
  const { service, secret, audit, logger } = options;
  mustBeSecret(secret);
  // Types are forgotten here; each function only ever sees what its own definition made.
  const entities = options.entities as unknown as readonly AnyEntity[];
  // As those.
  const actions = options.actions as unknown as readonly AnyAction[];
  mustBeClear(entities, actions);
  const desk: Desk = { audit, entities, actions };
  return {
    service,
    secret,
    logger,
    async createTables() {
      const databases = new Map(entities.map(({ transactions }) => [transactions.name, transactions]));
      for (const database of databases.values()) await createAdminTable(database);
    },
    describe: () => describe(service, entities, actions),
    search: (actor, asked) => search(desk, actor, asked),
    read: (actor, name) => read(desk, actor, name),
    plan(actor, name, body) {
      return planAction(wantedOf(desk, { actor, name, body }));
    },
    async run(actor, name, body) {
      const wanted = wantedOf(desk, { actor, name, body });
      const { action } = wanted;
      if (action.reason === 'required' && (body.reason ?? '').trim() === '') throw reasonMissing();
      const run = { ...wanted, version: body.version, key: body.key };
      return action.fourEyes === true ? requestAction(audit, run) : runAction(audit, run);
    },
    scripts: createScriptDesk({ scripts: options.scripts ?? [], audit, logger }),
    requests: (actor) => requestsFor(actions, actor),
    async decide(actor, { id, decision, key, reason }) {
      const { request, action } = await findRequest(actions, id);
      mustHaveRole(actor, action.role ?? 'member');
      const decided = { request, action, actor, key, reason };
      return decision === 'approve' ? approve(audit, decided) : reject(audit, decided);
    },
  };
}

interface Desk {
  readonly audit: Audit;
  readonly entities: readonly AnyEntity[];
  readonly actions: readonly AnyAction[];
}

/** Lists show no personal field to anybody: one entity is opened for that, and that is recorded. */
async function search({ entities }: Desk, actor: AdminActor, asked: SearchAsked): Promise<EntityPage> {
  const entity = entityOf(entities, asked.type);
  mustHaveRole(actor, entity.role ?? 'viewer');
  const { text, cursor } = asked;
  const limit = Math.min(asked.limit ?? ADMIN_PAGE_DEFAULT, ADMIN_PAGE_MAX);
  const { rows, next } = await entity.transactions.run((db) => entity.search(db, { text, limit, cursor }));
  const hidden = entity.personal?.fields ?? [];
  const shown = rows.slice(0, limit).map((found) => {
    const { id, fields } = rowOf(entity, found);
    return { id, fields: maskPaths(fields, hidden) };
  });
  return { rows: shown, next: next ?? null };
}

async function read(
  { audit, entities, actions }: Desk,
  actor: AdminActor,
  { type, id }: { readonly type: string; readonly id: string },
): Promise<EntityAnswer> {
  const entity = entityOf(entities, type);
  mustHaveRole(actor, entity.role ?? 'viewer');
  const row = await entity.transactions.run((db) => mustFind(entity, id, { db, lock: false }));
  const hidden = hiddenFrom(entity, actor);
  const opened = (entity.personal?.fields ?? []).filter((path) => !hidden.includes(path));
  if (opened.length > 0) {
    await audit.record({
      action: `${type}.read`,
      entity: { type, id },
      ...doneBy(actor),
      subject: row.subject,
      arguments: { fields: opened },
    });
  }
  return {
    type,
    id: row.id,
    version: row.version,
    fields: maskPaths(row.fields, hidden),
    masked: hidden,
    actions: actions
      .filter((action) => action.entity === entity && !action.creates)
      .map((action) => ({ name: action.name, ...stateOf(action, actor, row.fields) })),
  };
}

function stateOf(action: AnyAction, actor: AdminActor, fields: unknown) {
  const least = action.role ?? 'member';
  if (!mayAct(actor.role, least)) {
    return { allowed: false, refused: `needs the role ${least}`, needs_role: least };
  }
  // The entity's own row.
  const refused = action.refuse?.(fields as never) ?? null;
  return { allowed: refused === null, refused };
}

interface Told {
  readonly actor: AdminActor;
  readonly name: ActionName;
  readonly body: Pick<RunBody, 'id' | 'input' | 'reason'>;
}

function wantedOf({ entities, actions }: Desk, { actor, name, body }: Told): Wanted {
  const entity = entityOf(entities, name.type);
  const action = actions.find((each) => each.entity === entity && each.name === name.action);
  if (action === undefined) throw unknown(`There is no action "${name.action}" on ${name.type}.`);
  mustHaveRole(actor, action.role ?? 'member');
  const parsed = action.input.safeParse(body.input ?? {});
  if (!parsed.success) throw inputInvalid(parsed.error.issues);
  const reason = body.reason?.trim() === '' ? undefined : body.reason;
  return { action, actor, id: body.id, input: parsed.data, reason };
}

function inputInvalid(
  issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[],
) {
  const list = issues.map(({ path, message }) => ({ path: path.map(String).join('.'), message }));
  const first = list[0];
  return new AdminError({
    status: 400,
    code: 'input_invalid',
    message: `${first?.path === '' ? 'The input' : first?.path}: ${first?.message}. Nothing was changed.`,
    help: 'Mend what is named and send it again.',
    more: { issues: list },
  });
}

function entityOf(entities: readonly AnyEntity[], type: string): AnyEntity {
  const entity = entities.find((each) => each.type === type);
  if (entity === undefined) throw unknown(`There is no entity "${type}" here.`);
  return entity;
}

function unknown(message: string): AdminError {
  return new AdminError({
    status: 404,
    code: 'not_found',
    message,
    help: 'The description lists what there is.',
  });
}

function mustHaveRole({ role }: AdminActor, least: Role): void {
  if (mayAct(role, least)) return;
  throw new AdminError({
    status: 403,
    code: 'role_missing',
    message: `This needs the role "${least}", and yours is "${role}".`,
    help: 'Ask an admin of the project.',
  });
}

function reasonMissing(): AdminError {
  return new AdminError({
    status: 400,
    code: 'reason_missing',
    message: 'This action needs a reason. Nothing was changed.',
    help: 'Say in a sentence why it is done: it stays in the history.',
  });
}

const RESERVED: ReadonlySet<string> = new Set(['requests', 'scripts']);

/** Two of one name would be one address. */
function mustBeClear(entities: readonly AnyEntity[], actions: readonly AnyAction[]): void {
  const types = entities.map(({ type }) => type);
  const names = actions.map(({ entity, name }) => `${entity.type}.${name}`);
  for (const name of [...types, ...names.map((each) => each.split('.').at(-1) ?? '')]) {
    if (!/^[a-z][a-z0-9_-]*$/.test(name)) throw new TypeError(`"${name}" is no name: a-z, 0-9, _ and -.`);
  }
  const taken = types.find((type) => RESERVED.has(type));
  if (taken !== undefined) throw new TypeError(`"${taken}" is an address of the admin API itself.`);
  const twice = [...types, ...names].find((name, index, all) => all.indexOf(name) !== index);
  if (twice !== undefined) throw new TypeError(`"${twice}" is defined twice.`);
  const stray = actions.find(({ entity }) => !entities.includes(entity));
  if (stray !== undefined)
    throw new TypeError(`"${stray.name}" is an action on an entity that is not listed.`);
}
