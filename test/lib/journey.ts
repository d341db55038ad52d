/**
 * Journeys as people make them, step by step. CI walks them once and asserts what the person reads; the long form (`npm run soak --
 * journeys`) walks them several times beside five million records. Each step is timed and printed beside the time that it may
 * take, never asserted, for times depend on the machine.
 */
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { signedIn } from './console.js';
import { openByLink, type Hands } from './hands.js';

/** How often each journey is walked. */
export const JOURNEY_RUNS = Number(process.env['SILLOK_JOURNEY_RUNS'] ?? 1);

interface Step {
  readonly atMostMs: number | undefined;
  readonly times: number[];
}

export class Journey {
  readonly #name: string;
  readonly #steps = new Map<string, Step>();

  constructor(name: string) {
    this.#name = name;
  }

  /** One step, and how long the person waited for it. */
  async step(name: string, act: () => Promise<void>, atMostMs?: number): Promise<void> {
    const start = performance.now();
    await act();
    const step = this.#steps.get(name) ?? { atMostMs, times: [] };
    this.#steps.set(name, step);
    step.times.push(performance.now() - start);
  }

  /** Steps that have a time together. */
  whole(name: string, atMostMs: number, act: () => Promise<void>): Promise<void> {
    return this.step(name, act, atMostMs);
  }

  report(): void {
    console.info([this.#name, ...[...this.#steps].map(([name, step]) => lineOf(name, step))].join('\n'));
  }
}

function lineOf(name: string, { atMostMs, times }: Step): string {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.ceil(sorted.length * share) - 1] ?? Number.NaN;
  const p95 = at(0.95);
  const measured =
    times.length === 1
      ? `${p95.toFixed(0)} ms`
      : `p50 ${at(0.5).toFixed(0)} ms, p95 ${p95.toFixed(0)} ms of ${times.length}`;
  const aim = atMostMs === undefined ? '' : `, ${(p95 / atMostMs).toFixed(2)}× of ${atMostMs} ms`;
  return `  ${name}: ${measured}${aim}`;
}

export const PHONE: BrowserContextOptions = { viewport: { width: 390, height: 844 }, hasTouch: true };

export function signedInOnPhone(
  browser: Browser,
  server: { readonly url: string; readonly key: string },
): Promise<Page> {
  return signedIn(browser, server, PHONE);
}

/** On a phone the navigation is behind a button. */
export async function openByMenu(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: 'Menu' }).tap();
  await page.getByRole('dialog').getByRole('link', { name, exact: true }).tap();
}

export interface Account {
  readonly email: string;
  readonly password: string;
}

interface ByHand {
  readonly link: string;
  readonly account: Account;
  readonly options?: BrowserContextOptions;
  /** Times the signing in. */
  readonly signsIn?: (act: () => Promise<void>) => Promise<void>;
}

/** By hand from the start page on: the one link that is opened, and the account that a person types. */
export async function signInByHand(browser: Browser, by: ByHand): Promise<Hands> {
  const { link, account, options, signsIn = (act) => act() } = by;
  const hands = await openByLink(browser, link, options);
  await signsIn(() => typeAccount(hands.page, account));
  return hands;
}

export async function typeAccount(page: Page, { email, password }: Account): Promise<void> {
  await page.getByLabel(/^(E-mail|이메일)$/).fill(email);
  await page.getByLabel(/^(Password|비밀번호)$/).fill(password);
  await page.getByLabel(/^(Password|비밀번호)$/).press('Enter');
  await page.locator('.frame').waitFor();
}
