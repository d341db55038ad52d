/**
 * Weeks of endpoints in a real Chromium: what gets worse, and when it will hurt. And the pages that are reached from
 * others (trace, story, person, endpoint, trends): no serious barrier on any of them, in both languages, colours, and on a phone.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { presetConfig, startServer, type RunningServer } from '@sillok/server';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { barriersOf } from '../lib/axe.js';
import { chromiumPath, launchChromium, openPage, signedIn } from '../lib/console.js';
import { recordLine, timeAt } from '../lib/native.js';
import { until } from '../lib/server.js';

const DAY_MS = 86_400_000;
const DAYS = 20;
const PER_DAY = 24;
const today = Math.floor(Date.now() / DAY_MS) * DAY_MS;
const traceId = 'cafecafecafecafecafecafecafecafe';
const ids = {
  trace_id: traceId,
  global_trace_id: 'scenario-7',
  user_hash: 'user-7',
  session_hash: 'session-7',
};
const folder = mkdtempSync(join(tmpdir(), 'sillok-weeks-'));
let running: RunningServer;
let browser: Browser;
const console_ = { url: '', key: '' };

beforeAll(async () => {
  if (chromiumPath === undefined) return;
  const config = presetConfig({ port: 0, dataDirectory: folder, logLevel: 'silent', ballastBytes: 0 });
  const { retention } = config;
  const rules = Object.entries(retention).map(([kind, rule]) => [kind, { ...rule, days: 0 }]);
  // The kinds are those of the preset, kept for ever.
  const kept = Object.fromEntries(rules) as typeof retention;
  running = await startServer({ ...config, retention: kept });
  Object.assign(console_, { url: running.url, key: running.devKey });
  await until('the engine', 60_000, async () => (await fetch(`${running.url}/readyz`)).ok);
  await send([...weeks(), ...story()]);
  await running.upkeep();
  browser = await launchChromium();
});
afterAll(async () => {
  await browser?.close();
  await running?.close();
  rmSync(folder, { recursive: true, force: true });
});

const request = (route: string, ms: number) => ({
  ...{ kind: 'access', message: `GET ${route}`, duration_ms: ms },
  'http.request.method': 'GET',
  'http.route': route,
  'http.response.status_code': 200,
});

/** One endpoint that takes 20 ms more each day, and one that does not. */
function weeks(): string[] {
  const lines: string[] = [];
  for (let day = DAYS; day >= 1; day -= 1) {
    for (let index = 0; index < PER_DAY; index += 1) {
      const time = timeAt(today - day * DAY_MS + index * 900_000, 0);
      const ms = 200 + (DAYS - day) * 20 + (index % 5);
      lines.push(recordLine(lines.length + 1, time, request('/slower', ms)));
      lines.push(recordLine(lines.length + 1, time, request('/steady', 100 + (index % 7) * 3 + (day % 5))));
    }
  }
  return lines;
}

function story(): string[] {
  const now = Date.now() - 60_000;
  const first = DAYS * PER_DAY * 2;
  return [
    recordLine(first + 1, timeAt(now, 100e6), {
      ...{ kind: 'span', level: 'error', message: 'SELECT members', ...ids },
      ...{ span_id: 'bbbbbbbbbbbbbbbb', parent_span_id: 'aaaaaaaaaaaaaaaa' },
      attributes: {
        ...{ 'span.kind': 'client', 'span.start_time': timeAt(now, 50e6), duration_ms: 40 },
        ...{
          'db.system.name': 'postgresql',
          'db.query.text': 'SELECT id FROM members',
          'error.type': 'Refused',
        },
      },
    }),
    recordLine(first + 2, timeAt(now, 200e6), {
      ...{ level: 'error', message: '로그인 실패', span_id: 'aaaaaaaaaaaaaaaa', ...ids },
    }),
    recordLine(first + 3, timeAt(now, 300e6), {
      ...request('/slower', 280),
      ...{ level: 'error', 'http.response.status_code': 503, span_id: 'aaaaaaaaaaaaaaaa', ...ids },
    }),
  ];
}

async function send(lines: readonly string[]): Promise<void> {
  const resource = { 'service.name': 'shop', 'service.version': '1.0.0' };
  const header = JSON.stringify({ sillok: 1, producer: 'shop', boot: 'b', resource });
  const response = await fetch(`${running.url}/v1/records`, {
    ...{ method: 'POST', body: `${[header, ...lines].join('\n')}\n` },
    headers: { authorization: `Bearer ${running.devKey}`, 'content-type': 'application/x-ndjson' },
  });
  expect(await response.json()).toMatchObject({ rejected: [] });
  const { state } = running.deps;
  await until('the weeks are in the store', 60_000, async () => state.freshness().lag_ms === 0);
}

test.skipIf(chromiumPath === undefined)(
  'which endpoint got slower, how fast, and when it reaches its limit (needs chromium)',
  async () => {
    const page = await signedIn(browser, console_);
    await openPage(page, 'Trends');
    const worse = page.locator('.trend-cards .card');
    await worse.first().waitFor();
    expect(await worse.count()).toBe(1);
    const text = await worse.first().innerText();
    expect(text).toMatch(/GET \/slower[\s\S]*gets slower[\s\S]*reaches the limit around \d+ \w+ 20\d\d/);
    expect(text).toMatch(/\+(19|20|21)[.\d]* ms a day/);
    await page.getByRole('region', { name: 'The others' }).getByText('GET /steady').waitFor();
    // A limit that it is above already.
    await page.getByLabel('Limit of p95').selectOption({ label: '200 ms' });
    await worse.getByText('over the limit').waitFor();
    expect(page.url()).toContain('limit=200');
    await worse.first().getByRole('link', { name: 'GET /slower' }).click();
    await page.getByRole('heading', { name: /\/slower/ }).waitFor();
    await page.close();
  },
);

const looks = [
  { name: 'light', options: { colorScheme: 'light' } },
  { name: 'dark, Korean', options: { colorScheme: 'dark', locale: 'ko-KR' } },
  { name: 'phone', options: { viewport: { width: 390, height: 844 } } },
] as const;

const paths = [
  `/trace/${traceId}`,
  '/scenario/scenario-7',
  '/person/user-7',
  '/endpoint?service=shop&route=%2Fslower&method=GET&from=-30d',
  '/trends?limit=500',
] as const;

test.skipIf(chromiumPath === undefined).each(looks)(
  'no serious barrier on pages that others lead to: $name (needs chromium)',
  async ({ options, name }) => {
    const page = await signedIn(browser, console_, options);
    for (const path of paths) {
      await page.goto(`${console_.url}${path}`);
      await page.locator('#content').waitFor();
      await page.locator('.loading').first().waitFor({ state: 'detached' });
      expect(await barriersOf(page), path).toEqual([]);
      if (process.env['SILLOK_SHOTS'] !== undefined)
        await page.screenshot({
          path: join(process.env['SILLOK_SHOTS'], `${name}${path.replace(/\W+/g, '-').slice(0, 20)}.png`),
        });
    }
    await page.close();
  },
);
