import type { Browser } from 'playwright-core';
import type { Shop } from './shop.mjs';

export type Cause = 'user' | 'client_bug' | 'client_retry' | 'edge_retry' | 'service_retry' | 'redelivery';

export interface ProducedCase {
  readonly cause: Cause;
  /** Its `global_trace_id`; no other case has it. */
  readonly scenario: string;
  readonly traces: readonly string[];
  readonly order: number;
}

export const CAUSES: { readonly [cause in Cause]: { readonly story?: string; readonly inBrowser?: boolean } };

export function produce(
  shop: Shop,
  wanted: { readonly cause: Cause; readonly count: number; readonly browser?: Browser },
): Promise<ProducedCase[]>;
