/**
 * A real HAProxy and a real nginx between a client and a Node server, with nothing but the PROXY protocol to carry the trace: by a
 * TLV in version 2, by the pair of address and port in version 1, which has no place for it.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withTrace } from '@sillok/node';
import { sillokHttp } from '@sillok/node/http';
import { acceptProxyProtocol, connectWithProxyHeader } from '@sillok/node/proxy-protocol';
import { createTestLog } from '@sillok/node/test';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { command, Program } from '../lib/programs.js';
import { freePort, until } from '../lib/server.js';

const haproxy = command('haproxy');
const nginx = command('nginx');
const STREAM = '/usr/lib/nginx/modules/ngx_stream_module.so';
const TRACE = 'a'.repeat(32);
const TRACEPARENT = `00-${TRACE}-${'b'.repeat(16)}-01`;

const { log, logged, clear } = createTestLog();
let folder: string;
let server: Server;
let port: number;
let program: Program | undefined;
let seen: IncomingMessage['headers'][] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sillok-proxies-'));
  const handler = sillokHttp(
    (call, response) => {
      seen.push(call.headers);
      response.end('ok');
    },
    { log },
  );
  server = acceptProxyProtocol(createServer(handler), { log });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port; // it listens
});
beforeEach(() => {
  clear();
  seen = [];
});
afterEach(() => program?.stop());
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

async function startHaproxy(sections: string): Promise<Program> {
  const file = join(folder, 'haproxy.cfg');
  const common = 'defaults\n  timeout connect 5s\n  timeout client 5s\n  timeout server 5s\n  log global\n';
  writeFileSync(file, `global\n  log stdout format raw local0\n${common}${sections}\n`);
  program = new Program(haproxy ?? '', ['-f', file, '-db']);
  return program;
}

interface Call {
  readonly to: number;
  /** By a connection that begins with a header of ours; `id`: with the trace as unique id, too. */
  readonly proxied?: boolean | 'id';
  readonly headers?: Record<string, string>;
}

/** Answers with the client's own end of the connection, as the proxy sees it. */
async function call({ to, proxied = false, headers = {} }: Call): Promise<string> {
  const target = { port: to, host: '127.0.0.1' };
  const socket =
    proxied !== false ? await connectWithProxyHeader(target, { asUniqueId: proxied === 'id' }) : undefined;
  const how = socket === undefined ? target : { createConnection: (): Socket => socket };
  return new Promise((resolve, reject) => {
    const sent = request(
      { ...how, path: '/x', headers: { host: 'shop', connection: 'close', ...headers } },
      (response) => {
        const pair = `${sent.socket?.localAddress}:${sent.socket?.localPort}`;
        response
          .resume()
          .on('close', () => (response.statusCode === 200 ? resolve(pair) : reject(new Error('not 200'))));
      },
    );
    sent.on('error', reject);
    sent.end();
  });
}

async function answering(to: number, proxied: boolean | 'id' = false): Promise<void> {
  await until('the proxy answers', 20_000, async () => (await call({ to, proxied }).catch(() => '')) !== '');
  clear();
  seen = [];
}

