/**
 * The social login that fails, as a customer meets it: a real Chromium, a redirect to another origin and back, a click, and an
 * error page with a code. Whoever gets that code, the customer's pseudonym or the number of an order of theirs, finds the
 * statement that failed; and what the customer typed, and their session, are nowhere.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startShop, type Shop } from '../../examples/shop/shop.mjs';
import { signedIn } from '../lib/console.js';
import { contentOf, filesUnder } from '../lib/files.js';
import { command, runCli } from '../lib/programs.js';
import { startTestServer, until, type TestServer } from '../lib/server.js';

const executablePath = command('chromium');
/** What customers type and nobody else may read: a note, a display name, a password; and their address. */
const TYPED = 'a note that nobody else may read';
const NAME = 'Geheimniskraemerin 🚀🌙✨';
const PASSWORD = 'correct-horse-battery-staple-4711';
const EMAIL = 'star@example.com';

interface Step {
  readonly type: string;
  readonly episode: number;
  readonly failed: boolean;
  readonly depth: number;
  readonly service: string;
  readonly detail: string;
}
interface Scenario {
  readonly person: { readonly user_hashes: readonly string[] };
  readonly episodes: readonly {
    readonly failed: boolean;
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
  /** Of every customer who was here. */
  const sessions = new Set<string>();

  beforeAll(async () => {
    server = await startTestServer();
    folder = mkdtempSync(join(tmpdir(), 'sillok-shop-browser-'));
    const { url, key } = server;
    const identityKeys = join(server.dataDirectory, 'identity', 'keys.json');
    shop = await startShop({ url, key, folder, identityKeys, stories: ['social-login'] });
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
    await comeWith(page, version);
    return page;
  }

  async function comeWith(page: Page, version: string): Promise<void> {
    await page.goto(`${shop.url}/?client=${version}`);
    await ready(page);
  }

  const ready = (page: Page) => page.waitForSelector('body[data-ready]');
  const scenarioOf = (page: Page): Promise<string> =>
    page.evaluate(() => String(Reflect.get(Object(Reflect.get(globalThis, 'sillokIds')), 'global_trace_id')));

  /** With Dalbit: there, chosen, back, joined; the text that the page says then, if it failed. */
  async function signIn(page: Page, nickname: string, name?: string): Promise<string> {
    await noteSession(page);
    await page.click('#sign-in-dalbit');
    await page.fill('#password', PASSWORD);
    await page.click(`text=${nickname}`);
    await ready(page);
    await noteSession(page);
    if (name !== undefined) await page.fill('#display-name', name);
    await page.click('#join-button');
    await page.waitForSelector('#member:not([hidden]), #message:not(:empty)');
    await noteSession(page);
    return (await page.textContent('#message')) ?? '';
  }

  async function noteSession(page: Page): Promise<void> {
    const cookies = await page.context().cookies();
    for (const { name, value } of cookies) if (name === 'shop_session') sessions.add(value);
  }

  test('a failed social login: from the click to the statement, by code, scenario and person', async () => {
    const page = await open('3.2.0');
    const scenario = await scenarioOf(page);
    const said = await signIn(page, '별이', NAME);
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
      // From the click to the statement, in this order.
      expect(failedWay(story)).toEqual([
        'click',
        'call',
        'edge',
        'request',
        'call',
        'request',
        'work',
        'query',
      ]);
    }
    // Their address leads there, too, and so does the order below; the failing step alone is one search.
    const { output } = await runCli(server, ['person', EMAIL, '--json']);
    // The command prints the API's answer.
    const byAddress = JSON.parse(output) as Scenario;
    expect(byAddress.person.user_hashes).toEqual([user]);
    expect(byAddress.episodes[0]?.failed).toBe(true);
    const one = { q: `user_hash:${user} db.query.text:* level:error`, from: '-1h' };
    expect((await server.search(one)).records.map(({ trace_id: id }) => id)).toEqual([statement?.trace_id]);
  });

  test('by the number of an order, in one query: the sign-in that failed later', async () => {
    const page = await open('3.1.4');
    expect(await signIn(page, '바다')).toBe('');
    await page.fill('#note', TYPED);
    await page.click('#order');
    await page.waitForSelector('#message:has-text("Order")');
    const number = /Order (\d+)/.exec((await page.textContent('#message')) ?? '')?.[1] ?? '';
    const [mail] = await server.waitFor({ q: `order.id:${number} "mail sent"`, from: '-1h' }, 1);
    const click = { q: `trace_id:${mail?.trace_id} event.name:browser.click`, from: '-1h' };
    const [clicked] = await server.waitFor(click, 1);
    expect(clicked?.message).toBe('click button "Order"');
    await page.click('#sign-out');
    await page.waitForSelector('#guest:not([hidden])');
    await comeWith(page, '3.2.0');
    expect(await signIn(page, '바다', NAME)).toContain('Sign-in failed');
    await page.context().close();
    const { code, output } = await runCli(server, ['person', number, '--json']);
    expect(code, output).toBe(0);
    // The command prints the API's answer.
    const story = JSON.parse(output) as Scenario;
    expect(story.episodes[0]?.failed).toBe(true);
    expect(failedWay(story).slice(0, 1)).toEqual(['click']);
    expect(failedWay(story).slice(-1)).toEqual(['query']);
  });

  test('the cart that renders itself again and again is few records and one notice, and is switched off', async () => {
    await shop.story('render-loop', true);
    const page = await open('3.1.4');
    await server.waitFor({ q: 'service.name:shop-page message:cart repeat.count:>=50', from: '-1h' }, 1);
    await shop.story('render-loop', false);
    const notices = 'service.name:shop-page event.name:browser.storm';
    const [notice] = await server.waitFor({ q: notices, from: '-1h' }, 1);
    expect(notice?.message).toMatch(/^storm in shop-page 3\.1\.4: renderCart .*1 sessions: cart: rendered/);
    const kill = JSON.stringify({ app: 'shop-page', release: '3.1.4' });
    const killed = await server.post('/api/browser/kills', kill, { 'content-type': 'application/json' });
    expect(killed.status).toBe(201);
    // What it had put in the place of the browser's own is taken out again.
    await page.waitForFunction(`fetch.toString().includes('native')`);
    await page.context().close();
    expect(await server.searchAll({ q: notices, from: '-1h' })).toHaveLength(1);
  });

  test('what was typed, the address and the sessions are in no spool, queue, engine, log or page', async () => {
    const secrets = [TYPED, NAME.split(' ')[0] ?? '', PASSWORD, EMAIL, ...sessions];
    expect(secrets.length).toBeGreaterThanOrEqual(4 + 6);
    const files = [folder, server.dataDirectory].flatMap(filesUnder);
    if (shop.databaseLog !== undefined) files.push(shop.databaseLog);
    expect(files.some((file) => file.startsWith(join(server.dataDirectory, 'engine')))).toBe(true);
    const found = files.filter((file) => secrets.some((secret) => contentOf(file).includes(secret)));
    expect(found).toEqual([]);
    // The engine's own files are compressed, so it is asked for everything.
    const records = JSON.stringify(await server.searchAll({ q: '', from: '-1h' }));
    expect(records.length).toBeGreaterThan(100_000);
    expect(secrets.filter((secret) => records.includes(secret))).toEqual([]);
    const [failed] = await server.searchAll({ q: 'user_hash:* db.query.text:* level:error', from: '-1h' });
    const { user_hash: user, trace_id: trace } = failed as { user_hash?: string; trace_id?: string };
    const reader = await signedIn(browser, server);
    for (const [path, seen] of [
      [`/person/${user}?from=-1h`, '.episode'],
      [`/trace/${trace}`, 'text=Where it broke'],
    ] as const) {
      await reader.goto(server.url + path);
      await reader.locator(seen).first().waitFor();
      const page = await reader.content();
      expect(page).toContain('Join');
      expect(secrets.filter((secret) => page.includes(secret))).toEqual([]);
    }
    await reader.close();
  });
});

/** Types of the steps of the first episode that failed, and of the click that began it. */
function failedWay({ steps }: Scenario): string[] {
  const kinds = new Set(['click', 'call', 'edge', 'request', 'work', 'query']);
  return steps
    .filter(({ episode, type, failed }) => episode === 0 && kinds.has(type) && (failed || type === 'click'))
    .map(({ type }) => type);
}
