/** The proofs over the audit trail: receipts, checkpoints, consistency. They come from the Merkle log and need no engine. */
import { randomUUID } from 'node:crypto';

import {
  consistencyQuery,
  keyChangeBody,
  receiptQuery,
  ROUTES,
  type AuditAnswer,
  type ConsistencyAnswer,
  type KeyChangeAnswer,
} from '@sillok/api';
import { consistencyProof, hashToBase64 } from '@sillok/proof';
import type { FastifyInstance } from 'fastify';

import { badRequest } from '../errors.js';
import { audit } from '../identity/trail.js';
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
  app.get(ROUTES.auditKeyChanges, (request, reply) => {
    projectOf(reading, request);
    return reply.type('text/plain; charset=utf-8').send(checkpoints.keyChanges);
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

/** The key signs for every project of the server: owners change it, and each project's log says so. */
export function registerKeyChange(app: FastifyInstance, reading: Reading, room: AuditRoom): void {
  const { auditLog, checkpoints } = room;
  app.post(ROUTES.auditKeyChanges, async (request): Promise<KeyChangeAnswer> => {
    const principal = reading.auth.authenticate(request, 'owner');
    const { reason, overlap_days } = checked(keyChangeBody, request.body);
    auditLog.catchUp();
    const projects = [...new Set([principal.project, ...auditLog.projects()])];
    const act = {
      id: randomUUID(),
      action: 'signing_key.rotate',
      entity: { type: 'signing_key', id: checkpoints.verifier.split('+', 1)[0] ?? '' },
      reason,
      arguments: { overlap_days },
      address: request.ip,
    } as const;
    const tell = (more: { outcome: 'intent' | 'committed'; result?: object }) =>
      Promise.all(
        projects.map((project) => audit(reading.admission, { ...principal, project }, { ...act, ...more })),
      );
    await tell({ outcome: 'intent' });
    const { before, after, until, note } = checkpoints.rotateKey(overlap_days);
    await tell({ outcome: 'committed', result: { before, after, until } });
    return { before, after, ...(until === undefined ? {} : { until }), note, audit_id: act.id };
  });
}
