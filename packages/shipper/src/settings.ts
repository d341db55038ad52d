/** What both shippers can be told, and the values they take otherwise. */
import { nodeDisk, type Disk } from '@sillok/spool';
import { createBackoff } from './backoff.js';
import * as limits from './limits.js';
import { guarded, type OnReport } from './report.js';
import { createTransport, type Transport } from './transport.js';

export interface DeliveryOptions {
  /** The server, as in `http://127.0.0.1:4318`. */
  readonly url: string;
  readonly key?: string | undefined;
  readonly transport?: Transport | undefined;
  readonly disk?: Disk | undefined;
  readonly clockMs?: (() => number) | undefined;
  /** For jitter: 0 to 1. */
  readonly random?: (() => number) | undefined;
  readonly batchRecordsMax?: number | undefined;
  /** Before compression. */
  readonly batchBytesMax?: number | undefined;
  /** The first wait after a failure; each further one is twice as long. */
  readonly backoffFirstMs?: number | undefined;
  /** How long a batch that is not full waits for more. */
  readonly lingerMs?: number | undefined;
  /** Shipped records stay on the disk this long. */
  readonly keepMs?: number | undefined;
  readonly onReport?: OnReport | undefined;
}

export type DeliverySettings = ReturnType<typeof withDefaults>;

export function withDefaults(options: DeliveryOptions) {
  const transport = options.transport ?? createTransport();
  const clockMs = options.clockMs ?? Date.now;
  return {
    delivery: { url: options.url, key: options.key, transport, clockMs },
    transport,
    clockMs,
    disk: options.disk ?? nodeDisk,
    backoff: createBackoff(options.backoffFirstMs ?? limits.BACKOFF_FIRST_MS, options.random ?? Math.random),
    lingerMs: options.lingerMs ?? limits.LINGER_MS,
    recordsMax: options.batchRecordsMax ?? limits.BATCH_RECORDS_DEFAULT,
    bytesMax: options.batchBytesMax ?? limits.BATCH_BYTES_DEFAULT,
    keepMs: options.keepMs ?? limits.KEEP_MS_DEFAULT,
    report: guarded(options.onReport),
  };
}
