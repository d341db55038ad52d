/** The console in a real Chromium against a real server: sign in, search, narrow, live, and hostile content as text. */
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { postUntilTaken, recordLine, timeAt } from '../lib/native.js';
import { command } from '../lib/programs.js';
import { startTestServer, until, type TestServer } from '../lib/server.js';

const executablePath = command('chromium');
const launchArguments = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-sync',
].concat(['--disable-background-networking', '--disable-component-update']);
let server: TestServer;
let browser: Browser;

beforeAll(async () => {
  if (executablePath === undefined) return;
  server = await startTestServer();
  browser = await chromium.launch({ executablePath, args: launchArguments });
});
afterAll(async () => {
  await browser?.close();
  await server?.dispose();
});

/** Fails the test when the page reports an error of its own or breaks its Content-Security-Policy. */
async function signedIn(locale = 'en-US'): Promise<Page> {
  const context = await browser.newContext({ locale, viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    if (/Content.Security.Policy|Refused to/i.test(message.text())) problems.push(message.text());
  });
  page.on('dialog', (dialog) => {
    problems.push(`a dialog opened: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('close', () => expect(problems).toEqual([]));
  await page.goto(server.url);
  await page.getByLabel(/^(Key|키)$/).fill(server.key);
  await page.getByRole('button', { name: /^(Sign in|로그인)$/ }).click();
  await page.getByRole('search').waitFor();
  return page;
}

const hostile = [
  '<img src=x onerror=alert(1)>',
  '<script>alert(1)</script>',
  '"><svg/onload=alert(1)>',
  '\u001b[31mred\u001b[0m\u0007',
  'javascript:alert(1)',
  '\u202egnp.exe',
  '{{constructor.constructor("alert(1)")()}}',
  '`${alert(1)}`',
];

async function send(producer: string, lines: readonly string[]): Promise<void> {
  const verdict = await postUntilTaken(server, { producer, boot: 'b', service: producer }, lines);
  expect(verdict.rejected).toEqual([]);
  await server.waitFor({ q: `service.name:${producer}`, from: '-1h' }, lines.length);
}

test.skipIf(executablePath === undefined)(
  'an empty record turns into the first line by itself (needs chromium)',
  async () => {
    const page = await signedIn();
    await page.getByText('Nothing here yet').waitFor();
    await send('first', [recordLine(1, timeAt(Date.now(), 0), { message: '첫 기록' })]);
    await page.getByText('첫 기록').waitFor();
    await page.close();
  },
);

test.skipIf(executablePath === undefined)('the printed link signs in once (needs chromium)', async () => {
  const link = /http\S+#sign-in=\S+/.exec(server.output)?.[0] ?? '';
  expect(link).not.toBe('');
  const open = async (): Promise<Page> => {
    const page = await (await browser.newContext()).newPage();
    await page.goto(link);
    return page;
  };
  const first = await open();
  await first.getByRole('search').waitFor();
  expect(first.url()).not.toContain('sign-in');
  const second = await open();
  await second.getByRole('alert').waitFor();
});

test.skipIf(executablePath === undefined)(
  'search, read one record, narrow by its field (needs chromium)',
  async () => {
    const now = Date.now();
    const lines = Array.from({ length: 300 }, (_, i) => {
      const more = {
        level: i % 10 === 0 ? 'error' : 'info',
        attributes: { order: { id: i }, tier: i % 2 ? 'a' : 'b' },
      };
      return recordLine(i + 1, timeAt(now - 60_000, i * 1000), more);
    });
    await send('shop', lines);
    const page = await signedIn();
    const query = page.getByRole('searchbox');
    await query.fill('service.name:shop level:error');
    await query.press('Enter');
    await page.getByText('30 records shown').waitFor();
    await page.locator('.row').first().click();
    const detail = page.getByRole('complementary', { name: 'Record' });
    await detail.getByText('order.id').waitFor();
    await detail.getByText('order.id').hover();
    await detail.getByRole('button', { name: 'Only this: order.id' }).click();
    await page.getByText('1 records shown').waitFor();
    expect(new URL(page.url()).searchParams.get('q')).toBe('service.name:shop level:error order.id:290');

    await query.fill('level:error (');
    await query.press('Enter');
    await page.getByRole('alert').locator('mark').waitFor();
    await page.close();
  },
);

test.skipIf(executablePath === undefined)(
  'hostile content is harmless text everywhere (needs chromium)',
  async () => {
    const now = Date.now();
    const lines = hostile.map((text, i) =>
      recordLine(i + 1, timeAt(now, i), { message: text, attributes: { [text]: text, value: text } }),
    );
    await send('hostile', lines);
    const page = await signedIn('ko-KR');
    const query = page.getByRole('searchbox');
    await query.fill('service.name:hostile');
    await query.press('Enter');
    await page.getByText(`${hostile.length} 건 표시`).waitFor();
    for (let i = 0; i < hostile.length; i += 1) await page.locator('.row').nth(i).click();
    expect(await page.locator('img[src=x], svg[onload], main script').count()).toBe(0);
    expect(await page.locator('body').innerText()).not.toMatch(/[\u001b\u0007\u202e]/);
    await page.close();
  },
);

test.skipIf(executablePath === undefined)(
  'live shows what arrives and stands still when paused (needs chromium)',
  async () => {
    const page = await signedIn();
    await page.getByRole('link', { name: 'Live' }).click();
    await page.getByText('following').waitFor();
    await send('live', [recordLine(1, timeAt(Date.now(), 0), { message: 'live one' })]);
    await page.getByText('live one').waitFor();
    await page.getByRole('button', { name: 'Pause' }).click();
    await send('live-2', [recordLine(1, timeAt(Date.now(), 0), { message: 'live two' })]);
    await page.getByText('1 new').waitFor();
    expect(await page.getByText('live two').count()).toBe(0);
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.getByText('live two').waitFor();
    await page.close();
  },
);

test.skipIf(executablePath === undefined)(
  'a revoked key ends its sessions at once (needs chromium)',
  async () => {
    const made = await server.post('/api/keys', JSON.stringify({ name: 'guest', scopes: ['read'] }), {
      'content-type': 'application/json',
    });
    expect(made.ok).toBe(true);
    // The shape is the public contract's answer to this call.
    const { key, id } = (await made.json()) as { key: string; id: string };
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(server.url);
    await page.getByLabel('Key').fill(key);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('search').waitFor();
    const revoked = await fetch(`${server.url}/api/keys/${id}`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${server.key}` },
    });
    expect(revoked.ok).toBe(true);
    await page.reload();
    await until('the sign-in page is back', 10_000, async () => page.getByLabel('Key').isVisible());
  },
);
