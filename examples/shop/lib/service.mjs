// What the shop's HTTP services have in common: a logger, a port, and calls to each other.
import express from 'express';
import { outgoingHeaders, sillok } from '@sillok/node';
import { sillokExpress, sillokExpressErrors } from '@sillok/node/express';
import { stopWith } from './stopping.mjs';

/** An Express app that logs to Sillok, and the logger. */
export function createService(service, version = '1.0.0') {
  const log = sillok({ service, version, environment: 'demo', stdout: 'none' });
  const app = express();
  app.disable('x-powered-by');
  app.use(sillokExpress());
  app.use(express.json());
  return { app, log };
}

/** Listens where the runner says, and tells it. */
export function listen(app, log, ports = [Number(process.env.PORT ?? 0)]) {
  app.use(sillokExpressErrors());
  // Express tells a handler of errors by its four parameters.
  // oxlint-disable-next-line max-params
  app.use((error, _request, response, _next) => {
    if (!response.headersSent) response.status(error.status ?? 500).json({ error: error.code ?? 'failed' });
  });
  const servers = ports.map((port) => app.listen(port, '127.0.0.1'));
  servers.at(-1).once('listening', () => process.send?.({ ready: true }));
  stopWith(async () => {
    for (const server of servers) {
      server.close();
      server.closeAllConnections();
    }
    await log.close();
  });
}

/** A call to another service, in the same trace. An answer that is no success is an error with its status. */
export async function call(url, options = {}) {
  const { body, headers, ...rest } = options;
  const response = await fetch(url, {
    ...rest,
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    headers: { 'content-type': 'application/json', ...outgoingHeaders(), ...headers },
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
