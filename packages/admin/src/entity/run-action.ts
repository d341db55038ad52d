/**
 * One action on one entity: its plan, and its run.
 *
 * What must hold: a plan changes nothing; a run acts on the version that the person saw, else it is refused with what it would do
 * now; the same call is done once, however often it is sent; each run is in the audit trail before it begins, with how it ended.
 */
import { AuditDenied, type Audit, type Change, type Execute, type Transactions } from '@sillok/node/audit';
import { diffOf, newBoot, type FieldChange } from '@sillok/record';
import { AdminError } from '../errors.js';
import { rolledBack } from '../rolled-back.js';
import type { AnyAction } from './define.js';
import { claimId, readClaim, writeClaim, writeDecision, type Claim } from './desk-table.js';
import { maskDiff } from './mask.js';
import { hiddenFrom, mustFind, tryFind, type Row } from './rows.js';
import { doneBy, type AdminActor } from './signature.js';
import type { PlanAnswer, RunAnswer } from './wire.js';

export interface Wanted {
  readonly action: AnyAction;
  readonly actor: AdminActor;
  /** Absent for what makes an entity. */
  readonly id: string | undefined;
  /** Checked by the action's schema. */
  readonly input: unknown;
  readonly reason: string | undefined;
}

export interface WantedRun extends Wanted {
  readonly version: string | undefined;
  readonly key: string;
  /** The request that another person made and this one approves. */
  readonly request?: { readonly id: string; readonly by: AdminActor } | undefined;
}

/** In a transaction that is rolled back. */
export async function planAction(wanted: Wanted): Promise<PlanAnswer> {
  const { action, actor } = wanted;
  const planned = await rolledBack(action.entity.transactions, (db) => change(wanted, db, undefined)).catch(
    (error: unknown) => {
      throw toAdminError(error);
    },
  );
  if (planned === undefined) throw new Error('the plan was not made');
  const { id, before, after } = planned;
  return {
    id,
    version: before?.version ?? '',
    diff: maskDiff(diffOf(before?.fields, after?.fields), hiddenFrom(action.entity, actor)),
  };
}

/** Runs that have not ended in this process: the second click waits for the first one. */
const running = new Map<string, Promise<RunAnswer>>();

export async function runAction(audit: Audit, wanted: WantedRun): Promise<RunAnswer> {
  const { action, actor, key } = wanted;
  const claim = claimId([actor.id, action.entity.type, action.name, key]);
  const first = running.get(claim);
  if (first !== undefined) return { ...(await first), repeated: true };
  const run = runOnce(audit, wanted, claim).finally(() => running.delete(claim));
  running.set(claim, run);
  return run;
}

async function runOnce(audit: Audit, wanted: WantedRun, claim: string): Promise<RunAnswer> {
  const { action, actor, request } = wanted;
  const { transactions } = action.entity;
  const { dialect } = transactions;
  const hidden = hiddenFrom(action.entity, actor);
  const known = await readClaim(transactions, claim);
  if (known !== undefined) return answerOf(known, { hidden, repeated: true });
  const auditId = newBoot();
  try {
    const done = await audit.transaction(
      changeOf(wanted, auditId),
      withExecute(transactions),
      async ({ db, execute }, entry) => {
        const { id, before, after } = await change(wanted, db, wanted.version);
        if (before !== undefined) entry.before(before.fields);
        if (after !== undefined) entry.after(after.fields);
        const value: Claim = { audit_id: auditId, id, diff: diffOf(before?.fields, after?.fields) };
        // By the same commit as the change: of two calls with one claim the database lets one through.
        await writeClaim({ dialect, execute }, claim, value);
        if (request !== undefined)
          await writeDecision({ dialect, execute }, request.id, { state: 'approved' });
        return value;
      },
    );
    return answerOf(done, { hidden, repeated: false });
  } catch (error) {
    const since = await readClaim(transactions, claim).catch(() => {
      throw outcomeUnknown(error);
    });
    if (since !== undefined) return answerOf(since, { hidden, repeated: true });
    if (error instanceof StaleEntity) throw staleError(await planAction(wanted));
    throw toAdminError(error);
  }
}

