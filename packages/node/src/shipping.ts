/** The way to the server, when an address is known: this boot's spool, and what dead boots left beside it. */
import type { Settings } from './options.js';

export interface Shipping {
  /** Ships what is there without waiting for more. */
  wake(): void;
  /** Tries to ship the rest for a bounded time, then lets go; what is left is shipped by the next boot. */
  stop(): Promise<void>;
}

export interface ShippingPlace {
  readonly settings: Settings;
  readonly root: string;
  /** The spool of this boot. */
  readonly directory: string;
}

export function startShipping(place: ShippingPlace): Shipping | undefined {
  if (place.settings.url === undefined) return undefined;
  return undefined;
}
