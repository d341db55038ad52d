import type { Shop } from './shop.mjs';

export interface Customer {
  readonly cookies: Map<string, string>;
  readonly scenario: string;
  readonly subject: string;
  stories: Set<string>;
}

export interface CustomerChoices {
  readonly subject?: string;
  readonly nickname?: string;
  readonly provider?: string;
  readonly version?: string;
  readonly inApp?: boolean;
}

export function createCustomer(index: number, shop: Shop, choices?: CustomerChoices): Customer;
export function readStories(customer: Customer): Promise<void>;
export function signIn(customer: Customer): Promise<boolean>;
export function order(customer: Customer, item: string): Promise<Response>;
export function listOrders(customer: Customer): Promise<Response>;
export function startTraffic(
  shop: Shop,
  options?: { readonly customers?: number; readonly stepMs?: number },
): { stop(): Promise<void> };
