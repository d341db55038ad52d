// Where there is no nginx: a proxy in Node that tries the second gateway when the first fails, and logs as nginx would.
import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { createServer, request as send } from 'node:http';

const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

export async function startNodeEdge({ port, gateways, log }) {
  const lines = createWriteStream(log, { flags: 'a' });
  let turn = 0;
  const server = createServer(async (request, response) => {
    const hit = beginHit(request);
    const body = await bodyOf(request);
    const first = turn++ % gateways.length;
    for (const offset of gateways.keys()) {
      const gateway = gateways[(first + offset) % gateways.length];
      if (await attempt(hit, { request, response, body, gateway })) break;
    }
    if (!response.headersSent) response.writeHead(502).end();
    lines.write(lineOf(hit, request, response));
  });
  server.listen(port, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const stop = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await new Promise((resolve) => lines.end(resolve));
  };
  return { kind: 'a Node edge', stop };
}

function beginHit(request) {
  const [, trace, parent = '', flags = '01'] = TRACEPARENT.exec(request.headers.traceparent ?? '') ?? [];
  return {
    began: performance.now(),
    trace: trace ?? randomBytes(16).toString('hex'),
    parent,
    flags,
    span: randomBytes(8).toString('hex'),
    requestId: randomBytes(16).toString('hex'),
    attempts: [],
  };
}

async function bodyOf(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** True when the client has its answer. */
function attempt(hit, { request, response, body, gateway }) {
  const began = performance.now();
  const note = (status) =>
    hit.attempts.push({
      address: `127.0.0.1:${gateway}`,
      status,
      seconds: (performance.now() - began) / 1000,
    });
  const headers = {
    ...request.headers,
    traceparent: `00-${hit.trace}-${hit.span}-${hit.flags}`,
    'x-request-id': hit.requestId,
    'x-forwarded-for': request.socket.remoteAddress,
  };
  return new Promise((resolve) => {
    const onward = send({
      host: '127.0.0.1',
      port: gateway,
      path: request.url,
      method: request.method,
      headers,
    });
    onward.once('response', (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
      answer.once('end', () => {
        note(answer.statusCode);
        resolve(true);
      });
    });
    onward.once('error', () => {
      note(502);
      resolve(response.headersSent);
    });
    onward.end(body);
  });
}

function lineOf(hit, request, response) {
  const list = (of) => hit.attempts.map(of).join(', ');
  return `${JSON.stringify({
    msec: (Date.now() / 1000).toFixed(3),
    remote_addr: request.socket.remoteAddress ?? '127.0.0.1',
    request_method: request.method,
    request_uri: request.url,
    host: request.headers.host,
    status: response.statusCode,
    request_time: (performance.now() - hit.began) / 1000,
    http_user_agent: request.headers['user-agent'] ?? '',
    upstream_addr: list(({ address }) => address),
    upstream_status: list(({ status }) => status),
    upstream_response_time: list(({ seconds }) => seconds.toFixed(3)),
    trace_id: hit.trace,
    span_id: hit.span,
    parent_span_id: hit.parent,
    request_id: hit.requestId,
    x_b3_traceid: request.headers['x-b3-traceid'] ?? '',
  })}\n`;
}
