/**
 * From the message that the webhook was really given to the failing line: shown as Slack shows it, its link tapped on a phone of
 * 390 px. Two taps when one is signed in; whoever is not, signs in and is at the same search of the same project.
 */
import type { AlertShape } from '@sillok/api';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HookSink } from '../../apps/server/src/alert/sinks.fixture.js';
import { OidcProvider } from '../../apps/server/src/people/oidc-provider.fixture.js';
import { invited } from '../lib/accounts.js';
import { chromiumPath, launchChromium, newPage, signedIn } from '../lib/console.js';
import { PHONE, typeAccount } from '../lib/journey.js';
import { batchBody, timeAt } from '../lib/native.js';
import { freePort, TestServer, until } from '../lib/server.js';
import { showMessage } from '../lib/slack-page.js';

const LINE = 'connect ECONNREFUSED 10.0.0.5:5432 <!channel> *not bold* `code` & "quoted"';
const FAILURES = 12;
const kim = { sub: 's-1', email: 'kim@shop.example', email_verified: true, name: '김개발' };
const shots = process.env['SILLOK_SHOTS'];
const hook = new HookSink();
const provider = new OidcProvider(kim);
let server: TestServer;
let browser: Browser;

beforeAll(async () => {
  if (chromiumPath === undefined) return;
  const sink = await hook.start();
  await provider.start();
  const port = await freePort();
  server = new TestServer(port, {
    SILLOK_ALLOW_PRIVATE_TARGETS: '1',
    SILLOK_PUBLIC_URL: `http://127.0.0.1:${port}`,
    SILLOK_OIDC_ISSUER: provider.issuer,
    SILLOK_OIDC_CLIENT_ID: 'sillok',
    SILLOK_OIDC_CLIENT_SECRET: 'secret',
    SILLOK_OIDC_NAME: 'Shop SSO',
  });
  await server.start();
  browser = await launchChromium();
  const red = await ask<{ key: string }>('/api/keys', { name: 'red', scopes: ['admin'], project: 'red' });
  await fails({ key: server.key, sink, language: 'ko' });
  await fails({ key: red.key, sink, language: 'en' });
});
afterAll(async () => {
  await browser?.close();
  await server?.dispose();
  hook.stop();
  provider.stop();
});

async function ask<T>(path: string, body: object, key = server.key): Promise<T> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${key}` };
  const answer = await server.post(path, JSON.stringify(body), headers);
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  // The caller names the shape that the public contract promises for this path.
  return (await answer.json()) as T;
}

/** A project whose database refuses connections, and a webhook that hears of it. */
async function fails({ key, sink, language }: { key: string; sink: string; language: 'en' | 'ko' }) {
  await ask(
    '/api/alert-targets',
    { kind: 'slack_webhook', name: 'ops', url: `${sink}/${language}`, language },
    key,
  );
  const now = Date.now();
  const lines = Array.from({ length: FAILURES }, (_, index) =>
    JSON.stringify({ seq: index + 1, time: timeAt(now, index), kind: 'log', level: 'error', message: LINE }),
  );
  const producer = { producer: `orders-${language}`, boot: 'b', service: 'orders' };
  const headers = { 'content-type': 'application/x-ndjson', authorization: `Bearer ${key}` };
  const answer = await server.post('/v1/records', batchBody(producer, lines), headers);
  expect(answer.status).toBe(200);
  await until('it is told', 60_000, async () => hook.texts(`/${language}`).length > 0);
}

async function alertOf(language: 'en' | 'ko'): Promise<AlertShape | undefined> {
  const link =
    /<(http[^|]+)\|/.exec(hook.texts(`/${language}`)[0] ?? '')?.[1]?.replaceAll('&amp;', '&') ?? '';
  const { searchParams } = new URL(link);
  const id = searchParams.get('alert') ?? '';
  const { alerts } = await server.get<{ alerts: AlertShape[] }>('/api/alerts');
  return alerts.find((each) => each.id === id);
}

/** Shows the message and taps its link: the first tap. */
async function follows(page: Page, language: 'en' | 'ko'): Promise<void> {
  await showMessage(page, hook.texts(`/${language}`)[0] ?? '');
  // What a record says is text in Slack: it mentions nobody and formats nothing.
  expect(await page.locator('.mention').count()).toBe(0);
  expect(await page.locator('code').innerText()).toContain('<!channel> *not bold*');
  if (shots !== undefined) await page.screenshot({ path: `${shots}/slack-${language}.png` });
  await page.getByRole('link').tap();
}

/** The second tap, and there it is. */
async function readsTheLine(page: Page): Promise<void> {
  await page.locator('.row').first().tap();
  const detail = page.getByRole('complementary', { name: 'Record' });
  await detail.getByText('connect ECONNREFUSED 10.0.0.5:5432').first().waitFor();
}

async function isAtItsSearch(page: Page): Promise<void> {
  await page.locator('.row').first().waitFor();
  const { pathname, searchParams } = new URL(page.url());
  expect(pathname).toBe('/search');
  // It was moved to the project, and the address does not name it any more.
  await expect.poll(() => page.url()).not.toContain('project=');
  expect(searchParams.get('q')).toBe((await page.getByRole('searchbox').textContent())?.trim());
  expect(await page.locator('.toasts [data-kind=failed]').count()).toBe(0);
}

describe.skipIf(chromiumPath === undefined)('from the message in Slack (needs chromium)', () => {
  test('its link and one row: the failing line in two taps', async () => {
    const page = await signedIn(browser, server, PHONE);
    await follows(page, 'ko');
    await isAtItsSearch(page);
    expect((await page.getByRole('searchbox').textContent())?.trim()).toBe((await alertOf('ko'))?.q);
    await readsTheLine(page);
    await page.close();
  });

  test('whoever is not signed in is at the same search of the same project afterwards', async () => {
    const page = await newPage(browser, PHONE);
    await follows(page, 'en');
    await page.getByLabel('Key', { exact: true }).fill(server.key);
    await page.getByRole('button', { name: 'Sign in', exact: true }).tap();
    await isAtItsSearch(page);
    await readsTheLine(page);
    const session: { project?: string } = await (await page.request.get(`${server.url}/api/session`)).json();
    expect(session.project).toBe('red');
    await page.close();
  });

  test('with an account, too, and by way of a provider of another house', async () => {
    const account = await invited(server, { email: 'lee@shop.example', role: 'member' });
    const lee = await newPage(browser, PHONE);
    await follows(lee, 'ko');
    await typeAccount(lee, account);
    await isAtItsSearch(lee);
    await lee.close();

    await ask('/api/invitations', { email: kim.email, role: 'member' });
    const page = await newPage(browser, PHONE);
    await follows(page, 'ko');
    await page.getByRole('link', { name: /Shop SSO/ }).tap();
    await isAtItsSearch(page);
    await readsTheLine(page);
    await page.close();
  });
});
