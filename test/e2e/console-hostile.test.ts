/**
 * Two hundred hostile texts in every field of a record, on every page that shows records: they are text. Nothing runs,
 * nothing is drawn that is not ours, no control or direction character reaches the screen, no formula a spreadsheet.
 */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { chromiumPath, launchChromium, openPage, runQuery, signedIn } from '../lib/console.js';
import { HOSTILE } from '../lib/hostile.js';
import { postUntilTaken, recordLine, timeAt } from '../lib/native.js';
import { startTestServer, until, type TestServer } from '../lib/server.js';

const trace = 'badbadbadbadbadbadbadbadbadbad00';
let server: TestServer;
let browser: Browser;

beforeAll(async () => {
  if (chromiumPath === undefined) return;
  server = await startTestServer();
  browser = await launchChromium();
  const now = Date.now() - 60_000;
  const ids = { trace_id: trace, global_trace_id: 'hostile-scenario', user_hash: 'hostile-user' };
  const lines = HOSTILE.map((text, index) => {
    const span = (index + 1).toString(16).padStart(16, '0');
    const kind = (['log', 'access', 'span', 'event', 'audit'] as const)[index % 5] ?? 'log';
    return recordLine(index + 1, timeAt(now + index, 0), {
      ...{ kind, level: 'error', message: text, ...ids, span_id: span, session_hash: `s-${index}` },
      attributes: {
        ...hostileFields(text),
        [text === '' ? 'empty' : text]: text,
        deep: { [`k${text}`]: [text] },
      },
    });
  });
  const producer = { producer: 'hostile', boot: 'b', service: '<b onclick=alert(1)>svc</b>\u202e' };
  expect((await postUntilTaken(server, producer, lines)).rejected).toEqual([]);
  await until('the hostile records are visible', 60_000, async () => {
    const found = await server.search({ q: `producer:hostile seq:${HOSTILE.length}`, from: '-1h' });
    return found.records.length === 1;
  });
});
afterAll(async () => {
  await browser?.close();
  await server?.dispose();
});

function hostileFields(text: string): Record<string, unknown> {
  return {
    ...{
      'http.route': text,
      'http.request.method': text,
      'url.path': text,
      'http.response.status_code': 500,
    },
    ...{ 'db.system.name': text, 'db.query.text': text, 'error.type': text, 'user_agent.original': text },
    ...{
      'exception.type': text,
      'exception.message': text,
      'exception.stacktrace': `${text}\n at ${text}:1:1`,
    },
    ...{ 'event.name': text, 'browser.element.text': text, 'client.version': text, 'edge.kind': text },
    ...{ 'edge.upstream.attempts': 2, 'edge.upstream.addresses': [text], 'edge.upstream.statuses': [text] },
    ...{ 'audit.action': text, 'audit.entity.type': text, 'audit.entity.id': text, 'audit.actor.id': text },
    ...{ duration_ms: 5, 'route.debug': text, 'span.kind': 'server' },
  };
}

/** What must not be on a page: elements that only markup in a record could have made, and characters that act. */
const LOOK = `(() => {
  const roots = [document, ...[...document.querySelectorAll('*')].flatMap((e) => e.shadowRoot ?? [])];
  const all = roots.flatMap((root) => [...root.querySelectorAll('*')]);
  const ours = (e) => (e.tagName === 'SCRIPT' ? e.src.startsWith(location.origin) : e.tagName === 'FORM');
  const foreignTag = /^(script|iframe|object|embed|base|marquee|video|audio|form)$/i;
  const acts = (a) =>
    /^on/i.test(a.name) ||
    (/(href|src|action|data)$/i.test(a.name) && /^\\s*(javascript|vbscript|data):/i.test(a.value));
  const foreign = all.filter((e) =>
    (foreignTag.test(e.tagName) && !ours(e)) || [...e.attributes].some(acts));
  const images = all.filter((e) =>
    e.tagName === 'IMG' && e.hasAttribute('src') && !e.src.startsWith(location.origin));
  const control = /[\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f]/;
  const direction = /[\\u200b-\\u200f\\u202a-\\u202e\\u2066-\\u2069]/;
  const text = document.title + document.body.innerText;
  const found = [...foreign, ...images].map((e) => e.outerHTML.slice(0, 200));
  return control.test(text) || direction.test(text) ? [...found, 'acting text'] : found;
})()`;

async function expectHarmless(page: Page, where: string): Promise<void> {
  expect(await page.evaluate<string[]>(LOOK), where).toEqual([]);
}

