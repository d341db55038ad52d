/**
 * Reading the audit trail: changes by entity, actor, action or person; and the proofs over it.
 *
 * Proofs come from the Merkle log and need no engine. Changes are a search, so they say how fresh and complete they are.
 */
import {
  auditQuery,
  consistencyQuery,
  receiptQuery,
  ROUTES,
  type AuditAnswer,
  type AuditPage,
  type ConsistencyAnswer,
} from '@sillok/api';
import { consistencyProof, hashToBase64 } from '@sillok/proof';
import { compileSearch, decodeRow, writeValue } from '@sillok/query';
import type { FastifyInstance } from 'fastify';

import { badRequest } from '../errors.js';
import {
  checked,
  projectOf,
  rangeOf,
  runSearch,
  searchOf,
  TIME_FIRST,
  TIME_LAST,
  type Reading,
} from '../read/reading.js';
import { envelopeOf } from '../read/records-page.js';
import { gapsIn, sumCost } from '../read/trust.js';
import { changesOf } from './changes.js';
import { receiptOf, type AuditRoom } from './room.js';

/** An intent and an outcome are two records; some changes have more of them (unknown, then settled). */
const RECORDS_PER_CHANGE = 3;

export function registerAudit(app: FastifyInstance, reading: Reading, room: AuditRoom): void {
  registerProofs(app, reading, room);
  app.get(ROUTES.audit, async (request, reply): Promise<AuditPage> => {
    const project = projectOf(reading, request);
    const asked = checked(auditQuery, request.query);
    const range = rangeOf(asked, Date.now());
    const limit = asked.limit * RECORDS_PER_CHANGE;
    const query = searchOf(searchText(asked));
    const freshness = reading.state.freshness();
    const table = reading.store().table;
    const statement = compileSearch(query, { project, ...range, table, limit: limit + 1, order: 'desc' });
    const result = await runSearch(reading, statement, { project, reply });
    const records = result.rows.slice(0, limit).map((row) => envelopeOf(decodeRow(row)));
    const changes = changesOf(records);
    return {
      changes: changes.slice(0, asked.limit),
      truncated: changes.length > asked.limit || result.rows.length > limit,
      freshness,
      ...gapsIn(reading.state, project, { from: range.from ?? TIME_FIRST, to: range.to ?? TIME_LAST }),
      cost: sumCost([result.statistics]),
    };
  });
}

function registerProofs(app: FastifyInstance, reading: Reading, room: AuditRoom): void {
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

type Asked = ReturnType<typeof auditQuery.parse>;

function searchText({ entity, actor, action, subject, id }: Asked): string {
  const [type = '', ...rest] = entity?.split('/') ?? [];
  const entityId = rest.join('/');
  const conditions: readonly (readonly [string, string | undefined])[] = [
    ['audit.entity.type', type],
    ['audit.entity.id', entityId],
    ['audit.actor.id', actor],
    ['audit.action', action],
    ['audit.subject', subject],
    ['audit.id', id],
  ];
  const texts = conditions.flatMap(([field, value]) =>
    value === undefined || value === '' ? [] : [`${field}:${writeValue(value)}`],
  );
  return ['kind:audit', ...texts].join(' ');
}
