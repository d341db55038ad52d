/** The proofs over the audit trail: receipts, checkpoints, consistency. They come from the Merkle log and need no engine. */
import {
  consistencyQuery,
  receiptQuery,
  ROUTES,
  type AuditAnswer,
  type ConsistencyAnswer,
} from '@sillok/api';
import { consistencyProof, hashToBase64 } from '@sillok/proof';
import type { FastifyInstance } from 'fastify';

import { badRequest } from '../errors.js';
import { checked, projectOf, type Reading } from '../read/reading.js';
import { receiptOf, type AuditRoom } from './room.js';

export function registerAuditProofs(app: FastifyInstance, reading: Reading, room: AuditRoom): void {
  const { auditLog, checkpoints } = room;
  app.get(ROUTES.auditCheckpoint, (request, reply) => {
    const project = projectOf(reading, request);
    return reply.type('text/plain; charset=utf-8').send(checkpoints.sign(project).note);
  });
  app.get(ROUTES.auditVerifier, (request, reply) => {
    projectOf(reading, request);
    return reply.type('text/plain; charset=utf-8').send(`${checkpoints.verifier}\n`);
  });
  app.get(ROUTES.auditReceipt, (request): AuditAnswer => {
    const project = projectOf(reading, request);
    const receipt = receiptOf(room, project, checked(receiptQuery, request.query));
    return { entries: [receipt], checkpoint: checkpoints.sign(project).note };
  });
  app.get(ROUTES.auditConsistency, (request): ConsistencyAnswer => {
    const project = projectOf(reading, request);
    const { from, to } = checked(consistencyQuery, request.query);
    auditLog.catchUp();
    const { size } = auditLog.head(project);
    if (from > to || to > size) {
      throw badRequest(
        'size_unknown',
        `The log has ${size} entries; it cannot show how ${from} became ${to}.`,
        'If a checkpoint that you hold is larger than the log, entries were removed: run "sillok audit verify".',
      );
    }
    return { from, to, proof: consistencyProof(from, to, auditLog.nodes(project)).map(hashToBase64) };
  });
}
