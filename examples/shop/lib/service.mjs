// What the shop's HTTP services have in common: a logger, a port, and calls to each other.
import { once } from 'node:events';
import express from 'express';
import { sillok } from '@sillok/node';
import { sillokExpress, sillokExpressErrors } from '@sillok/node/express';
import { instrumentOutgoing } from '@sillok/node/outgoing';
import { stopWith } from './stopping.mjs';

/** An Express app that logs to Sillok, and the logger. Calls of `fetch` continue the trace by themselves. */
export function createService(service, version, { before = [], ...options } = {}) {
  const log = sillok({ service, version, environment: 'demo', stdout: 'none', ...options });
  instrumentOutgoing();
  const app = express();
  app.disable('x-powered-by');
  for (const each of before) app.use(each);
  app.use(sillokExpress({ supportCode: true }));
  app.use(express.json());
  // As so many do: it answers as long as the process does, whatever else is broken.
  app.get('/health', (_request, response) => response.json({ ok: true }));
  return { app, log };
}

/** Listens on as many free ports as are asked for, and tells the runner which they are. */
export async function listen(app, log, count = 1) {
  app.use(sillokExpressErrors());
  // Express tells a handler of errors by its four parameters.
  // oxlint-disable-next-line max-params
  app.use((error, _request, response, _next) => {
    if (!response.headersSent) response.status(error.status ?? 500).json({ error: error.code ?? 'failed' });
  });
  const servers = Array.from({ length: count }, () => app.listen(0, '127.0.0.1'));
  stopWith(async () => {
    for (const server of servers) {
      server.close();
      server.closeAllConnections();
    }
    await log.close();
  });
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => server.address().port);
  process.send?.({ ready: true, ports });
  return ports;
}

/** A call to another service, in the same trace. An answer that is no success is an error with its status. */
export async function call(url, options = {}) {
  const { body, headers, ...rest } = options;
  const response = await fetch(url, {
    ...rest,
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    headers: { 'content-type': 'application/json', ...headers },
    signal: AbortSignal.timeout(10_000),
  });
  const text = await response.text();
  const answer = text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : { text };
  if (response.ok) return answer;
  throw Object.assign(new Error(`${new URL(url).pathname} answers ${response.status}`), {
    status: response.status,
    code: answer.error,
  });
}
