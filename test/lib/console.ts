/** A person at the console: a real Chromium, signed in, that notices what a page must never do. */
import { chromium, type Browser, type BrowserContextOptions, type Locator, type Page } from 'playwright-core';
import { expect } from 'vitest';
import { command } from './programs.js';

export const chromiumPath = command('chromium');

const launchArguments = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-sync',
  '--disable-background-networking',
  '--disable-component-update',
];

export function launchChromium(): Promise<Browser> {
  // Callers skip their tests where there is none.
  return chromium.launch({ executablePath: chromiumPath ?? 'chromium', args: launchArguments });
}

const DESK = { width: 1280, height: 800 };

/**
 * Signs in with the server's key at the start page. Closing the page fails the test when the page reported an error of
 * its own, opened a dialog, or broke its Content-Security-Policy.
 */
export async function signedIn(
  browser: Browser,
  server: { readonly url: string; readonly key: string },
  options: BrowserContextOptions = {},
): Promise<Page> {
  const page = await newPage(browser, options);
  await page.goto(server.url);
  await page.getByLabel(/^(Key|키)$/).fill(server.key);
  await page.getByRole('button', { name: /^(Sign in|로그인)$/ }).click();
  await page.locator('.frame').waitFor();
  return page;
}

/** A window of its own, which nobody has opened anything in. */
export async function newPage(browser: Browser, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ locale: 'en-US', viewport: DESK, ...options });
  const page = await context.newPage();
  watch(page);
  return page;
}

function watch(page: Page): void {
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    if (/Content.Security.Policy|Refused to/i.test(message.text())) problems.push(message.text());
  });
  page.on('dialog', (dialog) => {
    problems.push(`a dialog opened: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('close', () => expect(problems.join('\n')).toBe(''));
}

/** Goes to a page as people do, by the navigation. */
export async function openPage(page: Page, name: string): Promise<void> {
  await page.locator('.rail').getByRole('link', { name, exact: true }).click();
}

export async function runQuery(page: Page, query: string): Promise<void> {
  const box = page.getByRole('searchbox');
  await box.press('ControlOrMeta+a');
  await box.press('Delete');
  // As a paste or an input method delivers it: at once, without the completions of every letter.
  await page.keyboard.insertText(query);
  await box.press('Enter');
}

/** A place on something drawn: parts of its width and of its height. */
export type Part = readonly [x: number, y: number];

/** Presses, draws and lets go, as a hand on a mouse does. */
export async function drag(drawn: Locator, from: Part, to: Part): Promise<void> {
  await drawn.scrollIntoViewIfNeeded();
  const box = await drawn.boundingBox();
  if (box === null) throw new Error('it is not on the page');
  const at = ([x, y]: Part): [number, number] => [box.x + x * box.width, box.y + y * box.height];
  const { mouse } = drawn.page();
  await mouse.move(...at(from));
  await mouse.down();
  await mouse.move(...at(to), { steps: 5 });
  await mouse.up();
}
