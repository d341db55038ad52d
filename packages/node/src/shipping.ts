/**
 * The way to the server, when an address is known: this boot's spool as it is written, and beside it what dead boots
 * of the same installation left behind.
 */
import { dirname } from 'node:path';
import { createShipper, shipDirectory, type ShipperReport, type ShipSource } from '@sillok/shipper';
import { CLOSE_SHIP_MS_MAX } from './limits.js';

export interface Shipping {
  /** Tries to ship the rest for a bounded time, then lets go; what is left is shipped by the next boot. */
  stop(): Promise<void>;
}

export interface ShippingOptions {
  readonly url: string;
  readonly key: string | undefined;
  /** The spool of this boot; the folder above it holds the other boots of the same producer. */
  readonly directory: string;
  readonly source: ShipSource;
  readonly notice: (text: string) => void;
}

export function startShipping(options: ShippingOptions): Shipping {
  const { url, key, directory, source, notice } = options;
  const onReport = (report: ShipperReport): void => {
    const text = describe(report);
    if (text !== undefined) notice(text);
  };
  const shipper = createShipper({ directory, source, url, key, onReport });
  shipper.start();
  const others = shipDirectory({
    root: dirname(directory),
    skip: [directory],
    follow: true,
    keepAlive: false,
    url,
    key,
  });
  return {
    stop: async () => {
      const stopped = others.stop();
      await shipper.stop({ flush: true, timeoutMs: CLOSE_SHIP_MS_MAX });
      await stopped;
    },
  };
}

/** What a person should hear of. That a server is away is ordinary: the records wait on the disk. */
function describe(report: ShipperReport): string | undefined {
  switch (report.type) {
    case 'denied':
      return `the server refuses our records (${report.status}: ${report.reason}); they wait in ${report.directory}`;
    case 'rejected':
      return `the server refused ${report.records} records; see rejected.ndjson in ${report.directory}`;
    case 'damaged':
      return `damaged bytes in ${report.directory}; a copy is in its quarantine`;
    case 'unreachable':
      return `the server is away (${report.reason}); records wait in ${report.directory}`;
    case 'reachable':
    case 'trouble':
      return undefined;
  }
}