test('the list has at least two hundred texts, each once', () => {
  expect(new Set(HOSTILE).size).toBeGreaterThanOrEqual(200);
});

test.skipIf(chromiumPath === undefined)(
  'list, columns, fields and every single record in full are text (needs chromium)',
  async () => {
    const page = await signedIn(browser, server);
    await openPage(page, 'Search');
    await runQuery(page, 'producer:hostile');
    await page.getByText(/^2\d\d records shown$/).waitFor();
    await page.locator('.fields li').first().waitFor();
    await page.getByRole('button', { name: /^http\.route/ }).click();
    await page.getByRole('list', { name: 'Values of http.route' }).waitFor();
    await page.getByRole('button', { name: 'As a column: http.route' }).click();
    await expectHarmless(page, 'search');
    await page.locator('.row').nth(1).click();
    const detail = page.getByRole('complementary', { name: 'Record' });
    for (let index = 0; index < HOSTILE.length; index += 1) {
      await page.keyboard.press('j');
      if (index % 20 === 0) {
        await detail.getByRole('tab', { name: 'Raw line (JSON)' }).click();
        await expectHarmless(page, `record ${index}, raw`);
        await detail.getByRole('tab', { name: 'Fields' }).click();
      }
      await expectHarmless(page, `record ${index}`);
    }
    await page.close();
  },
);

const pages = [
  ...['Errors', 'Service map', 'Patterns', 'Endpoints', 'Find a customer', 'Live', 'SQL', 'Start'],
  ...['Who changed what', 'Trends', 'Alerts', 'Business data', 'Scripts', 'Access review', 'People and keys'],
];

test.skipIf(chromiumPath === undefined)(
  'trace, story, errors, patterns, endpoints and why show text, in both colours (needs chromium)',
  async () => {
    const page = await signedIn(browser, server, { colorScheme: 'dark' });
    for (const name of pages) {
      await openPage(page, name);
      await page.locator('#content').waitFor();
      await page.locator('.loading').first().waitFor({ state: 'detached' });
      await expectHarmless(page, name);
    }
    const addresses = [
      `/trace/${trace}`,
      `/retries?id=${trace}`,
      '/scenario/hostile-scenario',
      '/person/hostile-user',
      `/why?q=${encodeURIComponent('producer:hostile seq:<50')}`,
      `/search?q=${encodeURIComponent('<img src=x onerror=alert(1)>')}`,
      `/search?q=${encodeURIComponent('level:"<img src=x onerror=alert(1)>" (')}`,
      `/endpoint?service=${encodeURIComponent('<svg onload=alert(1)>')}&route=${encodeURIComponent('"><script>')}`,
      `/trace/${encodeURIComponent('<script>alert(1)</script>')}`,
      `/history/${encodeURIComponent('<script>alert(1)</script>')}/${encodeURIComponent('"><svg onload=alert(1)>')}`,
      `/history?q=${encodeURIComponent('<img src=x onerror=alert(1)>')}`,
      `/admin/${encodeURIComponent('<b>')}/${encodeURIComponent('<script>')}/${encodeURIComponent("'><iframe src=javascript:alert(1)>")}`,
      `/scripts/${encodeURIComponent('<b>')}/${encodeURIComponent('<script>alert(1)</script>')}`,
      `/sql?query=${encodeURIComponent("SELECT '<img src=x onerror=alert(1)>'")}`,
    ];
    for (const address of addresses) {
      await page.goto(server.url + address);
      await page.locator('#content').waitFor();
      await page.locator('.loading').first().waitFor({ state: 'detached' });
      await expectHarmless(page, address);
    }
    await page.close();
  },
);

test.skipIf(chromiumPath === undefined)(
  'no cell of an exported file begins like a formula (needs chromium)',
  async () => {
    const response = await fetch(
      `${server.url}/api/export?${new URLSearchParams({ q: 'producer:hostile', format: 'csv', fields: 'message' })}`,
      { headers: { authorization: `Bearer ${server.key}` } },
    );
    const text = await response.text();
    // Quoted cells span lines; what counts is how each cell begins.
    const cells = [...text.matchAll(/(?:^|\r\n)(?:"((?:[^"]|"")*)"|([^\r\n]*))/g)].map(
      (match) => match[1] ?? match[2] ?? '',
    );
    expect(cells.length).toBeGreaterThan(HOSTILE.length);
    expect(cells.filter((cell) => /^\s*[=+\-@|%]/.test(cell))).toEqual([]);
  },
);
