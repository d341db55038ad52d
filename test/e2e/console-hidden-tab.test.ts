/**
 * A tab that nobody looks at: the live page misses nothing behind another tab, and a page that asks every few seconds stops asking
 * there and is right when somebody comes back. In real tabs, of which only the one in front is visible.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { chromiumPath } from '../lib/console.js';
import { postUntilTaken, recordLine, timeAt } from '../lib/native.js';
import { startTestServer, until, type TestServer } from '../lib/server.js';
import { Tabs, type Tab } from '../lib/tabs.js';

const PRODUCER = { producer: 'orders', boot: 'b1', service: 'orders' };
const WAIT_MS = 60_000;
let server: TestServer;
let tabs: Tabs;
let seq = 0;

beforeAll(async () => {
  if (chromiumPath === undefined) return;
  server = await startTestServer();
  tabs = new Tabs(chromiumPath);
}, 120_000);
afterAll(async () => {
  await tabs?.close();
  await server?.dispose();
});

async function send(message: string, level = 'info'): Promise<void> {
  seq += 1;
  await postUntilTaken(server, PRODUCER, [recordLine(seq, timeAt(Date.now(), seq), { message, level })]);
}

/** Signed in, at a page. */
async function openAt(path: string): Promise<Tab> {
  const tab = await tabs.open(server.url);
  const body = JSON.stringify(JSON.stringify({ key: server.key }));
  const asked = `{ method: 'POST', headers: { 'content-type': 'application/json' }, body: ${body} }`;
  const signIn = `fetch('/api/session', ${asked}).then(({ ok }) => ok)`;
  await until('signed in', WAIT_MS, async () => (await tab.value(signIn)) === true);
  await tab.goTo(server.url + path);
  return tab;
}

const isState = (tab: Tab, state: string) => async (): Promise<boolean> =>
  (await tab.value('document.visibilityState')) === state;
const shows = (tab: Tab, text: string) => async (): Promise<boolean> => (await tab.text()).includes(text);
const askedTimes = (tab: Tab): Promise<unknown> =>
  tab.value(
    `performance.getEntriesByType('resource').filter(({ name }) => name.includes('/api/alerts')).length`,
  );

test.skipIf(chromiumPath === undefined)(
  'a hidden live page misses nothing, and goes on when it is in front again (needs chromium)',
  async () => {
    const live = await openAt('/live');
    await until('it follows', WAIT_MS, shows(live, 'following'));
    await send('before it was hidden');
    await until('the first record', WAIT_MS, shows(live, 'before it was hidden'));
    await tabs.open('about:blank');
    await until('it is hidden', WAIT_MS, isState(live, 'hidden'));
    for (let index = 0; index < 20; index += 1) await send(`while hidden ${index}.`);
    await server.waitFor({ q: '"while hidden"' }, 20);
    await live.toFront();
    await until('it is visible', WAIT_MS, isState(live, 'visible'));
    await send('after it came back');
    await until('the last record', WAIT_MS, shows(live, 'after it came back'));
    const text = await live.text();
    expect(Array.from({ length: 20 }, (_, index) => text.includes(`while hidden ${index}.`))).not.toContain(
      false,
    );
    expect(text).toContain('following');
  },
  300_000,
);

test.skipIf(chromiumPath === undefined)(
  'a hidden page of alerts asks nothing, and shows what happened when it is in front again (needs chromium)',
  async () => {
    const alerts = await openAt('/alerts');
    await until('it asked', WAIT_MS, async () => Number(await askedTimes(alerts)) > 1);
    await tabs.open('about:blank');
    await until('it is hidden', WAIT_MS, isState(alerts, 'hidden'));
    const before = await askedTimes(alerts);
    await send('the till is on fire', 'error');
    await until('an alert was raised', WAIT_MS, async () => {
      const { alerts: raised } = await server.get<{ alerts: { title: string }[] }>('/api/alerts');
      return raised.some(({ title }) => title.includes('the till is on fire'));
    });
    expect([await askedTimes(alerts), await shows(alerts, 'the till is on fire')()]).toEqual([before, false]);
    await alerts.toFront();
    await until('it shows the alert', WAIT_MS, shows(alerts, 'the till is on fire'));
  },
  300_000,
);
