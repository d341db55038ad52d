/** A whole server in this process, on a free port and a folder of its own; the engine is a real child. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import { presetConfig, type Config } from './config.js';
import { startServer, type RunningServer, type StartOptions } from './main.js';

export interface TestProducer {
  readonly producer: string;
  readonly boot: string;
  readonly encoding?: 'flat';
}

export interface Verdict {
  readonly accepted_through: number;
  readonly rejected: readonly { readonly seq: number; readonly code: string; readonly reason: string }[];
  readonly known: number;
}

export class ServerUnderTest {
  readonly directory: string;
  readonly #config: Partial<Config>;
  #running: RunningServer | undefined;

  constructor(config: Partial<Config> = {}) {
    this.directory = mkdtempSync(join(tmpdir(), 'sillok-server-'));
    this.#config = config;
  }

  get running(): RunningServer {
    if (this.#running === undefined) throw new Error('the server does not run');
    return this.#running;
  }

  async start(options: StartOptions = {}): Promise<RunningServer> {
    const external = process.env['SILLOK_CLICKHOUSE_URL'];
    const config = presetConfig({
      port: 0,
      dataDirectory: this.directory,
      logLevel: 'silent',
      ballastBytes: 0,
      diskFreeBytesMin: 0,
      ...(external === undefined ? {} : externalConfig(external, this.directory)),
      ...this.#config,
    });
    this.#running = await startServer(config, options);
    return this.#running;
  }

  async stop(): Promise<void> {
    await this.#running?.close();
    this.#running = undefined;
  }

  async dispose(): Promise<void> {
    await this.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** `more` may replace the headers, the key among them. */
  post(
    path: string,
    body: string | Uint8Array,
    more: Readonly<Record<string, string>> = {},
  ): Promise<Response> {
    const { url, devKey } = this.running;
    return fetch(url + path, {
      method: 'POST',
      body,
      headers: { authorization: `Bearer ${devKey}`, ...more },
    });
  }

  send(producer: TestProducer, lines: readonly string[], key?: string): Promise<Response> {
    const gzip = { 'content-type': 'application/x-ndjson', 'content-encoding': 'gzip' };
    const authorization = key === undefined ? {} : { authorization: `Bearer ${key}` };
    return this.post('/v1/records', new Uint8Array(gzipSync(body(producer, lines))), {
      ...gzip,
      ...authorization,
    });
  }

  async verdict(producer: TestProducer, lines: readonly string[], key?: string): Promise<Verdict> {
    const response = await this.send(producer, lines, key);
    const text = await response.text();
    if (response.status !== 200) throw new Error(`${response.status} ${text}`);
    // The shape of the native protocol's answer.
    return JSON.parse(text) as Verdict;
  }

  /** Waits until everything taken so far is in the store, then asks it. */
  async select(sql: string): Promise<unknown[][]> {
    await this.visible();
    const store = this.running.deps.store();
    const { rows } = await store.select({ sql: sql.replace('records', store.table), pool: 'system' });
    return rows;
  }

  async visible(): Promise<void> {
    await until(() => this.running.deps.state.freshness().lag_ms === 0 && this.isReady());
  }

  isReady(): boolean {
    try {
      this.running.deps.store();
      return true;
    } catch {
      return false;
    }
  }
}

/** Each server of a test has its own database in a shared ClickHouse. */
function externalConfig(clickhouseUrl: string, directory: string): Partial<Config> {
  return {
    clickhouseUrl,
    clickhouseUser: process.env['SILLOK_CLICKHOUSE_USER'] ?? 'default',
    clickhousePassword: process.env['SILLOK_CLICKHOUSE_PASSWORD'] ?? '',
    clickhouseDatabase: `test_${Buffer.from(directory).toString('hex').slice(-12)}`,
  };
}

export function body(producer: TestProducer, lines: readonly string[]): string {
  const header = { sillok: 1, resource: { 'service.name': 'orders' }, ...producer };
  return `${[JSON.stringify(header), ...lines].join('\n')}\n`;
}

export function line(seq: number, more: Readonly<Record<string, unknown>> = {}): string {
  const time = `2026-11-21T10:00:00.${String(seq).padStart(9, '0')}Z`;
  return JSON.stringify({ seq, time, kind: 'log', level: 'info', message: `record ${seq}`, ...more });
}

export function lines(from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, index) => line(from + index));
}

/** Asks again until the state is there. */
export async function until(ask: () => boolean | Promise<boolean>, deadlineMs = 60_000): Promise<void> {
  const deadline = performance.now() + deadlineMs;
  while (!(await ask())) {
    if (performance.now() > deadline) throw new Error('the state was not reached');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
