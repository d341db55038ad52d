/** Pages in a real Chromium: what is recorded of them, what travels with their requests, and what never leaves them. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type SearchRecord, type TestServer } from '../../lib/server.js';
import { browserKey, chromiumPath, fixture, launch, Site } from './site.js';

describe.skipIf(chromiumPath === undefined)('the browser SDK in Chromium', () => {
  let server: TestServer;
  let browser: Browser;
  let site: Site;
  let api: Site;
  let stranger: Site;
  let key = '';
  let pages: Page[] = [];

  beforeAll(async () => {
    server = await startTestServer();
    browser = await launch();
    [site, api, stranger] = [await Site.open(), await Site.open(), await Site.open()];
    key = await browserKey(server, [site.origin]);
    for (const each of [site, api, stranger]) {
      each.on('/ok', (_request, response) => response.end('{}'));
      each.on('/fails', (_request, response) => response.writeHead(503).end());
    }
  });
  afterEach(async () => {
    for (const page of pages) await page.close();
    pages = [];
  });
  afterAll(async () => {
    await browser?.close();
    for (const each of [site, api, stranger]) await each?.close();
    await server?.dispose();
  });

  const optionsFor = (app: string, more = ''): string =>
    `{ ...${JSON.stringify({ url: server.url, key, app, release: '1.2.3', propagateTo: [api.origin], vitals: false })}, ${more} }`;

  async function open(path: string): Promise<Page> {
    const page = await (await browser.newContext()).newPage();
    pages.push(page);
    await page.goto(site.origin + path);
    await page.waitForFunction('window.sillok !== undefined');
    return page;
  }

  const flush = (page: Page): Promise<void> => page.evaluate('window.sillok.flush()');
  const recordsOf = (app: string, count: number): Promise<SearchRecord[]> =>
    server.waitFor({ q: `service.name:${app}`, order: 'asc' }, count);
  const named = (records: readonly SearchRecord[], name: string): SearchRecord[] =>
    records.filter(({ attributes }) => nameOf(attributes) === name);

  test('a click, the request that it caused and the error after it are one trace of one scenario', async () => {
    site.page('/shop', {
      options: optionsFor('story'),
      body: fixture('story.html'),
    });
    const page = await open('/shop');
    const thrown = page.waitForEvent('pageerror');
    await page.getByRole('button').click();
    await thrown;
    await flush(page);
    const records = await recordsOf('story', 5);
    expect(records.map(({ message }) => message)).toEqual([
      'page /shop',
      'click button "결제하기"',
      'GET /ok',
      'GET /fails',
      'TypeError: no cart',
    ]);
    const [view, click, ok, fails, error] = records;
    expect(new Set(records.map((each) => Reflect.get(each, 'global_trace_id'))).size).toBe(1);
    expect(view?.trace_id).not.toBe(click?.trace_id);
    expect([ok, fails, error].map((each) => each?.trace_id)).toEqual(Array(3).fill(click?.trace_id));
    const clickSpan: unknown = Reflect.get(Object(click), 'span_id');
    expect(fails?.attributes).toMatchObject({
      browser: { cause: { span_id: clickSpan } },
      http: { request: { method: 'GET' }, response: { status_code: 503 } },
      error: { type: '503' },
      url: { path: '/fails' },
      span: { kind: 'client' },
    });
    expect(error?.attributes).toMatchObject({ exception: { type: 'TypeError', message: 'no cart' } });
    // The server of the page heard the very span that was recorded.
    const [heard] = site.heardOf('/fails');
    expect(heard?.headers['traceparent']).toBe(
      `00-${fails?.trace_id}-${Reflect.get(Object(fails), 'span_id')}-03`,
    );
    expect(heard?.headers['baggage']).toContain(
      `sillok.global_trace_id=${Reflect.get(Object(view), 'global_trace_id')}`,
    );
    expect(JSON.stringify(records)).not.toContain('4111');
  });

  test('ids travel to the own and to allowed origins, and to no other', async () => {
    site.page('/ids', { options: optionsFor('ids'), body: fixture('calls.html') });
    const page = await open('/ids');
    await page.evaluate(`callAll('${api.origin}', '${stranger.origin}')`);
    const carried = (each: Site): boolean[] =>
      each.heard
        .filter(({ path }) => path === '/ok' || path === '/fails')
        .map(({ headers }) => headers['traceparent'] !== undefined);
    expect(carried(api)).toEqual([true, true]);
    expect(carried(stranger)).toEqual([false, false]);
    const own = site.heardOf('/ok').at(-1);
    expect([own?.headers['x-own'], typeof own?.headers['traceparent']]).toEqual(['1', 'string']);
    await flush(page);
    const records = await recordsOf('ids', 6);
    expect(records.filter(({ kind }) => kind === 'span')).toHaveLength(5);
  });

  test('a retry is told from asking twice, and each from the click that caused it', async () => {
    site.page('/retry', {
      options: optionsFor('retry'),
      body: fixture('retry.html'),
    });
    const page = await open('/retry');
    for (const times of [1, 2]) {
      await page.getByRole('button').click();
      await page.waitForFunction(`done === ${times}`);
    }
    await flush(page);
    const spans = (await recordsOf('retry', 13)).filter(({ kind }) => kind === 'span');
    const resent = spans.map(
      ({ attributes }) =>
        Reflect.get(Object(Reflect.get(Object(attributes['http']), 'request')), 'resend_count') ?? 0,
    );
    expect(resent).toEqual([0, 1, 2, 0, 0, 0, 1, 2, 0, 0]);
    const causes = spans.map(({ attributes }) =>
      JSON.stringify(Reflect.get(Object(attributes['browser']), 'cause')).slice(0, 30),
    );
    expect(new Set(causes).size).toBe(2);
  });

  test('what people type is in no record, whatever they click, and neither is a query', async () => {
    site.page('/form', {
      options: optionsFor('form', "console: ['error']"),
      body: fixture('form.html'),
    });
    const page = await open('/form?token=SECRET-TOKEN');
    await page.waitForFunction(`!console.error.toString().includes('native')`);
    await page.getByLabel('이메일').fill('SECRET-MAIL');
    await page.getByPlaceholder('Password').fill('SECRET-PASSWORD');
    await page.getByLabel('Note').fill('SECRET-NOTE');
    await page.locator('[contenteditable]').fill('SECRET-TEXT');
    for (const label of ['이메일', 'Note']) await page.getByLabel(label).click();
    await page.locator('[contenteditable]').click();
    await page.locator('select').first().click();
    await page.getByText('Which').click();
    await page.getByText('All that Kim wrote').click();
    await page.locator('#half').click();
    await page.getByText('Hello Kim').click();
    await page.getByText('Send').click();
    await flush(page);
    const records = await recordsOf('form', 8);
    const clicks = named(records, 'browser.click').map(({ message }) => message);
    expect(clicks).toContain('click text "이메일"');
    expect(clicks).toContain('click textarea "Note"');
    expect(clicks).toContain('click button');
    expect(clicks).toContain('click button "Ask"');
    expect(clicks).toContain('click label "Which"');
    expect(clicks).toContain('click button "Send"');
    // Of the card's number as much as no random id or time has by chance.
    expect(JSON.stringify(records)).not.toMatch(/SECRET|4111-|Kim|mine/);
  });

  test('a page that is left at once has said what it had to say, and nothing is doubled', async () => {
    site.page('/leave', {
      options: optionsFor('leave'),
      body: fixture('leave.html'),
    });
    site.on('/left', (_request, response) => response.end('gone'));
    const page = await (await browser.newContext()).newPage();
    pages.push(page);
    await page.goto(`${site.origin}/leave?lines=80`);
    await page.waitForURL('**/left');
    const records = await recordsOf('leave', 81);
    expect(new Set(records.map(({ message }) => message)).size).toBe(81);
    expect(records).toHaveLength(81);
  });

  test('a page that is left with more than a beacon carries says which numbers will not come', async () => {
    site.page('/flood', {
      options: optionsFor('flood'),
      body: fixture('leave.html'),
    });
    const page = await (await browser.newContext()).newPage();
    pages.push(page);
    await page.goto(`${site.origin}/flood?lines=500`);
    await page.waitForURL('**/left');
    const [told] = await server.waitFor({ q: 'service.name:flood message:ended' }, 1);
    const records = await recordsOf('flood', 2);
    const count = Number(
      Reflect.get(Object(Reflect.get(Object(told?.attributes['browser']), 'lost')), 'count'),
    );
    expect(count).toBeGreaterThan(0);
    expect(records.length - 2 + count).toBe(500);
    expect((await server.search({ q: 'service.name:flood' })).gaps).toEqual([]);
  });

  test('an error that React caught names its component, with the state that the page allows', async () => {
    await site.app('boundary-app');
    site.page('/boundary', {
      options: optionsFor(
        'react',
        'snapshot: { allow: ["cart.size", "cart.items"], read: () => window.state }',
      ),
      head: '<script>window.state = { cart: { size: 3, items: ["secret"] }, user: "secret" }</script>',
      body: '<div id="root"></div>',
    });
    const page = await open('/boundary');
    // The snapshot's chunk is loaded after the page.
    await page.waitForFunction(
      `performance.getEntriesByType('resource').some(({ name }) => name.includes('snapshot'))`,
    );
    await page.evaluate(`import('/boundary-app.js')`);
    await page.getByText('Sorry').waitFor();
    await flush(page);
    const records = await recordsOf('react', 3);
    const [error] = named(records, 'browser.exception');
    expect(error?.attributes).toMatchObject({
      exception: { type: 'TypeError' },
      browser: { exception: { mechanism: 'react' }, component: expect.stringMatching(/^\w+$/) },
    });
    const [snapshot] = named(records, 'browser.snapshot');
    expect(snapshot?.attributes).toMatchObject({ browser: { snapshot: { cart: { size: 3 } } } });
    expect(JSON.stringify(records)).not.toContain('secret');
  });

  test('web vitals come after the page, from a file of their own', async () => {
    site.page('/vitals', { options: optionsFor('vitals', 'vitals: true'), body: '<h1>Shop</h1>' });
    const page = await open('/vitals');
    await page.waitForFunction(
      `performance.getEntriesByType('resource').some(({ name }) => name.includes('vitals'))`,
    );
    await page.getByText('Shop').click();
    await page.goto(`${site.origin}/left`);
    const told = ['TTFB', 'FCP', 'LCP'].map((name) =>
      server.waitFor({ q: `service.name:vitals event.name:browser.web_vital message:${name}` }, 1),
    );
    const records = (await Promise.all(told)).flat();
    // The click before LCP was told is not its cause.
    const [view] = await server.waitFor({ q: 'service.name:vitals event.name:browser.page_view' }, 1);
    expect(new Set(records.map((each) => each.trace_id))).toEqual(new Set([view?.trace_id]));
  });

  test('a page without a bundler loads the SDK, and what comes later, from the server of another origin', async () => {
    const sdk = `${server.url}/v1/browser/sdk/sillok-browser.js`;
    const options = optionsFor('hosted', "console: ['warn']");
    const start = `import { init } from '${sdk}'; window.sillok = init(${options});`;
    const html = `<!doctype html><script type="module">${start}</script>`;
    site.on('/hosted', (_request, response) =>
      response.writeHead(200, { 'content-type': 'text/html' }).end(html),
    );
    const page = await open('/hosted');
    await page.waitForFunction(`!console.warn.toString().includes('native')`);
    await page.evaluate(`console.warn('from a file of its own')`);
    await flush(page);
    expect(named(await recordsOf('hosted', 2), 'browser.log')).toHaveLength(1);
    expect((await fetch(`${server.url}/v1/browser/sdk/..%2f..%2fpackage.json`)).status).toBe(404);
  });

  test('the page behaves as without the SDK: errors, rejections and patched functions', async () => {
    site.page('/same', {
      options: optionsFor('same', "console: ['error']"),
      body: fixture('same.html'),
    });
    const page = await open('/same');
    await page.waitForFunction(`!console.error.toString().includes('native')`);
    const answers = await page.evaluate('compare()');
    expect(answers).toEqual([
      'DOMException AbortError',
      'TypeError TypeError',
      'TypeError TypeError',
      ...Array(4).fill(true),
    ]);
    await page.waitForFunction('window.rejections.length > 0');
    expect(await page.evaluate('window.rejections')).toEqual(['TypeError: Failed to fetch']);
  });
});

function nameOf(attributes: Readonly<Record<string, unknown>>): unknown {
  return Reflect.get(Object(attributes['event']), 'name');
}
