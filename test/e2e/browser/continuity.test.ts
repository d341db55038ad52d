/** What comes over the break between two pages, with consent and without, and how pages are silenced. */
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../../lib/server.js';
import { browserKey, chromiumPath, fixture, launch, Site } from './site.js';

describe.skipIf(chromiumPath === undefined)('one scenario over many pages', () => {
  let server: TestServer;
  let browser: Browser;
  let site: Site;
  let login: Site;
  let key = '';
  let contexts: BrowserContext[] = [];

  beforeAll(async () => {
    server = await startTestServer();
    browser = await launch();
    [site, login] = [await Site.open(), await Site.open()];
    key = await browserKey(server, [site.origin]);
    site.forward(server);
    site.on('/api', (_request, response) => response.end('{}'));
    // A login elsewhere: a page of its own that sends people back, as OAuth does.
    login.on('/authorize', (_request, response) =>
      response
        .writeHead(200, { 'content-type': 'text/html' })
        .end(`<a href="${site.origin}/callback?code=1">log in</a>`),
    );
  });
  afterEach(async () => {
    for (const context of contexts) await context.close();
    contexts = [];
  });
  afterAll(async () => {
    await browser?.close();
    for (const each of [site, login]) await each?.close();
    await server?.dispose();
  });

  function serve(path: string, app: string, { more = {}, body = '', head = '' } = {}): void {
    const options = JSON.stringify({ url: site.origin, key, app, vitals: false, ...more });
    site.page(path, { options, body, head });
  }

  async function context(): Promise<BrowserContext> {
    const made = await browser.newContext();
    contexts.push(made);
    return made;
  }

  const ready = (page: Page) => page.waitForFunction('window.sillok !== undefined');
  const idOf = async (page: Page): Promise<string> => {
    await ready(page);
    return page.evaluate<string>('sillok.ids.global_trace_id');
  };
  const stored = (page: Page): Promise<unknown> =>
    page.evaluate('[Object.keys(localStorage), Object.keys(sessionStorage), document.cookie]');

  test('with consent it survives the redirect to a login elsewhere and back', async () => {
    const body = `<a href="${login.origin}/authorize">login</a><button onclick="fetch('/api')">go</button>`;
    for (const path of ['/start', '/callback']) serve(path, 'login', { more: { consent: true }, body });
    const page = await (await context()).newPage();
    await page.goto(`${site.origin}/start`);
    const before = await idOf(page);
    await page.getByText('login').click();
    await page.waitForURL(/authorize/);
    await page.getByText('log in').click();
    await page.waitForURL(/callback/);
    expect(await idOf(page)).toBe(before);
    await page.getByText('go').click();
    await page.evaluate('sillok.flush()');
    const records = await server.waitFor({ q: `global_trace_id:${before}`, order: 'asc' }, 5);
    expect(records.map(({ message }) => message)).toEqual([
      'page /start',
      'click link "login"',
      'page /callback',
      'click button "go"',
      'GET /api',
    ]);
    expect(site.heardOf('/api').at(-1)?.headers['baggage']).toBe(`sillok.global_trace_id=${before}`);
  });

  test('a rule for debugging goes with the requests of its tab, also without consent, and what is no rule does not', async () => {
    serve('/routed', 'routed');
    const page = await (await context()).newPage();
    await page.goto(`${site.origin}/routed`);
    const sentWith = async (rule: string): Promise<string> => {
      await page.evaluate(`sessionStorage.setItem('sillok-route', ${JSON.stringify(rule)})`);
      await page.reload();
      await page.waitForFunction('window.sillok !== undefined');
      await page.evaluate(`fetch('/api').then((answer) => answer.text())`);
      return String(site.heardOf('/api').at(-1)?.headers['baggage']);
    };
    const rule = '1_7d0f64a1c2_1764032400_orders_fix-42_1.3f0c_qk3X-_';
    const id = await sentWith(rule).then((sent) => /^sillok\.global_trace_id=\w+,(.*)$/.exec(sent)?.[1]);
    expect(id).toBe(`sillok.route=${rule}`);
    for (const bad of ['', 'a b', 'x\r\ny: z', 'x,sillok.user_hash=u', '값'])
      expect(await sentWith(bad)).not.toContain('route');
  });

  test('without consent nothing is stored, and nothing but the server can join two pages', async () => {
    for (const path of ['/first', '/second']) serve(path, 'private');
    const page = await (await context()).newPage();
    await page.goto(`${site.origin}/first`);
    const before = await idOf(page);
    await page.evaluate(`fetch('/api')`);
    expect(await stored(page)).toEqual([[], [], '']);
    await page.goto(`${site.origin}/second`);
    expect(await idOf(page)).not.toBe(before);

    // The site's own session, which it has anyway, remembers what the first page's request carried.
    const carried = site.heardOf('/api').at(-1)?.headers['baggage'] ?? '';
    const ids = `${String(carried).replace('sillok.', '')}&amp;session_hash=s1:abc`;
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const head = `<meta name="sillok" content="${ids}"><meta name="traceparent" content="${traceparent}">`;
    serve('/third', 'private', { head });
    await page.goto(`${site.origin}/third`);
    expect(await idOf(page)).toBe(before);
    expect(await stored(page)).toEqual([[], [], '']);
    await page.evaluate('sillok.flush()');
    const [view] = await server.waitFor({ q: 'service.name:private message:third' }, 1);
    expect(view).toMatchObject({
      global_trace_id: before,
      session_hash: 's1:abc',
      trace_id: '0af7651916cd43dd8448eb211c80319c',
      parent_span_id: 'b7ad6b7169203331',
    });
  });

  test('the ids of a header are taken as those of the page', async () => {
    serve('/timed', 'timed');
    const [page, timing] = [
      await (await context()).newPage(),
      'sillok;desc="global_trace_id=from-the-header"',
    ];
    await page.route('**/timed', async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, headers: { ...response.headers(), 'server-timing': timing } });
    });
    await page.goto(`${site.origin}/timed`);
    expect(await idOf(page)).toBe('from-the-header');
  });

  test('a link into a new tab hands it over once, with consent', async () => {
    const body = '<a href="/tab" target="_blank" rel="noopener">open</a>';
    for (const path of ['/opens', '/tab']) serve(path, 'tabs', { more: { consent: true }, body });
    const session = await context();
    const page = await session.newPage();
    await page.goto(`${site.origin}/opens`);
    const before = await idOf(page);
    const opened = session.waitForEvent('page');
    await page.getByText('open').click();
    const tab = await opened;
    expect(await idOf(tab)).toBe(before);
    const third = await session.newPage();
    await third.goto(`${site.origin}/tab`);
    expect(await idOf(third)).not.toBe(before);
  });

  test('a page opened by script takes it from its opener, with nothing stored', async () => {
    for (const path of ['/opener', '/popup']) serve(path, 'popups');
    const session = await context();
    const page = await session.newPage();
    await page.goto(`${site.origin}/opener`);
    const opened = session.waitForEvent('page');
    await page.evaluate(`void window.open('/popup')`);
    expect(await idOf(await opened)).toBe(await idOf(page));
    expect(await stored(page)).toEqual([[], [], '']);
  });

  test('an app around the page hands its ids in before the first request, and reads them back', async () => {
    serve('/webview', 'webview', { body: fixture('first-request.html') });
    const session = await context();
    // What WKUserScript at document start and addDocumentStartJavaScript do.
    await session.addInitScript(`window.sillokIds = { global_trace_id: 'from-the-app', user_hash: '"><b>' }`);
    const page = await session.newPage();
    await page.goto(`${site.origin}/webview`);
    await page.waitForFunction('window.asked === true');
    expect(site.heardOf('/api').at(-1)?.headers['baggage']).toBe('sillok.global_trace_id=from-the-app');
    expect(await page.evaluate('window.sillokIds')).toEqual({ global_trace_id: 'from-the-app' });
  });

  test('consent that is taken back deletes what was stored', async () => {
    serve('/consent', 'consent');
    const page = await (await context()).newPage();
    await page.goto(`${site.origin}/consent`);
    await ready(page);
    await page.evaluate('sillok.setConsent(true)');
    expect(await stored(page)).toEqual([[], ['sillok.scenario'], '']);
    await page.evaluate(`localStorage.setItem('sillok.queue.x', ''); localStorage.setItem('own', 'mine')`);
    await page.evaluate('sillok.setConsent(false)');
    expect(await stored(page)).toEqual([['own'], [], '']);
  });

  test('what could not be sent is kept with consent and sent by the next page, once', async () => {
    for (const path of ['/away', '/back']) serve(path, 'offline', { more: { consent: true } });
    const page = await (await context()).newPage();
    await page.goto(`${site.origin}/away`);
    await ready(page);
    site.isAway = true;
    await page.evaluate(`sillok.log('warn', 'said while away')`);
    await page.evaluate('sillok.flush()');
    await page.goto(`${site.origin}/api`);
    expect(JSON.stringify(await stored(page))).toContain('sillok.queue.');
    site.isAway = false;
    await page.goto(`${site.origin}/back`);
    const q = 'service.name:offline message:away';
    await server.waitFor({ q }, 2);
    await page.waitForFunction(`!Object.keys(localStorage).some((key) => key.startsWith('sillok.queue.'))`);
    await page.reload();
    await ready(page);
    await page.evaluate('sillok.flush()');
    const lines = await server.searchAll({ q: 'service.name:offline message:said' });
    expect(lines).toHaveLength(1);
    expect((await server.search({ q: 'service.name:offline' })).gaps).toEqual([]);
  });

  test('a page that is switched off falls silent within 5 s and says how much it gave up', async () => {
    serve('/loud', 'loud', { more: { release: '1.0.0' }, body: fixture('loud.html') });
    serve('/calm', 'loud', { more: { release: '2.0.0' }, body: fixture('loud.html') });
    const pages = await Promise.all(
      ['/loud', '/calm'].map(async (path) => {
        const page = await (await context()).newPage();
        await page.goto(site.origin + path);
        await ready(page);
        return page;
      }),
    );
    await server.waitFor({ q: 'service.name:loud message:tick service.version:1.0.0' }, 3);
    const kill = JSON.stringify({ app: 'loud', release: '1.0.0' });
    const response = await server.post('/api/browser/kills', kill, { 'content-type': 'application/json' });
    expect(response.status).toBe(201);
    const isPatched = `!fetch.toString().includes('native')`;
    await pages[0]?.waitForFunction(`!(${isPatched})`, undefined, { timeout: 5_000 });
    expect(await pages[1]?.evaluate(isPatched)).toBe(true);
    const [last] = await server.waitFor({ q: 'service.name:loud service.version:1.0.0 message:ended' }, 1);
    expect(last?.attributes).toMatchObject({ browser: { stopped: 'switched off by the server' } });
    const ticks = await pages[0]?.evaluate<number>('ticks');
    const lost = Number(
      Reflect.get(Object(Reflect.get(Object(last?.attributes['browser']), 'lost')), 'count'),
    );
    const kept = await server.searchAll({ q: 'service.name:loud service.version:1.0.0 message:tick' });
    const told = kept.reduce(
      (sum, { attributes }) => sum + Number(Reflect.get(Object(attributes['repeat']), 'count') ?? 1),
      0,
    );
    expect(lost).toBeGreaterThan(0);
    // What was said after the switch had acted is no longer counted by anybody.
    expect(told + lost).toBeLessThanOrEqual(ticks ?? 0);
  });

  test('a page that cannot send is switched off within 5 s all the same', async () => {
    serve('/full', 'full', { more: { release: '1.0.0' }, body: fixture('loud.html') });
    const page = await (await context()).newPage();
    site.isFull = true;
    try {
      await page.goto(`${site.origin}/full`);
      await ready(page);
      await page.waitForFunction('ticks > 100');
      const kill = JSON.stringify({ app: 'full' });
      await server.post('/api/browser/kills', kill, { 'content-type': 'application/json' });
      await page.waitForFunction(`fetch.toString().includes('native')`, undefined, { timeout: 5_000 });
    } finally {
      site.isFull = false;
    }
  });
});
