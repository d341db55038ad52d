/** A small web site for tests of the browser SDK: pages with the real bundle in a real Chromium, and what its server heard. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser } from 'playwright-core';
import { bundle, bundleApp } from '../../../packages/browser/bundle.mjs';
import { command } from '../../lib/programs.js';
import type { TestServer } from '../../lib/server.js';

/** Body of a page. */
export function fixture(name: string): string {
  return readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8');
}

export const chromiumPath = command('chromium');

export function launch(): Promise<Browser> {
  const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'];
  const quiet = ['--disable-background-networking', '--disable-component-update'];
  return chromium.launch({ executablePath: chromiumPath ?? '', args: [...args, ...quiet] });
}

export interface Heard {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

export class Site {
  readonly heard: Heard[] = [];
  /** Bodies that were forwarded to Sillok, as they were on the wire. */
  wireBytes = 0;
  /** The way to Sillok is cut. */
  isAway = false;
  /** Every batch is answered 429. */
  isFull = false;
  readonly #server: Server;
  readonly #scripts = new Map<string, string>();
  readonly #routes = new Map<string, Handler>();

  private constructor() {
    this.#server = createServer((request, response) => this.#answer(request, response));
  }

  static async open(): Promise<Site> {
    const site = new Site();
    for (const { fileName, code } of await bundle()) site.#scripts.set(`/${fileName}`, code);
    site.#server.listen(0, '127.0.0.1');
    await once(site.#server, 'listening');
    return site;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  on(path: string, handler: Handler): void {
    this.#routes.set(path, handler);
  }

  script(path: string, code: string): void {
    this.#scripts.set(path, code);
  }

  /** A page that starts the SDK first of all; `options` is JavaScript. */
  page(path: string, { options, body, head = '' }: { options: string; body: string; head?: string }): void {
    const start = `import { init } from '/sillok-browser.js'; window.sillok = init(${options});`;
    const html = `<!doctype html><meta charset="utf-8">${head}<script type="module">${start}</script>${body}`;
    this.on(path, (_request, response) =>
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(html),
    );
  }

  /** Bundles a fixture as a page's own script, for production. Answers its code and its source map. */
  async app(name: string): Promise<{ readonly code: string; readonly map: string }> {
    const { code, map } = await bundleApp(fileURLToPath(new URL(`fixtures/${name}.mjs`, import.meta.url)));
    this.#scripts.set(`/${name}.js`, code);
    return { code, map };
  }

  /** Serves the way in of a Sillok server under this origin and counts the bytes that pass. */
  forward(server: TestServer): void {
    for (const path of ['/v1/browser', '/v1/browser/config'])
      this.on(path, (request, response) => void this.#pass(server, request, response));
  }

  async #pass(server: TestServer, ...[request, response]: Parameters<Handler>): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    const body = Buffer.concat(chunks);
    if (this.isAway) return void request.socket.destroy();
    if (this.isFull && request.method === 'POST') {
      const headers = { 'content-type': 'application/json', 'retry-after': '60' };
      response.writeHead(429, headers).end('{"error":{"code":"overloaded"}}');
      return;
    }
    this.wireBytes += body.length;
    const answer = await fetch(`${server.url}${request.url}`, {
      method: request.method ?? 'GET',
      headers: { origin: this.origin, 'content-type': 'text/plain' },
      ...(request.method === 'POST' ? { body: new Uint8Array(body) } : {}),
    });
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text());
  }

  heardOf(path: string): Heard[] {
    return this.heard.filter((each) => each.path === path);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { method = '', headers } = request;
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
    const script = this.#scripts.get(path);
    if (script !== undefined) {
      response.writeHead(200, { 'content-type': 'text/javascript' }).end(script);
      return;
    }
    if (method !== 'OPTIONS') this.heard.push({ method, path, headers });
    if (headers.origin !== undefined) {
      response.setHeader('access-control-allow-origin', headers.origin);
      response.setHeader('access-control-allow-headers', 'traceparent, baggage, content-type');
    }
    const route = this.#routes.get(path);
    if (method === 'OPTIONS') response.writeHead(204).end();
    else if (route !== undefined) route(request, response);
    else response.writeHead(path === '/favicon.ico' ? 204 : 404).end();
  }
}

/** A key for pages of these origins. */
export async function browserKey(server: TestServer, origins: readonly string[]): Promise<string> {
  const wanted = JSON.stringify({ name: 'web', scopes: ['browser'], origins });
  const response = await server.post('/api/keys', wanted, { 'content-type': 'application/json' });
  // The answer of POST /api/keys.
  return ((await response.json()) as { key: string }).key;
}
