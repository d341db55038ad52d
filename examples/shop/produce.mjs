// Makes requests and messages arrive more than once, in every way there is, and says which way it was. What is said here stands
// in no record: it is the truth that a verdict is compared with.
//
//   node examples/shop/produce.mjs edge_retry 20        beside a running Sillok (SILLOK_URL, SILLOK_KEY)
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { command } from './lib/programs.mjs';
import { startShop } from './shop.mjs';
import { createCustomer, order, readStories, signIn } from './traffic.mjs';

/** Each way, and the fault of the shop that makes it. Those in the page need a real browser. */
export const CAUSES = {
  user: { inBrowser: true },
  client_bug: { story: 'double-submit', inBrowser: true },
  client_retry: { story: 'busy-gateway', inBrowser: true },
  edge_retry: { story: 'retrying-proxy' },
  service_retry: { story: 'failing-payments' },
  redelivery: { story: 'redelivered-message' },
};

const ITEMS = ['tea', 'cup', 'kettle'];
const ANSWER_MS_MAX = 20_000;
const DRAIN_POLL_MS = 100;

/**
 * @param {{ cause: string, count: number, browser?: object }} wanted `browser` is one of Playwright, for causes in the page
 * @returns {Promise<{ cause: string, scenario: string, traces: string[], order: number }[]>} one for each case, under a
 *   `global_trace_id` of its own; `traces` are those of the order's requests
 */
export async function produce(shop, { cause, count, browser }) {
  const { story, inBrowser } = CAUSES[cause];
  if (inBrowser && browser === undefined) throw new Error(`${cause} happens in a page: it needs a browser`);
  const cases = [];
  // What waits in the queue from before would get the fault, too.
  await drained(shop);
  if (story !== undefined) await shop.story(story, true);
  try {
    for (let index = 0; index < count; index += 1) {
      const customer = createCustomer(index, shop, {
        subject: `${cause}-${index}`,
        nickname: 'Minji',
        inApp: false,
      });
      await readStories(customer);
      if (!(await signIn(customer))) throw new Error('a customer could not sign in');
      const item = ITEMS[index % ITEMS.length];
      const made = inBrowser
        ? await orderInPage(shop, customer, { browser, cause })
        : await orderByCall(customer, item);
      cases.push({ cause, scenario: customer.scenario, ...made });
    }
    await drained(shop);
  } finally {
    if (story !== undefined) await shop.story(story, false);
  }
  return cases;
}

/** Until the worker is done with every message. */
async function drained(shop) {
  const client = new pg.Client({ connectionString: shop.databaseUrl });
  await client.connect();
  for (let left = 1; left > 0;) {
    const { rows } = await client.query('SELECT count(*) AS waiting FROM messages');
    left = Number(rows[0].waiting);
    if (left > 0) await pause(DRAIN_POLL_MS);
  }
  await client.end();
}

async function orderByCall(customer, item) {
  const response = await order(customer, item);
  const { id } = await response.json();
  return { traces: [response.headers.get('x-trace-id')], order: id };
}

/** The page takes the scenario of the customer's session, as after any redirect. */
async function orderInPage(shop, customer, { browser, cause }) {
  const context = await browser.newContext();
  const [[name, value]] = customer.cookies;
  await context.addCookies([{ name, value, url: shop.url }]);
  const page = await context.newPage();
  try {
    await page.goto(shop.url);
    await page.waitForSelector('body[data-ready]');
    const responses = [];
    const done = new Promise((resolve) => {
      page.on('response', (response) => {
        if (response.request().method() !== 'POST' || !response.url().endsWith('/api/orders')) return;
        if (responses.push(response) === 2) resolve();
      });
    });
    if (cause === 'user') await page.dblclick('#order');
    else await page.click('#order');
    await Promise.race([done, tooLate(`${cause}: two answers`)]);
    const traces = responses.map((response) => response.headers()['x-trace-id']);
    const { id } = await responses.at(-1).json();
    // Leaving sends what the page still has to say.
    await page.goto('about:blank');
    return { traces: [...new Set(traces)], order: id };
  } finally {
    await context.close();
  }
}

function tooLate(what) {
  return new Promise((_resolve, reject) => {
    setTimeout(() => reject(new Error(`not there in ${ANSWER_MS_MAX} ms: ${what}`)), ANSWER_MS_MAX).unref();
  });
}

async function main([cause = 'edge_retry', count = '5']) {
  const { SILLOK_URL: url = 'http://127.0.0.1:4318', SILLOK_KEY: key = '' } = process.env;
  const shop = await startShop({ url, key });
  const { chromium } = await import('playwright-core');
  const executablePath = command('chromium');
  const needsBrowser = CAUSES[cause]?.inBrowser === true;
  const browser = needsBrowser
    ? await chromium.launch({ executablePath, args: ['--no-sandbox'] })
    : undefined;
  try {
    for (const each of await produce(shop, { cause, count: Number(count), browser }))
      process.stdout.write(`${JSON.stringify(each)}\n`);
  } finally {
    await browser?.close();
    await shop.stop();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv.slice(2));
