/**
 * Services with copies beside them, behind a real nginx that obeys rules, and a page with the browser SDK. Their records go to
 * the server as those of any service do.
 *
 *     page → nginx → gateway → nginx → orders | orders fix-42 → nginx → payments | payments fix-9
 */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { outgoingHeaders, sillok, type Logger } from '@sillok/node';
import { sillokHttp } from '@sillok/node/http';
import { bundle } from '../../packages/browser/bundle.mjs';
import { startProxy } from './nginx-proxy.js';
import { runCli, type Program } from './programs.js';
import { freePort, type TestServer } from './server.js';

export const COPIES = { orders: 'fix-42', payments: 'fix-9' } as const;

interface Service {
  readonly name: string;
  readonly version: string;
  readonly log: Logger;
  readonly http: Server;
}

export class RoutedServices {
  readonly #server: TestServer;
  readonly #folder = mkdtempSync(join(tmpdir(), 'sillok-routed-'));
  readonly #services: Service[] = [];
  readonly #scripts = new Map<string, string>();
  readonly #pages: Server;
  #browserKey = '';
  #port = 0;
  #nginx: Program | undefined;

  constructor(server: TestServer) {
    this.#server = server;
    this.#pages = createServer((request, response) => this.#page(request, response));
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async start(): Promise<void> {
    const server = this.#server;
    this.#port = await freePort();
    const wanted = { name: 'web', scopes: ['browser'], origins: [this.url] };
    const json = { 'content-type': 'application/json' };
    const made = await server.post('/api/keys', JSON.stringify(wanted), json);
    this.#browserKey = String(Object((await made.json()) as unknown).key);
    for (const { fileName, code } of await bundle()) this.#scripts.set(`/web/${fileName}`, code);
    await listen(this.#pages);
    await this.#service('gateway', '1.0.0', 'orders');
    await this.#service('orders', '1.0.0', 'payments');
    await this.#service('orders', COPIES.orders, 'payments');
    await this.#service('payments', '1.0.0', undefined);
    await this.#service('payments', COPIES.payments, undefined);
    const keys = join(server.dataDirectory, 'identity', 'keys.json');
    const copies = Object.entries(COPIES).map(([name, version]) => {
      return `${name}=${version}@${this.addressOf(name, version)}`;
    });
    const usual = Object.keys(COPIES).map((name) => `${name}@${this.addressOf(name, '1.0.0')}`);
    const asked = ['route', 'write', '--for', 'nginx', '--dir', dirname(keys)];
    const written = await runCli(server, [...asked, '--copy', ...copies, '--default', ...usual]);
    if (written.code !== 0) throw new Error(written.output);
    this.#nginx = await startProxy({
      folder: this.#folder,
      port: this.#port,
      http: written.output,
      locations: `location /web/ { proxy_pass http://127.0.0.1:${portOf(this.#pages)}; }
    location /orders { proxy_pass http://$sillok_to_orders; }
    location /payments { proxy_pass http://$sillok_to_payments; }
    location / { proxy_pass http://${this.addressOf('gateway', '1.0.0')}; }`,
    });
  }

  addressOf(name: string, version: string): string {
    const found = this.#services.find((each) => each.name === name && each.version === version);
    if (found === undefined) throw new Error(`there is no ${name} ${version}`);
    return `127.0.0.1:${portOf(found.http)}`;
  }

  async stop(): Promise<void> {
    await this.#nginx?.stop();
    for (const { http, log } of this.#services) {
      await close(http);
      await log.close();
    }
    await close(this.#pages);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** It answers with its name and version, and those of whoever it asked. */
  async #service(name: string, version: string, next: string | undefined): Promise<void> {
    const { url, key, dataDirectory } = this.#server;
    const identity = { keys: join(dataDirectory, 'identity', 'keys.json') };
    const spoolDirectory = join(this.#folder, `spool-${name}-${version}`);
    const log = sillok({ service: name, version, url, key, identity, spoolDirectory, stdout: 'none' });
    const handler = async (_request: unknown, response: ServerResponse): Promise<void> => {
      const me = `${name} ${version}`;
      if (next === undefined) return void response.end(me);
      const headers = outgoingHeaders({ host: '127.0.0.1' }, log.runtime.propagation);
      const answer = await (await fetch(`${this.url}/${next}`, { headers })).text();
      response.end(`${me} > ${answer}`);
    };
    const http = createServer(sillokHttp(handler, { log }));
    await listen(http);
    this.#services.push({ name, version, log, http });
  }

  #page(request: IncomingMessage, response: ServerResponse): void {
    const script = this.#scripts.get(request.url ?? '');
    if (script !== undefined) {
      response.writeHead(200, { 'content-type': 'text/javascript' }).end(script);
      return;
    }
    const options = { url: this.#server.url, key: this.#browserKey, app: 'web', release: '3.1.0' };
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
      .end(`<!doctype html><meta charset="utf-8"><title>shop</title><button>Order</button><output></output>
<script type="module">
  import { init } from '/web/sillok-browser.js';
  window.sillok = init(${JSON.stringify(options)});
  document.querySelector('button').onclick = async () => {
    document.querySelector('output').textContent = await (await fetch('/api/order')).text();
  };
</script>`);
  }
}

async function listen(http: Server): Promise<void> {
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
}

function portOf(http: Server): number {
  const address = http.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function close(http: Server): Promise<void> {
  http.closeAllConnections();
  await new Promise((resolve) => http.close(resolve));
}
