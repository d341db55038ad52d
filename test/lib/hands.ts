/**
 * A page in the hands of a person: it is opened by one link, and from then on only clicks and keys move it. What is clicked is
 * counted, and an address that changed without a click or a key fails the test, as does any second `goto`.
 *
 * The page keeps the account itself, in order: an event and the address that it leads to reach a test by different ways.
 */
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { newPage } from './console.js';

/** What happened in the page, in its order. */
type Act = readonly ['click' | 'key' | 'address', string];

/** Runs in the page before its own scripts. */
const ACCOUNT = `(() => {
  if (window !== window.top || location.protocol === 'about:') return;
  const KEY = 'sillok.test.acts';
  const acts = () => JSON.parse(sessionStorage.getItem(KEY) ?? '[]');
  const note = (what, detail) => sessionStorage.setItem(KEY, JSON.stringify([...acts(), [what, detail]]));
  const address = () => note('address', location.pathname);
  const on = (type, act) => addEventListener(type, act, true);
  // At the document, past the window: the driver takes an attempt back there that would not meet what it aims at, as when a row
  // moves away under it, and tries again. A person's click is the one that arrives.
  const pressed = ({ isTrusted, target }) => isTrusted && note('click', target.textContent.slice(0, 40));
  document.addEventListener('pointerdown', pressed, true);
  on('keydown', ({ isTrusted, key }) => isTrusted && note('key', key));
  // A field that is filled as by a paste, and a choice that is taken from a list: opening it is a click.
  on('input', () => note('key', 'text'));
  on('change', ({ target }) => target.tagName === 'SELECT' && note('click', target.value));
  for (const name of ['pushState', 'replaceState']) {
    const change = history[name].bind(history);
    history[name] = (...values) => {
      change(...values);
      address();
    };
  }
  addEventListener('popstate', address);
  address();
})()`;

export interface Hands {
  readonly page: Page;
  /** Clicks and taps since the last call. */
  clicks(): Promise<number>;
  /** Fails when the page went somewhere by itself; then closes it. */
  close(): Promise<void>;
}

/** Opens the link that a person was given: the one printed at the start, or one in a message. */
export async function openByLink(
  browser: Browser,
  link: string,
  options: BrowserContextOptions = {},
): Promise<Hands> {
  const page = await newPage(browser, options);
  await page.context().addInitScript(ACCOUNT);
  await page.goto(link);
  page.goto = () => Promise.reject(new Error('a person types no address: click to where it leads'));
  let counted = 0;
  return {
    page,
    async clicks() {
      const all = (await actsOf(page)).filter(([what]) => what === 'click').length;
      const since = all - counted;
      counted = all;
      return since;
    },
    async close() {
      const found = unasked(await actsOf(page));
      if (found.length > 0) throw new Error(found.join('\n'));
      await page.close();
    },
  };
}

async function actsOf(page: Page): Promise<readonly Act[]> {
  // Written by the script above.
  return JSON.parse(
    await page.evaluate<string>("sessionStorage.getItem('sillok.test.acts') ?? '[]'"),
  ) as Act[];
}

/** Addresses that came without a click or a key since the address before. The first one is the link's. */
function unasked(acts: readonly Act[]): string[] {
  const found: string[] = [];
  let here: string | undefined;
  let asked = true;
  for (const [what, detail] of acts) {
    if (what !== 'address') asked = true;
    else if (detail !== here) {
      if (!asked) found.push(`${here ?? ''} became ${detail} without a click or a key`);
      here = detail;
      asked = false;
    }
  }
  return found;
}
