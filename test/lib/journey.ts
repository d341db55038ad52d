/** Journeys as people make them: each step is timed and printed, never asserted, for times depend on the machine. */
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { signedIn } from './console.js';

export class Journey {
  readonly #name: string;
  readonly #steps: string[] = [];

  constructor(name: string) {
    this.#name = name;
  }

  /** One step, and how long the person waited for it. */
  async step(name: string, act: () => Promise<void>): Promise<void> {
    const start = performance.now();
    await act();
    this.#steps.push(`  ${name}: ${Math.round(performance.now() - start)} ms`);
  }

  report(): void {
    console.info([this.#name, ...this.#steps].join('\n'));
  }
}

const PHONE: BrowserContextOptions = { viewport: { width: 390, height: 844 }, hasTouch: true };

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
