/** Looking for somebody, looking at what they did, opening what is sealed, erasing, a route for debugging: each is in the audit trail, on disk, before it is answered. */
import { randomUUID } from 'node:crypto';

import { auditAttributes, auditMessage, type AuditEntry } from '@sillok/record';

import { addressOf } from '../asking.js';
import type { Admission, Principal } from '../seams.js';
import { notAudited } from './errors.js';

export interface Act {
  readonly action:
    | 'person.lookup'
    | 'person.open'
    | 'person.view'
    | 'person.erase'
    | 'route.create'
    | 'route.end'
    | 'access_review.sign_off'
    | 'database.query'
    | 'signing_key.rotate';
  /** Default: the person. */
  readonly entity?: AuditEntry['entity'];
  readonly outcome: AuditEntry['outcome'];
  /** Joins an intent with its outcome. */
  readonly id?: string;
  /** The person, where it is one. */
  readonly subject?: string | undefined;
  readonly reason?: string | undefined;
  readonly arguments?: object;
  readonly result?: object;
  /** From where it was asked for: a review of accesses needs that. */
  readonly address?: string;
}

/** The id of the entry. Throws a `ServerError` when it could not be kept: then nothing may be shown. */
export async function audit(
  admission: Pick<Admission, 'admitForeign'>,
  principal: Pick<Principal, 'project' | 'keyId'>,
  act: Act,
): Promise<string> {
  const { id = randomUUID(), action, outcome, subject, reason } = act;
  const isUser = principal.keyId.startsWith('user:');
  const entry: AuditEntry = {
    id,
    action,
    outcome,
    entity: act.entity ?? { type: 'person', id: subject ?? 'unknown' },
    actor: { type: isUser ? 'user' : 'system', id: principal.keyId },
    subject,
    reason,
    arguments: act.arguments,
    result: act.result,
  };
  const { rejected } = await admission.admitForeign({
    project: principal.project,
    protocol: 'audit',
    resource: { 'service.name': 'sillok' },
    records: [
      {
        kind: 'audit',
        level: 'info',
        message: auditMessage(entry),
        attributes: attributesOf(entry, act.address ?? addressOf(principal.keyId)),
      },
    ],
  });
  const [first] = rejected;
  if (first !== undefined) throw notAudited(first.reason);
  return id;
}

function attributesOf(entry: AuditEntry, address: string | undefined): object {
  const attributes = auditAttributes(entry);
  return address === undefined ? attributes : { ...attributes, client: { address } };
}
