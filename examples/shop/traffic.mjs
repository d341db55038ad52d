// Twenty customers who walk about in the shop, and an old client that speaks B3. They come as browsers do: with cookies,
// through redirects, and with the headers that the browser SDK would send.
import { randomBytes, randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';

const NAMES = [
  '한결',
  'Minji',
  '바다🐳🌊🐚',
  'Sora',
  '별이🚀🌙✨',
  'Jiho',
  '두부',
  'Arin',
  '🌸봄날🌸',
  'Kim',
  '달팽이',
  'Yuna🎀🎀🎀',
  'Hoon',
  'Nari',
];
const VERSIONS = ['3.1.4', '3.2.0'];
const PROVIDERS = ['dalbit', 'haneul'];
const ITEMS = ['tea', 'cup', 'kettle'];
const STEP_MS = 2500;

export function startTraffic(shop, { customers = 20, stepMs = STEP_MS } = {}) {
  const ending = new AbortController();
  const { signal } = ending;
  setMaxListeners(customers + 1, signal);
  const people = Array.from({ length: customers }, (_, index) =>
    walk(createCustomer(index, shop), { signal, stepMs }),
  );
  const all = [...people, oldClient(shop, { signal, stepMs })];
  return {
    async stop() {
      ending.abort();
      await Promise.all(all);
    },
  };
}

export function createCustomer(index, shop, choices = {}) {
  const version = choices.version ?? VERSIONS[Math.floor(index / 2) % VERSIONS.length];
  const inApp = choices.inApp ?? index % 7 === 6;
  return {
    shop,
    subject: choices.subject ?? `person-${index}`,
    nickname: choices.nickname ?? NAMES[index % NAMES.length],
    provider: choices.provider ?? PROVIDERS[index % PROVIDERS.length],
    version,
    inApp,
    agent: `Mozilla/5.0 (demo) Shop/${version}${inApp ? ' InApp/1.0' : ''}`,
    cookies: new Map(),
    scenario: randomBytes(16).toString('hex'),
    stories: new Set(),
  };
}

async function walk(customer, { signal, stepMs }) {
  const wait = () => pause(stepMs * (0.5 + Math.random()), undefined, { signal });
  try {
    for (;;) {
      customer.scenario = randomBytes(16).toString('hex');
      await visit(customer, wait).catch((error) => signal.aborted && Promise.reject(error));
      await wait();
    }
  } catch {
    // The shop closes.
  }
}

async function visit(customer, wait) {
  await get(customer, '/');
  await readStories(customer);
  await wait();
  if (!(await signIn(customer))) return;
  await wait();
  await get(customer, '/api/stock');
  for (let orders = 1 + Math.floor(Math.random() * 2); orders > 0; orders -= 1) {
    await order(customer, ITEMS[Math.floor(Math.random() * ITEMS.length)]);
    await wait();
  }
  await listOrders(customer);
  await wait();
  await post(customer, '/api/logout', {});
}

export async function readStories(customer) {
  const stories = await (await get(customer, '/stories')).json();
  customer.stories = new Set(stories.filter(({ on }) => on).map(({ name }) => name));
}

/** There and back, and the display name confirmed. True when it worked. */
export async function signIn(customer) {
  const { shop, provider, subject, nickname, stories } = customer;
  const there = await get(customer, `/login/${provider}?origin=${shop.url}`);
  const asked = new URL(there.headers.get('location'));
  const back = { state: asked.searchParams.get('state'), back: asked.searchParams.get('redirect_uri') };
  const query = new URLSearchParams({ ...back, provider, subject, nickname });
  const allowed = await fetch(`${shop.providerUrl}/allow?${query}`, { redirect: 'manual' });
  // The fault of the story: what opens the way back is another browser, which never had the cookie.
  if (customer.inApp && stories.has('in-app-browser')) customer.cookies.clear();
  const returned = await get(customer, new URL(allowed.headers.get('location')));
  if (returned.status >= 400) return false;
  const profile = await (await get(customer, '/api/join')).json();
  const answer = await post(customer, '/api/join', {
    displayName: displayName(customer, profile.displayName),
  });
  return answer.ok;
}

/** As page/shop.js does it. */
function displayName({ stories, version, provider }, name) {
  if (!stories.has('social-login') || version < '3.2.0' || provider !== 'dalbit') return name;
  return name.replace(
    /\p{Extended_Pictographic}/gu,
    (emoji) => `&#x${emoji.codePointAt(0).toString(16).toUpperCase()};`,
  );
}

export async function order(customer, item) {
  const make = () =>
    send(customer, '/api/orders', {
      method: 'POST',
      body: JSON.stringify({ item, quantity: 1 }),
      headers: { 'idempotency-key': randomUUID() },
    });
  if (!customer.stories.has('double-submit')) return make();
  const [first] = await Promise.all([make(), make()]);
  return first;
}

export const listOrders = (customer) => get(customer, '/api/orders');

const get = (customer, path) => send(customer, path, { method: 'GET' });
const post = (customer, path, body) => send(customer, path, { method: 'POST', body: JSON.stringify(body) });

async function send(customer, path, options) {
  const { shop, cookies, version, agent, scenario } = customer;
  const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  const response = await fetch(new URL(path, shop.url), {
    ...options,
    redirect: 'manual',
    signal: AbortSignal.timeout(15_000),
    headers: {
      'content-type': 'application/json',
      'user-agent': agent,
      traceparent: `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`,
      baggage: `sillok.global_trace_id=${scenario}`,
      'x-client-version': version,
      ...(cookie === '' ? {} : { cookie }),
      ...options.headers,
    },
  });
  for (const line of response.headers.getSetCookie()) {
    const [name, value] = line.split(';')[0].split('=');
    cookies.set(name, value);
  }
  return response;
}

/** It asks for the stock every few seconds, in the dialect of ten years ago. */
async function oldClient(shop, { signal, stepMs }) {
  try {
    for (;;) {
      const headers = {
        'x-b3-traceid': randomBytes(8).toString('hex'),
        'x-b3-spanid': randomBytes(8).toString('hex'),
        'x-b3-sampled': '1',
      };
      await fetch(`${shop.url}/api/stock`, {
        headers: { ...headers, 'user-agent': 'stock-terminal/0.3' },
      }).catch(() => undefined);
      await pause(stepMs * 2, undefined, { signal });
    }
  } catch {
    // The shop closes.
  }
}
