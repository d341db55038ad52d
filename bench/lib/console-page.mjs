/** What `bench/console.mjs` does in the page: searches, scrolling, following; and the numbers that it prints. */
import { gzipSync } from 'node:zlib';

import { createTraffic } from '../realistic-lines.mjs';

const quantile = (list, share) =>
  list.toSorted((a, b) => a - b)[Math.min(list.length - 1, Math.ceil(list.length * share) - 1)] ?? NaN;
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function report(name, value, { limit, unit = 'ms' }) {
  const verdict = limit === undefined ? '' : `  (at most ${limit}) ${value <= limit ? 'ok' : 'MISSED'}`;
  console.log(`${name.padEnd(46)} ${value.toFixed(0).padStart(8)} ${unit}${verdict}`);
}

/** Runs in the page: from the key that asks until the frame after the one in which the answer stands. */
function timeSearches() {
  window.searches = [];
  addEventListener(
    'keydown',
    (event) => {
      if (event.key !== 'Enter') return;
      const began = performance.now();
      let wasBusy = false;
      const look = () => {
        const busy = document.querySelector('.result-head .trust')?.getAttribute('data-busy') !== 'false';
        wasBusy ||= busy;
        if (!wasBusy || busy) return requestAnimationFrame(look);
        requestAnimationFrame(() => window.searches.push(performance.now() - began));
      };
      requestAnimationFrame(look);
    },
    true,
  );
}

async function ask(page, q) {
  const before = await page.evaluate(() => window.searches.length);
  const box = page.getByRole('searchbox');
  await box.press('ControlOrMeta+a');
  await box.press('Delete');
  if (q !== '') await page.keyboard.insertText(q);
  await box.press('Enter');
  await page.waitForFunction((count) => window.searches.length > count, before, { timeout: 60_000 });
  return page.evaluate(() => window.searches.at(-1));
}

/** Typical searches, all of them once in each round. */
export async function searchTimes(page, { url, rounds, people }) {
  const kinds = [
    ['the last hour', '-1h', () => ''],
    ['the last day', '-24h', () => ''],
    ['a rare word', '-24h', () => 'zanzibarite'],
    ['Hangul inside a word', '-24h', () => '한낱말'],
    ['a frequent Hangul word', '-24h', () => '결제'],
    ['two fields', '-24h', () => 'http.route:"/api/cart" http.response.status_code:404'],
    ['errors', '-24h', () => 'level:error'],
    ['one customer', '-24h', (round) => `user_hash:${people[round % people.length]}`],
  ];
  const all = [];
  for (const [name, from, queryOf] of kinds) {
    await page.goto(`${url}/search?from=${from}`);
    await page.locator('.result-head .trust[data-busy="false"]').waitFor({ timeout: 60_000 });
    await page.evaluate(timeSearches);
    const times = [];
    for (let round = -1; round < rounds; round += 1) {
      const time = await ask(page, queryOf(round + 1));
      if (round >= 0) times.push(time);
      // Until the histogram is there, too, so that rounds do not meet each other.
      await page.waitForLoadState('networkidle');
    }
    all.push(...times);
    report(`${name}: p50 to the painted rows`, quantile(times, 0.5), {});
    report(`${name}: p95`, quantile(times, 0.95), { limit: 500 });
  }
  report('all searches: p95', quantile(all, 0.95), { limit: 500 });
}

/** Runs in the page: every frame's length while `list` moves by `step` pixels a frame until it stands at its end. */
function scrollTo([rows, step]) {
  const list = document.querySelector('.list');
  const frames = [];
  let last = performance.now();
  let still = 0;
  return new Promise((resolve) => {
    const frame = (now) => {
      frames.push(now - last);
      last = now;
      const before = list.scrollTop;
      list.scrollTop += step;
      const isAtEnd = step > 0 ? list.scrollHeight >= rows * 28 * 0.99 : true;
      still = list.scrollTop === before && isAtEnd ? still + 1 : 0;
      if (still > 5) resolve(frames.slice(1));
      else requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  });
}

export async function scrollBothWays(page, { url, rows }) {
  await page.goto(`${url}/search?from=-24h`);
  await page.locator('.row').first().waitFor();
  const ways = [
    ['down, loading', 28 * 40],
    ['up', -28 * 100],
    ['down again', 28 * 100],
  ];
  for (const [name, step] of ways) {
    const frames = await page.evaluate(scrollTo, [rows, step]);
    const long = frames.filter((ms) => ms > 50).length;
    console.log(`${rows} rows ${name}: ${frames.length} frames, ${long} over 50 ms`);
    report('  p99 of frames', quantile(frames, 0.99), {});
    report('  longest frame', Math.max(...frames), { limit: 50 });
  }
}

/** A hundred records every tenth of a second, as ten services would. */
async function feed({ seconds, post, onSecond }) {
  const traffic = createTraffic({ seed: Date.now() % 100_000, startMs: Date.now(), perSecond: 1_000 });
  const producer = `live-${Date.now()}`;
  let seq = 0;
  const began = performance.now();
  for (let tick = 0; tick < seconds * 10; tick += 1) {
    const lines = Array.from({ length: 100 }, () => {
      seq += 1;
      const time = `${new Date().toISOString().slice(0, -1)}${String(seq % 1_000_000).padStart(6, '0')}Z`;
      return JSON.stringify({ ...traffic.next().record, seq, time });
    });
    const resource = { 'service.name': 'live' };
    const header = { sillok: 1, producer, boot: 'b', resource, encoding: 'flat' };
    await post(gzipSync(`${[JSON.stringify(header), ...lines].join('\n')}\n`, { level: 1 }));
    if (tick % 10 === 9) await onSecond(tick / 10);
    const ahead = began + (tick + 1) * 100 - performance.now();
    if (ahead > 0) await pause(ahead);
  }
  return { sent: seq, seconds: (performance.now() - began) / 1000 };
}

export async function follow(page, { url, seconds, post }) {
  await page.goto(`${url}/live`);
  const devtools = await page.context().newCDPSession(page);
  const heaps = [];
  const every = Math.max(2, Math.floor(seconds / 12));
  const measure = async (second) => {
    if (Math.floor(second) % every !== every - 1) return;
    await devtools.send('HeapProfiler.collectGarbage');
    heaps.push((await devtools.send('Runtime.getHeapUsage')).usedSize / 2 ** 20);
  };
  const fed = await feed({ seconds, post, onSecond: measure });
  const skipped = await page.locator('.banner').allInnerTexts();
  console.log(
    `live: ${fed.sent} records in ${fed.seconds.toFixed(0)} s (${(fed.sent / fed.seconds).toFixed(0)} per second), ` +
      `skipped: ${skipped.join(' ') || 'none'}`,
  );
  console.log(`  heap after a collection, MiB: ${heaps.map((each) => each.toFixed(1)).join(' ')}`);
  // The page fills what it keeps first; growth is what comes after the first third.
  const settled = heaps.slice(Math.floor(heaps.length / 3));
  report('  growth from the first third to the end', settled.at(-1) - settled[0], { limit: 5, unit: 'MiB' });
}
