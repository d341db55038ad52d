/**
 * A whole Sillok as its users run it: the built `sillok serve` in a process of its own, on a free port, with a data
 * folder of its own. Tests wait for states through its API, never for a time.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { newDataFolder } from './data-folder.js';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
export const cliPath = join(root, 'apps', 'cli', 'dist', 'main.js');
const servePath = join(root, 'apps', 'server', 'dist', 'serve.js');
const START_DEADLINE_MS = 90_000;
const POLL_MS = 100;

export interface Answer {
  readonly records: readonly SearchRecord[];
  readonly next: string | null;
  readonly gaps: readonly { producer: string; boot: string; from: number; to: number }[];
  readonly freshness: { readonly visible_through: string; readonly lag_ms: number };
}

export interface SearchRecord {
  readonly seq: number;
  readonly time: string;
  readonly producer: string;
  readonly boot: string;
  readonly kind: string;
  readonly level: string;
  readonly message: string;
  readonly trace_id?: string;
  readonly resource: Readonly<Record<string, unknown>>;
  readonly attributes: Readonly<Record<string, unknown>>;
}

export class TestServer {
  readonly dataDirectory: string;
  readonly port: number;
  child: ChildProcess | undefined;
  output = '';
  readonly #environment: NodeJS.ProcessEnv;

  constructor(port: number, environment: NodeJS.ProcessEnv) {
    this.port = port;
    this.dataDirectory = newDataFolder('sillok-e2e-');
    this.#environment = environment;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get key(): string {
    return readFileSync(join(this.dataDirectory, 'dev-key'), 'utf8').trim();
  }

  async start(): Promise<void> {
    const args = [servePath, '--port', String(this.port), '--data', this.dataDirectory];
    const child = spawn(process.execPath, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...this.#environment },
    });
    this.child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
    }
    await until('the server is ready', START_DEADLINE_MS, async () => {
      if (child.exitCode !== null) throw new Error(`the server ended at start:\n${this.output}`);
      return (await fetch(`${this.url}/readyz`).catch(() => undefined))?.ok === true;
    });
  }

  /** Ends it; SIGTERM waits for the graceful stop. Resolves with the exit code (null after SIGKILL). */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    const child = this.child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null)
      return child?.exitCode ?? null;
    child.kill(signal);
    await once(child, 'exit');
    return child.exitCode;
  }

  async dispose(): Promise<void> {
    await this.stop();
    rmSync(this.dataDirectory, { recursive: true, force: true });
  }

  async get<T>(path: string): Promise<T> {
    const response = await fetch(`${this.url}${path}`, { headers: { authorization: `Bearer ${this.key}` } });
    const body = await response.text();
    if (!response.ok) throw new Error(`GET ${path} → ${response.status} ${body}`);
    // The caller names the shape that the public contract promises for this path.
    return JSON.parse(body) as T;
  }

  post(
    path: string,
    body: string | Uint8Array<ArrayBuffer>,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    return fetch(`${this.url}${path}`, {
      method: 'POST',
      body,
      headers: { authorization: `Bearer ${this.key}`, ...headers },
    });
  }

  search(parameters: Record<string, string>): Promise<Answer> {
    return this.get<Answer>(`/api/search?${new URLSearchParams(parameters)}`);
  }

  /** All pages of a search. */
  async searchAll(parameters: Record<string, string>): Promise<SearchRecord[]> {
    const records: SearchRecord[] = [];
    let cursor: string | null = null;
    do {
      const page: Answer = await this.search({ limit: '1000', ...parameters, ...(cursor ? { cursor } : {}) });
      records.push(...page.records);
      cursor = page.next;
    } while (cursor !== null);
    return records;
  }

  /** Waits until a search finds at least `count` records; answers them all. */
  async waitFor(
    parameters: Record<string, string>,
    count: number,
    deadlineMs = 60_000,
  ): Promise<SearchRecord[]> {
    let found: SearchRecord[] = [];
    await until(`${count} records for ${JSON.stringify(parameters)}`, deadlineMs, async () => {
      found = await this.searchAll(parameters);
      return found.length >= count;
    });
    return found;
  }
}

export async function startTestServer(environment: NodeJS.ProcessEnv = {}): Promise<TestServer> {
  const server = new TestServer(await freePort(), environment);
  await server.start();
  return server;
}

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** Asks again until the state is there; at the deadline it fails with the state's name. */
export async function until(state: string, deadlineMs: number, ask: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + deadlineMs;
  for (;;) {
    if (await ask()) return;
    if (Date.now() > deadline) throw new Error(`not reached in ${deadlineMs} ms: ${state}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
