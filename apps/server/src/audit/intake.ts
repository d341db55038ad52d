/**
 * `POST /v1/audit`: audit entries of services in any language. Answers after the fsync, with a receipt for each entry: its
 * place in the Merkle log, the proof, and a signed checkpoint.
 *
 * An entry whose id and outcome were taken before is not added again; its receipt is answered. So a client may send the same
 * body until it gets an answer.
 */
import { randomUUID } from 'node:crypto';

import { auditBody, ROUTES, type AuditAnswer } from '@sillok/api';
import {
  auditAttributes,
  auditMessage,
  type AuditEntry,
  type AuditOutcome,
  type Resource,
} from '@sillok/record';
import type { FastifyInstance } from 'fastify';

import { ServerError } from '../errors.js';
import { authenticateFirst, bodyOf, mediaType, projectOf, wrongContentType } from '../ingest/body.js';
import { checked } from '../read/reading.js';
import type { ForeignRecord, IngestDeps } from '../seams.js';
import { receiptOf, type AuditRoom } from './room.js';

type Body = ReturnType<typeof auditBody.parse>;
type Entry = Body['entries'][number] & { readonly id: string };

export function registerAuditIntake(app: FastifyInstance, deps: IngestDeps, room: AuditRoom): void {
  void app.register(async (scope) => {
    authenticateFirst(scope, deps);
    scope.post(ROUTES.auditEntries, async (request): Promise<AuditAnswer> => {
      const type = mediaType(request);
      if (type !== 'application/json') throw wrongContentType(type, 'application/json');
      const { bytes } = bodyOf(request);
      const { service, entries } = checked(auditBody, jsonOf(bytes));
      const project = projectOf(request);
      const named = entries.map((entry): Entry => ({ ...entry, id: entry.id ?? randomUUID() }));
      room.auditLog.catchUp();
      const fresh = named.filter((entry) => room.auditLog.findRecent(project, entry) === undefined);
      await admit(deps, { project, resource: resourceOf(service), entries: fresh });
      const { note } = room.checkpoints.sign(project);
      return { entries: named.map((entry) => receiptOf(room, project, entry)), checkpoint: note };
    });
  });
}

interface Admitted {
  readonly project: string;
  readonly resource: Resource;
  readonly entries: readonly Entry[];
}

/** Each entry has a content of its own: of a body that is sent again with one entry more, only that one is new. */
async function admit(deps: IngestDeps, { project, resource, entries }: Admitted): Promise<void> {
  const verdicts = await Promise.all(
    entries.map((entry) =>
      deps.admission.admitForeign({
        project,
        protocol: 'audit',
        resource,
        records: [recordOf(entry)],
        content: `entry:${entry.id}:${entry.outcome}`,
      }),
    ),
  );
  const [rejection] = verdicts.flatMap(({ rejected }) => rejected);
  if (rejection === undefined) return;
  throw new ServerError({
    status: 400,
    code: rejection.code,
    message: `An entry was not taken: ${rejection.reason}.`,
    help: 'Correct it and send the body again: what was taken is not added twice.',
  });
}

const WARNINGS: ReadonlySet<AuditOutcome> = new Set(['denied', 'failed', 'unknown']);

function recordOf(entry: Entry): ForeignRecord {
  const { time, trace_id, span_id, global_trace_id, session_hash, customer, client_address, ...said } = entry;
  const audit: AuditEntry = said;
  return {
    kind: 'audit',
    level: WARNINGS.has(entry.outcome) ? 'warn' : 'info',
    message: auditMessage(audit),
    ...(time === undefined ? {} : { time }),
    ...(trace_id === undefined ? {} : { trace_id }),
    ...(span_id === undefined ? {} : { span_id }),
    ...(global_trace_id === undefined ? {} : { global_trace_id }),
    ...(session_hash === undefined ? {} : { session_hash }),
    attributes: {
      ...auditAttributes(audit),
      ...(customer === undefined ? {} : { customer: { id: customer } }),
      ...(client_address === undefined ? {} : { client: { address: client_address } }),
    },
  };
}

function resourceOf({ name, version }: Body['service']): Resource {
  return { 'service.name': name, ...(version === undefined ? {} : { 'service.version': version }) };
}

function jsonOf(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw new ServerError({
      status: 400,
      code: 'body_broken',
      message: 'The body is not JSON. Nothing of it was stored.',
      help: 'Send {"service":{"name":"…"},"entries":[{"action","entity","actor",…}]}: docs/guides/audit.md.',
      cause,
    });
  }
}
