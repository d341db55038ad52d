/**
 * The seams between the rooms of the server, as types.
 *
 * Data flows one way: ingest/<protocol> → admit → queue (fsync) → writer → store, with the live tail fed from the
 * queue. Each room gets what it needs through these shapes, so that none imports a room downstream of it.
 */
import type { FlatRecord, Resource, SegmentHeader } from '@sillok/record';

/** What a key may do. `admin` includes `read` and `ingest`. */
export type Scope = 'ingest' | 'browser' | 'read' | 'admin';

/** Who is asking: the answer of `authenticate`. */
export interface Principal {
  readonly project: string;
  readonly scopes: readonly Scope[];
  readonly keyId: string;
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
}

export interface NativeBatch {
  readonly project: string;
  readonly header: SegmentHeader;
  /** Record lines without their newline, in the order sent. */
  readonly lines: readonly string[];
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

/** What the live tail receives after the fsync, batch by batch. */
export interface AdmittedBatch {
  readonly project: string;
  readonly producer: string;
  readonly boot: string;
  readonly resource: Resource;
  readonly observed_time: string;
  readonly position: QueuePosition;
  readonly records: readonly FlatRecord[];
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
  /** Calls the listener for each batch after its fsync; returns the unsubscribe. */
  onAdmitted(listener: (batch: AdmittedBatch) => void): () => void;
  /** Batches after a queue position, oldest first, for a live reader that reconnects. */
  admittedSince(position: QueuePosition): AsyncIterable<AdmittedBatch>;
}