describe.skipIf(haproxy === undefined)('HAProxy (needs Debian’s haproxy)', () => {
  test('version 2: the trace of an HTTP request goes over in the unique id', async () => {
    const front = await freePort();
    await startHaproxy(`frontend f
  mode http
  bind 127.0.0.1:${front}
  http-request set-var(txn.traceparent) req.hdr(traceparent)
  http-request del-header traceparent
  unique-id-format %[var(txn.traceparent)]
  default_backend b
backend b
  mode http
  server s 127.0.0.1:${port} send-proxy-v2 proxy-v2-options unique-id`);
    await answering(front);
    const pair = await call({ to: front, headers: { traceparent: TRACEPARENT } });
    const access = await logged({ kind: 'access' });
    expect(seen[0]?.['traceparent']).toBeUndefined();
    expect(access).toMatchObject({ trace_id: TRACE, attributes: { proxy: { protocol: 'v2' } } });
    const { client } = access.attributes;
    expect(pair).toBe(`${Reflect.get(Object(client), 'address')}:${Reflect.get(Object(client), 'port')}`);
  });

  test('version 2: a TCP connection with our header goes through, and keeps trace and addresses', async () => {
    const front = await freePort();
    await startHaproxy(`frontend f
  mode tcp
  bind 127.0.0.1:${front} accept-proxy
  unique-id-format %[fc_pp_unique_id]
  default_backend b
backend b
  mode tcp
  server s 127.0.0.1:${port} send-proxy-v2 proxy-v2-options unique-id`);
    await answering(front, 'id');
    const pair = await withTrace({ traceparent: TRACEPARENT }, () => call({ to: front, proxied: 'id' }));
    const access = await logged({ kind: 'access' });
    expect(access.trace_id).toBe(TRACE);
    expect(access.attributes).toMatchObject({ client: { port: Number(pair.split(':').at(-1)) } });
  });

  test('version 1: the access record joins HAProxy’s line by the client’s address and port', async () => {
    const front = await freePort();
    const running = await startHaproxy(`frontend f
  mode http
  bind 127.0.0.1:${front}
  unique-id-format %[req.hdr(traceparent)]
  log-format "joined=%ci:%cp trace=%ID attempts=%rc"
  default_backend b
backend b
  mode http
  server s 127.0.0.1:${port} send-proxy`);
    await answering(front);
    await call({ to: front, headers: { traceparent: TRACEPARENT } });
    const access = await logged({ kind: 'access' });
    const { address, port: clientPort } = Object(access.attributes['client']);
    const line = await running.printed(new RegExp(`joined=${address}:${clientPort} trace=(\\S+)`));
    expect([access.attributes['proxy'], line[1]]).toEqual([{ protocol: 'v1' }, TRACEPARENT]);
  });
});

describe.skipIf(nginx === undefined || !existsSync(STREAM))('nginx (needs libnginx-mod-stream)', () => {
  async function startNginx(listen: string): Promise<number> {
    const front = await freePort();
    const file = join(folder, 'nginx.conf');
    writeFileSync(
      file,
      `load_module ${STREAM};
daemon off; pid ${folder}/nginx.pid; error_log ${folder}/error.log; worker_processes 1;
events { worker_connections 64; }
stream {
  log_format joined 'joined=$proxy_protocol_addr:$proxy_protocol_port from=$remote_addr:$remote_port';
  access_log ${folder}/stream.log joined;
  server { listen 127.0.0.1:${front}${listen}; proxy_pass 127.0.0.1:${port}; proxy_protocol on; }
}
`,
    );
    program = new Program(nginx ?? '', ['-c', file, '-p', folder]);
    return front;
  }

  test('version 2 in, version 1 out: the address pair of our header reaches the server and nginx’s log', async () => {
    const front = await startNginx(' proxy_protocol');
    await answering(front, true);
    const pair = await withTrace({ traceparent: TRACEPARENT }, () => {
      log.info('sent');
      return call({ to: front, proxied: true });
    });
    const access = await logged({ kind: 'access' });
    const { address, port: clientPort } = Object(access.attributes['client']);
    expect([`${address}:${clientPort}`, access.attributes['proxy']]).toEqual([pair, { protocol: 'v1' }]);
    await until('nginx has logged it', 10_000, async () =>
      readFileSync(join(folder, 'stream.log'), 'utf8').includes(`joined=${pair}`),
    );
  });

  test('version 1 out: an HTTP request through it keeps its own traceparent, and joins by the pair', async () => {
    const front = await startNginx('');
    await answering(front);
    const pair = await call({ to: front, headers: { traceparent: TRACEPARENT } });
    const access = await logged({ kind: 'access' });
    expect(access).toMatchObject({
      trace_id: TRACE,
      attributes: { client: { port: Number(pair.split(':').at(-1)) } },
    });
    await until('nginx has logged it', 10_000, async () =>
      readFileSync(join(folder, 'stream.log'), 'utf8').includes(`from=${pair}`),
    );
  });
});
