/** The audit room, opened and closed as one: the Merkle log that follows the queue, its checkpoints, and their schedule. */
import type { AuditReceipt } from '@sillok/api';
import { hashToBase64, inclusionProof } from '@sillok/proof';

import { notFound } from '../errors.js';
import { AUDIT_SAVE_INTERVAL_MS, CHECKPOINT_INTERVAL_MS } from '../limits.js';
import type { Log } from '../log.js';
import type { Queue } from '../queue/queue.js';
import { AuditLog } from './audit-log.js';
import { Checkpoints } from './checkpoints.js';

export interface AuditRoom {
  readonly auditLog: AuditLog;
  readonly checkpoints: Checkpoints;
  stop(): void;
}

export interface AuditRoomOptions {
  readonly directory: string;
  readonly queue: Queue;
  /** A second file for scheduled checkpoints; empty for none. */
  readonly exportFile: string;
  readonly log: Log;
}

export function openAudit({ directory, queue, exportFile, log }: AuditRoomOptions): AuditRoom {
  const auditLog = new AuditLog({ directory, queue, log });
  const checkpoints = new Checkpoints({ directory, auditLog, exportFile, log });
  const guarded = (work: () => void) => () => {
    try {
      work();
    } catch (error) {
      log.error('the Merkle log could not be brought up to date; the records themselves are safe', { error });
    }
  };
  const save = guarded(() => {
    auditLog.catchUp();
    auditLog.save();
  });
  const saving = setInterval(save, AUDIT_SAVE_INTERVAL_MS);
  const keeping = setInterval(
    guarded(() => checkpoints.keepAll()),
    CHECKPOINT_INTERVAL_MS,
  );
  return {
    auditLog,
    checkpoints,
    stop() {
      clearInterval(saving);
      clearInterval(keeping);
      save();
      guarded(() => checkpoints.keepAll())();
      auditLog.close();
    },
  };
}

/** Throws a `ServerError` (404) when there is no such entry. */
export function receiptOf(
  { auditLog }: AuditRoom,
  project: string,
  name: { readonly id: string; readonly outcome: string },
): AuditReceipt {
  auditLog.catchUp();
  const { id, outcome } = name;
  const place = auditLog.find(project, { id, outcome });
  if (place === undefined) {
    throw notFound(
      `There is no entry "${id}" with the outcome ${outcome}.`,
      'GET /api/audit?id=… shows what there is.',
    );
  }
  const { size } = auditLog.head(project);
  const proof = inclusionProof(place.index, size, auditLog.nodes(project)).map(hashToBase64);
  return { id, outcome, index: place.index, size, leaf: hashToBase64(place.leaf), proof };
}
