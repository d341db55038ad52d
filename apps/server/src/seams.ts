/**
 * The seams between the rooms of the server, as types.
 *
 * Data flows one way: ingest/<protocol> → admit → queue (fsync) → writer → store, with the live tail fed from the
 * queue. Each room gets what it needs through these shapes, so that none imports a room downstream of it.
 */
import type { FlatRecord, Resource } from '@sillok/record';
import type { Store } from '@sillok/store';
import type { FastifyRequest } from 'fastify';

import type { Touch } from './admit/first-touch.js';
import type { Config } from './config.js';
import type { Log } from './log.js';
import type { Metrics } from './metrics.js';

/**
 * What a key or a person may do. `write` changes what the project shares (saved searches, dashboards, rules) and includes
 * `read`; `personal` opens sealed fields, and only that; `admin` includes everything within its own project, `owner` everything on the server.
 */
export type Scope = 'ingest' | 'browser' | 'read' | 'write' | 'personal' | 'admin' | 'owner';

/** Who is asking: the answer of `authenticate`. */
export interface Principal {
  readonly project: string;
  readonly scopes: readonly Scope[];
  /** Id of the key, or `user:<id>` for a person who is signed in. Named in audit records as the actor. */
  readonly keyId: string;
  /** The session of a person or of a key that is signed in to the console. */
  readonly sessionId?: string;
  /** Pages from which a browser may use the key. */
  readonly origins?: readonly string[];
}

/** Why one record was not taken. Codes are stable and listed in docs/reference. */
export interface Rejection {
  readonly seq: number;
  readonly code: string;
  readonly reason: string;
}

/** The answer to a native batch. */
export interface NativeVerdict {
  readonly accepted_through: number;
  readonly rejected: readonly Rejection[];
  /** How many of the batch were stored before. */
  readonly known: number;
  /** How many of those retention has removed since; absent for none. */
  readonly expired?: number;
}

export interface NativeBatch {
  readonly project: string;
  /** The inflated body as sent: a header line, then record lines. It stays bytes until a line proves not canonical. */
  readonly body: Buffer;
  /** What is done to each record besides: given what is done to every record of this server. */
  readonly touch?: (first: Touch | undefined) => Touch;
}

/** A record of a protocol that has no `seq`: fields as found, before normalising. */
export type ForeignRecord = { readonly [field: string]: unknown };

export interface ForeignBatch {
  readonly project: string;
  /** `otlp`, `elastic`, `loki`, `ndjson`, `syslog`. */
  readonly protocol: string;
  readonly resource: Resource;
  readonly records: readonly ForeignRecord[];
  /** Hash of the request body plus what else makes the request the same one; a repeat within the window adds nothing. */
  readonly content?: string;
}

export interface ForeignVerdict {
  readonly accepted: number;
  /** `index` counts from 0 within `records`. */
  readonly rejected: readonly { readonly index: number; readonly code: string; readonly reason: string }[];
  /** True when `content` had been taken before: nothing was added. */
  readonly repeated: boolean;
}

/** What ingest protocols are given. Both calls resolve only after the queue's fsync. */
export interface Admission {
  admitNative(batch: NativeBatch): Promise<NativeVerdict>;
  admitForeign(batch: ForeignBatch): Promise<ForeignVerdict>;
}

/** Place of a record in the queue: the id of a live event, and the order in which the server took records. */
export interface QueuePosition {
  readonly class: string;
  readonly segment: number;
  readonly offset: number;
}

/**
 * What the live tail receives after the fsync, batch by batch, in the order in which the server took them.
 * `position` is where the batch begins; `position` and the index within `records` name one event.
 */
export interface AdmittedBatch {
  readonly project: string;
  readonly producer: string;
  readonly boot: string;
  readonly resource: Resource;
  readonly observed_time: string;
  readonly position: QueuePosition;
  readonly records: readonly FlatRecord[];
  /** The record lines as they stand in the queue, in blocks of whole lines: for those who decode only some of them. */
  readonly lines?: readonly Buffer[];
}

/** A stretch of sequence numbers that were never received. */
export interface Gap {
  readonly producer: string;
  readonly boot: string;
  readonly from: number;
  readonly to: number;
}

/** Decoded flush token. */
export interface FlushToken {
  readonly project: string;
  readonly producer: string;
  readonly boot: string;
  readonly seq: number;
}

export type WaitOutcome =
  | { readonly state: 'visible' }
  /** Not there in time; `safe` says where the records are: `queue` (fsynced here) or `unknown` (not received). */
  | { readonly state: 'timeout'; readonly safe: 'queue' | 'unknown' };

/** What the reading side asks of the writing side. */
export interface RecordState {
  /** Missing sequence numbers of the project whose neighbours' times touch [from, to]. */
  gaps(query: { project: string; from: string; to: string; limit: number }): readonly Gap[];
  /** All records received up to this time are visible to search; lag is 0 when nothing waits. */
  freshness(): { readonly visible_through: string; readonly lag_ms: number };
  waitVisible(token: FlushToken, timeoutMs: number): Promise<WaitOutcome>;
  /** Batches of which the store may have a part only: answers leave them out, so that nobody is shown half of one. */
  halfInserted(): readonly string[];
  /** Calls the listener for each batch after its fsync; returns the unsubscribe. */
  onAdmitted(listener: (batch: AdmittedBatch) => void): () => void;
  /**
   * The batch that begins at this position and all batches taken after it (of every class), oldest first, for a
   * live reader that reconnects. Ends when it has caught up. Starts later when the position is no longer kept.
   */
  admittedSince(position: QueuePosition): AsyncIterable<AdmittedBatch>;
}

/** Says who is asking, or throws a `ServerError` (401, 403) which the error handler answers. */
export interface Authenticator {
  authenticate(request: FastifyRequest, scope: Scope): Principal;
  /** Whether the key of somebody who was let in still stands: for answers that go on for hours. */
  isStillGood(principal: Principal): boolean;
  /** For what comes without a key (syslog): whether its project takes anything, or is archived. */
  isOpen(project: string): boolean;
}

/**
 * What `ingest/` and `read/` are given. In the routes of `ingest/`, `request.body` is a Buffer: the inflated body,
 * counted and limited. In the routes of `read/`, fastify's own JSON parser holds.
 */
export interface ServerDeps {
  readonly config: Config;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly auth: Authenticator;
  readonly admission: Admission;
  readonly state: RecordState;
  /** Throws a `ServerError` (503, `engine_unavailable`) while there is no engine. */
  readonly store: () => Store;
  /** Replaces an engine in which a statement does not obey its KILL. Absent when the engine is not ours. */
  readonly replaceEngine?: () => void;
  /** Called at a graceful stop before the port is closed: end streams, close sockets. Latest first. */
  onStop(stop: () => Promise<void> | void): void;
}
export type IngestDeps = ServerDeps;
export type ReadDeps = ServerDeps;
