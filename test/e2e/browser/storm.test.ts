/**
 * A storm: a real React effect loop in one tab. Short in CI; `npm run soak -- storm` makes a million rounds. What is stored adds
 * up exactly, hardly anything is on the wire, the page is not held up, and one notice says what storms.
 */
import { gzipSync } from 'node:zlib';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type SearchRecord, type TestServer } from '../../lib/server.js';
import { browserKey, chromiumPath, launch, Site } from './site.js';

const REPEATS = Number(process.env['SILLOK_STORM_REPEATS'] ?? 30_000);
const DISTINCT = 1_000;
const LIMIT_MS = 540_000;
/** The capture of `console` is loaded after the core: until then `console.error` is the page's own empty one. */
const READY = 'window.begin !== undefined && console.error.toString().length > 10';

describe.skipIf(chromiumPath === undefined)('a storm in one tab', () => {
  let server: TestServer;
  let browser: Browser;
  let site: Site;
  let key = '';

  beforeAll(async () => {
    server = await startTestServer();
    browser = await launch();
    site = await Site.open();
    key = await browserKey(server, [site.origin]);
    site.forward(server);
    const { map } = await site.app('storm-app');
    const query = new URLSearchParams({ app: 'storm', release: '9.1.0', file: 'storm-app.js' });
    expect((await server.post(`/api/browser/source-maps?${query}`, map)).status).toBe(201);
    const options = {
      url: site.origin,
      key,
      app: 'storm',
      release: '9.1.0',
      console: ['error'],
      vitals: false,
    };
    // The console itself costs more than all the rest: it is silenced, so that what is measured is ours and React's.
    const head = '<script>console.error = () => {};</script>';
    const body = '<div id="root"></div><script type="module" src="/storm-app.js"></script>';
    site.page('/storm', { options: JSON.stringify(options), head, body });
  });
  afterAll(async () => {
    await browser?.close();
    await site?.close();
    await server?.dispose();
  });

  test(
    'the counts add up exactly, every signature is there, and the page is not held up',
    async () => {
      const page = await (await browser.newContext()).newPage();
      await page.goto(`${site.origin}/storm?repeats=${REPEATS}&distinct=${DISTINCT}`);
      await page.waitForFunction(READY);
      const profile = await startProfile(page);
      await page.evaluate('begin()');
      await page.waitForFunction(`window.rounds === ${REPEATS}`, undefined, { timeout: LIMIT_MS });
      const { seconds, ownMs } = await profile.stop();
      await page.evaluate('sillok.flush()');
      const wireBytes = site.wireBytes;

      const q = 'service.name:storm event.name:browser.log';
      const records = await server.waitFor({ q }, DISTINCT + 2);
      expect(records.reduce((sum, each) => sum + countOf(each), 0)).toBe(REPEATS + DISTINCT);
      expect(new Set(records.map((each) => repeatOf(each, 'signature'))).size).toBe(DISTINCT + 1);
      const messages = new Set(records.map(({ message }) => message));
      expect(messages.size).toBe(DISTINCT + 1);
      expect(messages.has(`order ${DISTINCT} has no price`)).toBe(true);

      const share = wireBytes / gzippedLines(REPEATS + DISTINCT);
      const perSecond = ownMs / seconds;
      process.stdout.write(
        `storm: ${REPEATS} rounds in ${seconds.toFixed(1)} s, ${records.length} records, ` +
          `${wireBytes} bytes on the wire = ${(share * 100).toFixed(3)} %, ` +
          `own time ${perSecond.toFixed(1)} ms per second\n`,
      );
      // A thousand different lines cost the same in a short storm as in a long one.
      expect(share).toBeLessThan(0.01 * Math.max(1, 1_000_000 / REPEATS));
      // In a second of a short run all of the different lines are written as well.
      expect(perSecond).toBeLessThan(REPEATS >= 1_000_000 ? 50 : 400);
    },
    LIMIT_MS,
  );

  test('exactly one notice names the component of the sources, the release and the sessions', async () => {
    const q = 'service.name:storm event.name:browser.storm';
    const [notice] = await server.waitFor({ q }, 1);
    expect(notice?.resource).toMatchObject({ 'service.version': '9.1.0' });
    expect(notice?.message).toMatch(
      /^storm in storm 9\.1\.0: Cart \(\S*storm-app\.mjs:\d+\), 1 sessions: cart total is NaN$/,
    );
    expect(notice?.attributes).toMatchObject({
      browser: { storm: { sessions: 1, session_ids: [expect.stringMatching(/^[0-9a-f]{32}$/)] } },
    });
    const another = await (await browser.newContext()).newPage();
    await another.goto(`${site.origin}/storm?repeats=5000&distinct=0`);
    await another.waitForFunction(READY);
    await another.evaluate('begin()');
    await another.waitForFunction('window.rounds === 5000');
    await another.evaluate('sillok.flush()');
    expect(await server.searchAll({ q })).toHaveLength(1);
  });
});

/** Time spent in the SDK's own file, with all that it calls, by Chromium's sampling profiler. */
async function startProfile(page: Page): Promise<{ stop(): Promise<{ seconds: number; ownMs: number }> }> {
  const session: CDPSession = await page.context().newCDPSession(page);
  await session.send('Profiler.enable');
  await session.send('Profiler.setSamplingInterval', { interval: 500 });
  await session.send('Profiler.start');
  return {
    async stop() {
      const { profile } = await session.send('Profiler.stop');
      const parents = new Map(
        profile.nodes.flatMap((node) => (node.children ?? []).map((child) => [child, node.id])),
      );
      const urls = new Map(profile.nodes.map((node) => [node.id, node.callFrame.url]));
      const isOwn = (id: number | undefined): boolean => {
        for (let at = id; at !== undefined; at = parents.get(at))
          if (urls.get(at)?.endsWith('/sillok-browser.js') === true) return true;
        return false;
      };
      const own = new Set(profile.nodes.map(({ id }) => id).filter(isOwn));
      let ownUs = 0;
      profile.samples?.forEach((id, index) => {
        if (own.has(id)) ownUs += profile.timeDeltas?.[index] ?? 0;
      });
      return { seconds: (profile.endTime - profile.startTime) / 1e6, ownMs: ownUs / 1000 };
    },
  };
}

function countOf(record: SearchRecord): number {
  return Number(repeatOf(record, 'count') ?? 1);
}

function repeatOf({ attributes }: SearchRecord, name: string): unknown {
  return Reflect.get(Object(attributes['repeat']), name);
}

/** What as many lines would have been on the wire one by one, in gzipped batches as the SDK makes them. */
function gzippedLines(count: number): number {
  const sample = 500;
  const hex = (digits: number): string =>
    Array.from({ length: digits }, () => Math.floor(Math.random() * 16).toString(16)).join('');
  const ids = { trace_id: hex(32), parent_span_id: hex(16), global_trace_id: hex(32) };
  const lines = Array.from({ length: sample }, (_, index) =>
    JSON.stringify({
      seq: index,
      time: new Date(Date.now() + index).toISOString(),
      kind: 'event',
      level: 'error',
      message: 'cart total is NaN',
      ...ids,
      span_id: hex(16),
      attributes: { 'event.name': 'browser.log', 'url.path': '/storm', 'browser.console': 'error' },
    }),
  );
  return (gzipSync(lines.join('\n')).length / sample) * count;
}
