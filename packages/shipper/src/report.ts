/** What a shipper tells its owner. Nothing here means that a record was lost, except where `lost` says so. */
import type { Damage } from '@sillok/spool';

export type ShipperReport =
  /** The server cannot take batches now; they wait on the disk. Told at the first failure of a row. */
  | {
      readonly type: 'unreachable';
      readonly directory: string;
      readonly reason: string;
      readonly waitMs: number;
    }
  /** The server takes batches again. */
  | { readonly type: 'reachable'; readonly directory: string; readonly failures: number }
  /** The key, address or header is refused. */
  | { readonly type: 'denied'; readonly directory: string; readonly status: number; readonly reason: string }
  /** Kept in the folder's `rejected.ndjson` with their reasons. */
  | { readonly type: 'rejected'; readonly directory: string; readonly records: number }
  /** Bytes of the spool that are not what was written; recovery keeps a copy in its quarantine. */
  | { readonly type: 'damaged'; readonly directory: string; readonly lost: Damage }
  /** Something of our own failed (a cursor could not be written, …); the shipper tries again. */
  | { readonly type: 'trouble'; readonly directory: string; readonly reason: string };

export type OnReport = (report: ShipperReport) => void;

/** The owner's listener must not be able to stop the shipper. */
export function guarded(onReport: OnReport | undefined): OnReport {
  return (report) => {
    try {
      onReport?.(report);
    } catch {
      // Its own business: reporting the failure of reporting would go nowhere.
    }
  };
}