interface Open {
  readonly db: never;
  readonly execute: Execute;
}

function withExecute(transactions: Transactions<never>): Transactions<Open> {
  return {
    ...transactions,
    run: (work) => transactions.run((db, execute) => work({ db, execute }, execute)),
  };
}

interface Changed {
  readonly id: string;
  readonly before: Row | undefined;
  /** Undefined when it was removed. */
  readonly after: Row | undefined;
}

/** `version`: what the person saw; undefined for a plan. */
async function change(wanted: Wanted, db: unknown, version: string | undefined): Promise<Changed> {
  const { action, actor, input, reason } = wanted;
  const { entity } = action;
  const context = { db, input, reason, actor };
  if (action.creates) {
    // What it takes was checked by its own schema, and `db` is of its own database.
    const id = String(await action.run(context as never));
    return { id, before: undefined, after: await mustFind(entity, id, { db, lock: false }) };
  }
  const id = mustHaveId(wanted);
  const before = await mustFind(entity, id, { db, lock: true });
  if (version !== undefined && version !== before.version) throw new StaleEntity();
  // The entity's own row, as its schema parsed it.
  const refused = action.refuse?.(before.fields as never);
  if (refused !== undefined) throw new AuditDenied(refused);
  // As above, with what the action's own schema parsed.
  await action.run({ ...context, id, row: before.fields } as never);
  return { id, before, after: await tryFind(entity, id, { db, lock: false }) };
}

function changeOf(wanted: WantedRun, auditId: string): Change {
  const { action, actor, input, reason, request, id, version } = wanted;
  const { type } = action.entity;
  return {
    id: auditId,
    action: `${type}.${action.name}`,
    entity: { type, id: id ?? 'new', ...(version === undefined ? {} : { version }) },
    ...doneBy(actor),
    reason,
    arguments: {
      ...argumentsOf(input),
      ...(request === undefined ? {} : { four_eyes: { requested_by: request.by.id, request: request.id } }),
    },
  };
}

/** Field by field, so that what `hide` of the audit names is hidden in them too. */
export function argumentsOf(input: unknown): object {
  return typeof input === 'object' && input !== null && !Array.isArray(input) ? input : { input };
}

function answerOf(
  claim: Claim,
  how: { readonly hidden: readonly string[]; readonly repeated: boolean },
): RunAnswer {
  // Written by `runOnce`.
  const diff = claim.diff as readonly FieldChange[];
  return {
    state: 'done',
    id: claim.id,
    audit_id: claim.audit_id,
    diff: maskDiff(diff, how.hidden),
    repeated: how.repeated,
    request: null,
    flush_token: null,
  };
}

/** Ends a run whose entity has changed since the person looked. */
class StaleEntity extends Error {
  override readonly name = 'StaleEntity';
}

export function mustHaveId({ id, action }: Pick<Wanted, 'id' | 'action'>): string {
  if (id !== undefined && id !== '') return id;
  throw new AdminError({
    status: 400,
    code: 'id_missing',
    message: `"${action.name}" changes one ${action.entity.type}, and none was named.`,
    help: 'Send its id.',
  });
}

function staleError(now: PlanAnswer): AdminError {
  return new AdminError({
    status: 409,
    code: 'stale',
    message: 'It was changed since you looked at it. Nothing was changed now.',
    help: 'Look at what the action would do now, and confirm that.',
    more: { now },
  });
}

function outcomeUnknown(cause: unknown): AdminError {
  return new AdminError({
    status: 503,
    code: 'outcome_unknown',
    message: 'The database stopped answering while it was done: whether it is done is not known yet.',
    help: 'Send the same call again (with the same key): it is done once. The audit trail settles it by itself.',
    cause,
  });
}

function toAdminError(error: unknown): AdminError {
  if (error instanceof AdminError) return error;
  if (error instanceof AuditDenied) {
    return new AdminError({
      status: 409,
      code: 'action_refused',
      message: error.message,
      help: 'Nothing was changed.',
    });
  }
  return new AdminError({
    status: 500,
    code: 'action_failed',
    message: 'The action failed and was rolled back: nothing was changed.',
    help: 'The log of the service says why.',
    cause: error,
  });
}
