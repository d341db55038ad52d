/**
 * The social login that fails, as a customer meets it: a real Chromium, a redirect to another origin and back, a click, and an
 * error page with a code. Whoever gets that code, or the customer's pseudonym, finds the statement that failed.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startShop, type Shop } from '../../examples/shop/shop.mjs';
import { command } from '../lib/programs.js';
import { startTestServer, until, type TestServer } from '../lib/server.js';

const executablePath = command('chromium');
const TYPED = 'a note that nobody else may read';

interface Step {
  readonly depth: number;
  readonly service: string;
  readonly detail: string;
}
interface Scenario {
  readonly episodes: readonly {
    readonly sentence: { readonly en: string };
    readonly broke: { readonly place: string; readonly name: string | null };
  }[];
  readonly steps: readonly Step[];
}
interface TraceAnswer {
  readonly found_by: string;
  readonly broke: { readonly place: string };
  readonly nodes: readonly {
    readonly type: string;
    readonly service: string;
    readonly failed: boolean;
    readonly db: { readonly statement: string } | null;
    readonly error: { readonly message: string } | null;
  }[];
}

describe.skipIf(executablePath === undefined)('in a real browser (needs chromium)', () => {
  let server: TestServer;
  let shop: Shop;
  let browser: Browser;
  let folder: string;

  beforeAll(async () => {
    server = await startTestServer();
    folder = mkdtempSync(join(tmpdir(), 'sillok-shop-browser-'));
    const { url, key } = server;
    shop = await startShop({ url, key, folder, stories: ['social-login'] });
    browser = await chromium.launch({
      ...(executablePath ? { executablePath } : {}),
      args: ['--no-sandbox'],
    });
  });
  afterAll(async () => {
    await browser.close();
    await shop.stop();
    await server.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  async function open(version: string): Promise<Page> {
    const page = await (await browser.newContext()).newPage();
    await page.goto(`${shop.url}/?client=${version}`);
    await ready(page);
    return page;
  }

  const ready = (page: Page) => page.waitForSelector('body[data-ready]');
  const scenarioOf = (page: Page): Promise<string> =>
    page.evaluate(() => String(Reflect.get(Object(Reflect.get(globalThis, 'sillokIds')), 'global_trace_id')));

  /** There, chosen, back, joined; the text that the page says then, if it failed. */
  async function signIn(page: Page, provider: string, nickname: string): Promise<string> {
    await page.click(`#sign-in-${provider}`);
    await page.click(`text=${nickname}`);
    await ready(page);
    await page.click('#join-button');
    await page.waitForSelector('#member:not([hidden]), #message:not(:empty)');
    return (await page.textContent('#message')) ?? '';
  }

  test('a failed social login: from the click to the statement, by code, scenario and person', async () => {
    const page = await open('3.2.0');
    const scenario = await scenarioOf(page);
    const said = await signIn(page, 'dalbit', '별이');
    expect(said).toContain('Sign-in failed');
    // It survived the way to another origin and back.
    expect(await scenarioOf(page)).toBe(scenario);
    const code = /[0-9A-Z]{4}-[0-9A-Z]{4}/.exec(said)?.[0] ?? '';
    await page.close();
    const click = `global_trace_id:${scenario} event.name:browser.click`;
    await server.waitFor({ q: click, from: '-1h' }, 2);
    const failed = `global_trace_id:${scenario} db.query.text:"INSERT INTO members*" level:error`;
    const [statement] = await server.waitFor({ q: failed, from: '-1h' }, 1);

    let trace = await server.get<TraceAnswer>(`/api/trace/${code}`);
    await until('the edge’s line is there', 30_000, async () => {
      trace = await server.get<TraceAnswer>(`/api/trace/${code}`);
      return trace.nodes.some(({ type }) => type === 'edge');
    });
    expect(trace.found_by).toBe('support_code');
    const path = trace.nodes.filter(({ failed: isFailed, type }) => isFailed || type === 'click');
    expect(path.map(({ type, service }) => `${type} ${service}`)).toEqual([
      'click shop-page',
      'call shop-page',
      'edge edge',
      'request gateway',
      'call gateway',
      'request login',
      'work login',
      'query login',
    ]);
    expect(path.at(-1)?.db?.statement).toContain('INSERT INTO members');
    expect(JSON.stringify(path.at(-1)?.error)).toContain('value too long');

    const { user_hash: user } = statement as { user_hash?: string };
    expect(user).toMatch(/^u1_/);
    for (const id of [`user_hash=${user}`, `global_trace_id=${scenario}`]) {
      const story = await server.get<Scenario>(`/api/scenario?${id}`);
      expect(story.episodes[0]?.broke.place).not.toBe('nowhere');
      expect(story.steps.some(({ detail }) => detail.includes('value too long'))).toBe(true);
      expect(story.steps.some(({ detail }) => detail.includes('click button "Join"'))).toBe(true);
    }
  });

  test('the same customer with the version before, and an order: found by its number, what was typed is nowhere', async () => {
    const page = await open('3.1.4');
    expect(await signIn(page, 'dalbit', '별이')).toBe('');
    await page.fill('#note', TYPED);
    await page.click('#order');
    await page.waitForSelector('#message:has-text("Order")');
    const number = /Order (\d+)/.exec((await page.textContent('#message')) ?? '')?.[1];
    const session = (await page.context().cookies()).find(({ name }) => name === 'shop_session')?.value ?? '';
    await page.close();
    const ordered = await server.waitFor({ q: `order.id:${number} "mail sent"`, from: '-1h' }, 1);
    const before = await server.search({
      q: `trace_id:${ordered[0]?.trace_id} event.name:browser.click`,
      from: '-1h',
    });
    expect(before.records.map(({ message }) => message)).toEqual(['click button "Order"']);
    expect(session).not.toBe('');
    for (const secret of [TYPED, session])
      expect((await server.search({ q: `"${secret}"`, from: '-1h' })).records).toEqual([]);
  });
});
