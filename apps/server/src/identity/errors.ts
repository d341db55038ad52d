/** Errors of the identity room. */
import { ServerError } from '../errors.js';

export function identityUnavailable(reason: string): ServerError {
  return new ServerError({
    status: 503,
    code: 'identity_unavailable',
    message: `The identity keys cannot be used: ${reason}.`,
    help: 'Put keys.json back into the identity folder (SILLOK_IDENTITY_DIR) and restart. Records are taken meanwhile; nothing is lost.',
  });
}

export function personNotFound(person: string): ServerError {
  return new ServerError({
    status: 404,
    code: 'person_not_found',
    message: `No record of this project names "${person}".`,
    help: 'Take user_hash or session_hash as a look-up answered it: POST /api/person/lookup.',
  });
}

/** What must be audited is not done when it cannot be. */
export function notAudited(reason: string): ServerError {
  return new ServerError({
    status: 503,
    code: 'audit_not_kept',
    message: `This was not done, because it could not be put into the audit trail: ${reason}.`,
    help: 'See /readyz for the queue. Ask again when it takes records.',
  });
}
