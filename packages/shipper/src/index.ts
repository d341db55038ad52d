export {
  createShipper,
  type ShipSource,
  type Shipper,
  type ShipperOptions,
  type ShipperStats,
  type StopOptions,
} from './shipper.js';
export {
  findSpools,
  shipDirectory,
  type DirectoryShipper,
  type ShipDirectoryOptions,
  type ShipSummary,
} from './ship-directory.js';
export type { OnReport, ShipperReport } from './report.js';
export type { DeliveryOptions } from './settings.js';
export { createTransport, type Transport, type TransportAnswer, type TransportRequest } from './transport.js';
export { CURSOR_NAME, REJECT_FILE } from './filenames.js';
