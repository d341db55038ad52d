// The gateway: the page, and the way to the services. It listens twice, as two instances behind the proxy would.
import express from 'express';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { browserHandover, identify } from '@sillok/node';
import { call, createService, listen } from '../lib/service.mjs';
import { beginVisit, followSession, recallScenario } from '../lib/visits.mjs';
import { isOn, listStories, STORIES, switchStory } from '../lib/stories.mjs';

const { LOGIN_URL, ORDERS_URL, STOCK_URL } = process.env;
const page = join(dirname(fileURLToPath(import.meta.url)), '..', 'page');
const { app, log } = createService('gateway', '2.3.1', {
  identity: { session: { cookie: 'shop_session' } },
  before: [recallScenario],
});

app.get('/health', (_request, response) => response.send('ok'));
app.use(beginVisit);

// The page goes on with the trace of the request that brought it, and knows where to send its records.
const html = readFileSync(join(page, 'index.html'), 'utf8');
app.get('/', (_request, response) => {
  const { meta } = browserHandover();
  const config = JSON.stringify({ url: process.env.SILLOK_URL, key: process.env.SILLOK_BROWSER_KEY });
  response.set('cache-control', 'no-store');
  response.type('html').send(html.replace('<head>', `<head>${meta}<meta name="shop" content='${config}'>`));
});
app.use(express.static(page, { index: false }));

app.get('/stories', (_request, response) => response.json(listStories()));
app.post('/stories/:name/:state', (request, response) => {
  const { name, state } = request.params;
  if (!(name in STORIES) || !['on', 'off'].includes(state))
    return response.status(404).json({ error: 'no_such_story' });
  switchStory(name, state === 'on');
  log.info({ story: { name, on: state === 'on' } }, 'a story is switched');
  response.json({ name, on: state === 'on' });
});

// Sign-in is a walk through the browser: its answers and cookies go through as they are.
app.use(['/login', '/api/join', '/api/me', '/api/logout'], (request, response, next) => {
  pass(LOGIN_URL, request, response).catch(next);
});

app.use(['/api/orders'], async (request, response, next) => {
  try {
    const member = await call(`${LOGIN_URL}/api/me`, { headers: { cookie: request.headers.cookie ?? '' } });
    if (member.id === null) return response.status(401).json({ error: 'not_signed_in' });
    identify({ user: member.account });
    if (isOn('busy-gateway') && isFirst(request, 'idempotency-key'))
      return response.status(503).json({ error: 'busy' });
    const { status, answer } = await order(request, member.id);
    // The fault of the story: all is done, and nobody is told. The proxy then asks the second instance.
    if (isOn('retrying-proxy') && isFirst(request, 'x-request-id')) {
      log.warn('the connection broke off before the answer');
      return request.socket.destroy();
    }
    response.status(status).json(answer);
  } catch (error) {
    next(error);
  }
});

app.get('/api/stock', (_request, response, next) => {
  call(`${STOCK_URL}/stock`).then((stock) => response.json(stock), next);
});

const seen = new Set();

/** Whether a POST with this value in that header has not been here before. */
function isFirst(request, header) {
  const value = request.headers[header];
  if (request.method !== 'POST' || value === undefined || seen.has(value)) return false;
  seen.add(value);
  return true;
}

async function order(request, memberId) {
  const key = request.headers['idempotency-key'];
  const headers = { 'x-member': String(memberId), ...(key === undefined ? {} : { 'idempotency-key': key }) };
  if (request.method === 'GET')
    return { status: 200, answer: await call(`${ORDERS_URL}/orders`, { headers }) };
  return { status: 201, answer: await call(`${ORDERS_URL}/orders`, { headers, body: request.body }) };
}

async function pass(target, request, response) {
  const kept = ['cookie', 'user-agent', 'content-type'].flatMap((name) =>
    request.headers[name] === undefined ? [] : [[name, request.headers[name]]],
  );
  const answer = await fetch(`${target}${request.originalUrl}`, {
    method: request.method,
    headers: Object.fromEntries(kept),
    ...(request.method === 'GET' ? {} : { body: JSON.stringify(request.body ?? {}) }),
    redirect: 'manual',
  });
  response.status(answer.status);
  for (const name of ['location', 'content-type']) {
    const value = answer.headers.get(name);
    if (value !== null) response.set(name, value);
  }
  followSession(answer.headers.getSetCookie());
  for (const cookie of answer.headers.getSetCookie()) response.append('set-cookie', cookie);
  response.send(Buffer.from(await answer.arrayBuffer()));
}

await listen(app, log, 2);
