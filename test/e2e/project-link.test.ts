/** A link of a message opens its own project, and never one that the reader is not a member of; the link of the start makes a person. */
import { chromium, type Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { command } from '../lib/programs.js';
import { startTestServer, type TestServer } from '../lib/server.js';

const executablePath = command('chromium');
let server: TestServer;
let browser: Browser;

beforeAll(async () => {
  if (executablePath === undefined) return;
  server = await startTestServer();
  browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
});
afterAll(async () => {
  await browser?.close();
  await server?.dispose();
});

async function keyFor(project: string, scopes: readonly string[]): Promise<string> {
  const json = { 'content-type': 'application/json' };
  const made = await server.post('/api/keys', JSON.stringify({ name: project, scopes, project }), json);
  // The answer of POST /api/keys.
  return ((await made.json()) as { key: string }).key;
}

async function opened(key: string, path: string) {
  const page = await (await browser.newContext({ locale: 'en-US' })).newPage();
  await page.goto(server.url);
  await page.getByLabel('Key', { exact: true }).fill(key);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('navigation').first().waitFor();
  await page.goto(server.url + path);
  return page;
}

test.skipIf(executablePath === undefined)(
  'an owner is moved, the admin of another project is not',
  async () => {
    await keyFor('red', ['read']);
    const owner = await opened(server.key, '/people?project=red');
    await owner.getByLabel('Work in project').waitFor();
    await expect.poll(() => owner.getByLabel('Work in project').inputValue()).toBe('red');
    expect(owner.url()).not.toContain('project=');
    const other = await opened(await keyFor('blue', ['admin']), '/people?project=red');
    await other.getByText('You are not a member of a project').waitFor();
    await other.getByText('blue', { exact: true }).first().waitFor();
  },
);

test.skipIf(executablePath === undefined)(
  'who comes by the link of the start and makes an account is that person from then on',
  async () => {
    const link = /Sillok is at (\S+#sign-in=\S+)/.exec(server.output)?.[1] ?? '';
    const page = await (await browser.newContext({ locale: 'en-US' })).newPage();
    await page.goto(link);
    await page.getByRole('link', { name: 'People and keys' }).click();
    const form = page.locator('form', { hasText: 'Make yourself a user' });
    await form.getByLabel('E-mail').fill('kim@shop.example');
    await form.getByLabel('Name').fill('Kim');
    await form.getByLabel(/^Password/).fill('correct horse battery');
    await form.getByRole('button', { name: 'Create' }).click();
    await page.getByRole('cell', { name: 'kim@shop.example' }).waitFor();
    const { sessions } = await server.get<{ sessions: { who: string }[] }>('/api/sessions');
    expect(sessions.map(({ who }) => who).filter((who) => who === 'Kim' || /link/.test(who))).toEqual([
      'Kim',
    ]);
  },
);
