// The page of the shop. Which client it is decides how it sends display names: the fault of the first story is here.
const asked = new URLSearchParams(location.search);
if (asked.has('client')) sessionStorage.setItem('client', asked.get('client'));
const CLIENT_VERSION = sessionStorage.getItem('client') ?? '3.2.0';

// Records of this page, if there is a Sillok to send them to. Customers here have agreed; `?consent=no` is one who has not.
const { url, key } = JSON.parse(document.querySelector('meta[name=shop]').content);
const sillok =
  key &&
  (await import(`${url}/v1/browser/sdk/sillok-browser.js`).then(
    ({ init }) =>
      init({
        url,
        key,
        app: 'shop-page',
        release: CLIENT_VERSION,
        environment: 'demo',
        consent: !location.search.includes('consent=no'),
        console: ['error'],
      }),
    () => undefined,
  ));

const TRIES_MAX = 3;
const $ = (id) => document.getElementById(id);
const say = (text) => ($('message').textContent = text);
const stories = new Set();
let provider = '';

async function api(path, options = {}) {
  const { body, ...rest } = options;
  const response = await fetch(path, {
    ...rest,
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    headers: {
      'content-type': 'application/json',
      'x-client-version': CLIENT_VERSION,
      ...options.headers,
    },
  });
  const answer = await response.json();
  if (response.ok) return answer;
  throw Object.assign(new Error(answer.error ?? 'failed'), {
    status: response.status,
    supportCode: answer.supportCode,
  });
}

// Since 3.2.0, for Dalbit: so that an old printer of parcel labels can show them.
function displayName(name) {
  if (!stories.has('social-login') || CLIENT_VERSION < '3.2.0' || provider !== 'dalbit') return name;
  return name.replace(
    /\p{Extended_Pictographic}/gu,
    (emoji) => `&#x${emoji.codePointAt(0).toString(16).toUpperCase()};`,
  );
}

async function join() {
  try {
    await api('/api/join', { body: { displayName: displayName($('display-name').value) } });
    history.replaceState(null, '', '/');
    await show();
  } catch (error) {
    say(`Sign-in failed. Please tell us this code: ${error.supportCode}`);
  }
}

async function order() {
  try {
    const { id, amount } = await sendOrder(crypto.randomUUID());
    say(`Order ${id}: ${amount} won`);
  } catch {
    say('The order could not be made.');
  }
}

/** A shop that is busy is asked again, with the same key, so that it makes one order of it. */
async function sendOrder(key) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await api('/api/orders', {
        body: { item: $('item').value, quantity: 1 },
        headers: { 'idempotency-key': key },
      });
    } catch (error) {
      if (error.status !== 503 || attempt === TRIES_MAX) throw error;
    }
  }
}

async function list() {
  const rows = await api('/api/orders');
  $('orders').replaceChildren(
    ...rows.map(({ id, item, amount }) =>
      Object.assign(document.createElement('li'), { textContent: `${id} ${item} ${amount}` }),
    ),
  );
}

function renderCart() {
  console.error('cart: rendered with a state that changes at each render');
  if (stories.has('render-loop')) setTimeout(renderCart, 0);
}

async function show() {
  const answer = await api('/api/me');
  const me = answer.id === null ? undefined : answer;
  const waiting = me === undefined && new URLSearchParams(location.search).get('login') === 'join';
  $('guest').hidden = me !== undefined || waiting;
  $('join').hidden = !waiting;
  $('member').hidden = me === undefined;
  if (me !== undefined) {
    $('name').textContent = me.displayName;
    sillok?.identify(me.ids);
  }
  if (!waiting) return;
  const profile = await api('/api/join');
  provider = profile.provider;
  $('display-name').value = profile.displayName;
}

async function showStories() {
  const all = await api('/stories');
  for (const { name, on } of all) if (on) stories.add(name);
  $('stories').replaceChildren(
    ...all.map(({ name, what, on }) => {
      const box = Object.assign(document.createElement('input'), { type: 'checkbox', checked: on });
      box.addEventListener('change', () =>
        api(`/stories/${name}/${box.checked ? 'on' : 'off'}`, { method: 'POST' }).then(() =>
          location.reload(),
        ),
      );
      const label = document.createElement('label');
      label.append(box, ` ${name}: ${what}`);
      const item = document.createElement('li');
      item.append(label);
      return item;
    }),
  );
}

for (const name of ['dalbit', 'haneul'])
  $(`sign-in-${name}`).addEventListener(
    'click',
    () => (location.href = `/login/${name}?origin=${location.origin}`),
  );
$('join-button').addEventListener('click', join);
$('order').addEventListener('click', order);
$('list').addEventListener('click', list);
$('sign-out').addEventListener('click', () => api('/api/logout', { method: 'POST' }).then(show));

await showStories();
// The fault of the story: whoever wired the page up forgot that it was wired up already.
if (stories.has('double-submit')) $('order').addEventListener('click', () => order());
if (stories.has('render-loop')) renderCart();
await show();
document.body.dataset.ready = 'yes';
