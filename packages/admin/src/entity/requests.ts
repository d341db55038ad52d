/** Four eyes: one person asks, another one approves, and only then it is done. Who asked may not approve. */
import type { Audit } from '@sillok/node/audit';
import { newBoot } from '@sillok/record';
import { AdminError } from '../errors.js';
import type { AnyAction } from './define.js';
import {
  listRequests,
  readDecision,
  readRequest,
  writeDecision,
  writeRequest,
  type KeptRequest,
} from './desk-table.js';
import { maskPaths } from './mask.js';
import { hiddenFrom } from './rows.js';
import { argumentsOf, mustHaveId, planAction, runAction, type WantedRun } from './run-action.js';
import { doneBy, mayAct, type AdminActor } from './signature.js';
import type { RequestShape, RunAnswer } from './wire.js';

/** The plan is made first: what cannot be done is not asked for. */
export async function requestAction(audit: Audit, wanted: WantedRun): Promise<RunAnswer> {
  const { action, actor, input, reason } = wanted;
  const { type, transactions } = action.entity;
  const plan = await planAction(wanted);
  const entity = action.creates ? 'new' : mustHaveId(wanted);
  const request: KeptRequest = {
    id: newBoot(),
    type,
    action: action.name,
    entity,
    input,
    reason: reason ?? null,
    ...(action.creates ? {} : { version: wanted.version ?? plan.version }),
    by: actor,
    at: new Date().toISOString(),
  };
  const work = (): Promise<void> => writeRequest(transactions, request);
  const auditId = await takeStep(audit, request, { step: 'requested', actor, reason, work });
  const { id, diff } = plan;
  return {
    state: 'requested',
    id,
    audit_id: auditId,
    diff,
    repeated: false,
    request: request.id,
    flush_token: null,
  };
}

export interface Decided {
  readonly request: KeptRequest;
  readonly action: AnyAction;
  readonly actor: AdminActor;
  readonly reason: string | undefined;
  readonly key: string;
}

export async function approve(audit: Audit, { request, action, actor, key }: Decided): Promise<RunAnswer> {
  await mustBeOpen(action, request);
  if (request.by.id === actor.id) {
    throw refusal('Who asked for it cannot approve it.', 'Another person of the same role can.');
  }
  const run = {
    action,
    actor,
    id: request.entity,
    input: request.input,
    reason: request.reason ?? undefined,
    version: request.version,
    key,
    request: { id: request.id, by: request.by },
  };
  try {
    return await runAction(audit, run);
  } catch (error) {
    // Two approved at once: the database let one of them through.
    await mustBeOpen(action, request);
    throw error;
  }
}

export async function reject(audit: Audit, { request, action, actor, reason }: Decided): Promise<RunAnswer> {
  await mustBeOpen(action, request);
  const { transactions } = action.entity;
  const work = (): Promise<void> => writeDecision(transactions, request.id, { state: 'rejected' });
  const auditId = await takeStep(audit, request, { step: 'rejected', actor, reason, work });
  const { id, entity } = request;
  return {
    state: 'done',
    id: entity,
    audit_id: auditId,
    diff: [],
    repeated: false,
    request: id,
    flush_token: null,
  };
}

export async function findRequest(actions: readonly AnyAction[], id: string) {
  for (const entity of new Set(actions.map((action) => action.entity))) {
    const request = await readRequest(entity.transactions, id);
    const action = actions.find((each) => each.entity === entity && each.name === request?.action);
    if (request?.type === entity.type && action !== undefined) return { request, action };
  }
  throw new AdminError({
    status: 404,
    code: 'not_found',
    message: `There is no request "${id}".`,
    help: 'The list of requests shows those that there are.',
  });
}

/** Newest first; of actions that this person could approve or ask for. */
export async function requestsFor(actions: readonly AnyAction[], actor: AdminActor): Promise<RequestShape[]> {
  const shown: RequestShape[] = [];
  for (const entity of new Set(actions.map((action) => action.entity))) {
    for (const request of await listRequests(entity.transactions)) {
      const action = actions.find((each) => each.entity === entity && each.name === request.action);
      if (action === undefined || request.type !== entity.type) continue;
      if (!mayAct(actor.role, action.role ?? 'member')) continue;
      const decision = await readDecision(entity.transactions, request.id);
      const { version: _version, by, input, ...rest } = request;
      const masked = maskPaths(input, hiddenFrom(entity, actor));
      const state = decision?.state ?? 'open';
      shown.push({ ...rest, input: masked, by: { id: by.id, name: by.name }, state });
    }
  }
  return shown;
}

async function mustBeOpen(action: AnyAction, request: KeptRequest): Promise<void> {
  const decision = await readDecision(action.entity.transactions, request.id);
  if (decision !== undefined) throw refusal(`It was ${decision.state} before.`, 'Nothing was done now.');
}

interface Step {
  readonly step: 'requested' | 'rejected';
  readonly actor: AdminActor;
  readonly reason: string | undefined;
  readonly work: () => Promise<void>;
}

/** The intent is on the disk before it is done. Answers the id of the entry. */
async function takeStep(
  audit: Audit,
  request: KeptRequest,
  { step, actor, reason, work }: Step,
): Promise<string> {
  const id = newBoot();
  const change = {
    id,
    action: `${request.type}.${request.action}.${step}`,
    entity: { type: request.type, id: request.entity },
    ...doneBy(actor),
    reason,
    arguments: { ...argumentsOf(request.input), four_eyes: { request: request.id } },
  } as const;
  await audit.operation(change, work);
  return id;
}

function refusal(message: string, help: string): AdminError {
  return new AdminError({ status: 409, code: 'approval_refused', message, help });
}
