/** What `bench/console.mjs` does in the page: searches, scrolling, following; and the numbers that it prints. */
import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';

import { createTraffic } from '../realistic-lines.mjs';
import { traced } from './frames.mjs';

/** As the console draws them. */
const ROW_PX = 28;
const FRAME_MS_MAX = 50;

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

/**
 * Runs in the page: every frame's length while what `place` names moves by `step` pixels a frame until it stands at its end,
 * which is no end before it is `height` pixels high.
 */
function scrollTo([place, height, step]) {
  const list = document.querySelector(place);
  const frames = [];
  let last = performance.now();
  let still = 0;
  return new Promise((resolve) => {
    const frame = (now) => {
      frames.push(now - last);
      last = now;
      const before = list.scrollTop;
      list.scrollTop += step;
      const isAtEnd = step > 0 ? list.scrollHeight >= height * 0.99 : true;
      still = list.scrollTop === before && isAtEnd ? still + 1 : 0;
      if (still > 5) resolve(frames.slice(1));
      else requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  });
}

function reportFrames(name, frames) {
  const long = frames.filter((ms) => ms > FRAME_MS_MAX).length;
  console.log(`${name}: ${frames.length} frames, ${long} over ${FRAME_MS_MAX} ms`);
  report('  p99 of frames', quantile(frames, 0.99), {});
  report('  longest frame', Math.max(...frames), { limit: FRAME_MS_MAX });
}

/** By the clock; with `cpu` by the processor's time of the page's main thread as well, which other work does not lengthen. */
async function scrollWays(page, { place, rows, name, ways, cpu }) {
  for (const [way, step] of ways) {
    const scroll = () => page.evaluate(scrollTo, [place, rows * ROW_PX, step]);
    if (!cpu) {
      reportFrames(`${name} ${way}`, await scroll());
      continue;
    }
    const { result, frames, collections, longest } = await traced(page, scroll);
    reportFrames(`${name} ${way}, by the clock`, result);
    reportFrames(`${name} ${way}, by processor time`, frames);
    console.log(`  longest tasks: ${longest.join(', ')}`);
    console.log(`  collections of garbage: ${collections}`);
  }
}

export async function scrollBothWays(page, { url, rows, cpu }) {
  await page.goto(`${url}/search?from=-24h`);
  await page.locator('.row').first().waitFor();
  const ways = [
    ['down, loading', ROW_PX * 40],
    ['up', -ROW_PX * 100],
    ['down again', ROW_PX * 100],
  ];
  await scrollWays(page, { place: '.list', rows, name: `${rows} rows`, ways, cpu });
  await comeBack(page);
}

/** From a record at the end of the list to its trace and back: the list stands where it was, without a call. */
async function comeBack(page) {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('HeapProfiler.collectGarbage');
  const { usedSize } = await devtools.send('Runtime.getHeapUsage');
  report('  heap of the page with all of it', usedSize / 2 ** 20, { unit: 'MiB' });
  const where = () => page.locator('.list').evaluate((list) => list.scrollTop);
  const link = page.locator('.detail').getByRole('link', { name: 'Trace' });
  const records = page.locator('.list .row');
  for (let index = (await records.count()) - 1; index >= 0 && (await link.count()) === 0; index -= 1) {
    await records.nth(index).click();
    await page.locator('.detail').waitFor();
  }
  const [before, shown] = [await where(), await page.locator('.result-head strong').innerText()];
  await link.click();
  await page.locator('.wrow').first().waitFor({ timeout: 60_000 });
  const began = performance.now();
  await page.goBack();
  await page.getByText(shown).waitFor();
  await records.first().waitFor();
  report('  back from a trace to the rows', performance.now() - began, {});
  const moved = Math.abs((await where()) - before);
  report('  moved meanwhile', moved, { limit: 0, unit: 'px' });
}

/** A trace of `spans` calls in ten services, each calling up to ten others; every hundredth failed. */
async function sendTrace({ spans, post }) {
  const traceId = randomBytes(16).toString('hex');
  const startMs = Date.now() - 60_000;
  const spanId = (index) => (index + 1).toString(16).padStart(16, '0');
  const timeOf = (index) => new Date(startMs + index).toISOString().replace('Z', '000000Z');
  const lines = Array.from({ length: spans }, (_, index) =>
    JSON.stringify({
      ...{ seq: index + 1, time: timeOf(index), kind: 'span', level: index % 100 === 99 ? 'error' : 'info' },
      ...{ message: `SELECT step_${index}`, trace_id: traceId, span_id: spanId(index) },
      ...(index === 0 ? {} : { parent_span_id: spanId(Math.floor((index - 1) / 10)) }),
      'span.kind': 'client',
      'span.start_time': timeOf(index),
      duration_ms: 5 + (index % 50),
      ...(index % 3 === 0
        ? {
            'db.system.name': 'postgresql',
            'db.query.text': `SELECT * FROM orders WHERE id = $1 /* ${index} */`,
          }
        : {}),
    }),
  );
  for (let service = 0; service < 10; service += 1) {
    const resource = { 'service.name': `service-${service}` };
    const header = {
      sillok: 1,
      producer: `${traceId.slice(0, 8)}-${service}`,
      boot: 'b',
      resource,
      encoding: 'flat',
    };
    const own = lines
      .filter((_, index) => index % 10 === service)
      .map((line, index) => JSON.stringify({ ...JSON.parse(line), seq: index + 1 }));
    await post(gzipSync(`${[JSON.stringify(header), ...own].join('\n')}\n`, { level: 1 }));
  }
  return traceId;
}

export async function scrollWaterfall(page, { url, spans, post, visible, cpu }) {
  const traceId = await sendTrace({ spans, post });
  await visible();
  const began = performance.now();
  await page.goto(`${url}/trace/${traceId}`);
  await page.locator('.wrow').first().waitFor({ timeout: 60_000 });
  report(`a trace of ${spans} calls: from its address to its rows`, performance.now() - began, {});
  const ways = [
    ['down', ROW_PX * 10],
    ['up', -ROW_PX * 40],
    ['down again', ROW_PX * 40],
  ];
  await scrollWays(page, {
    place: '.waterfall',
    rows: spans,
    name: `waterfall of ${spans} calls`,
    ways,
    cpu,
  });
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
