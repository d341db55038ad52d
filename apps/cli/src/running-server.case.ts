/** A real server for tests of commands, and commands run in this process with their output kept. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@sillok/api';
import type { Client } from '@sillok/api';
import { presetConfig, startServer } from '@sillok/server';
import type { RunningServer } from '@sillok/server';
import { expect, vi } from 'vitest';
import { runCli } from './program.js';

export interface Ran {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
  /** The output as JSON, if it is one value. */
  readonly json: () => ReturnType<typeof JSON.parse>;
}

export interface TestServer {
  readonly server: RunningServer;
  readonly client: Client;
  /** A folder for the test's own files. */
  readonly directory: string;
  run(
    args: readonly string[],
    options?: { readonly signal?: AbortSignal; readonly isTTY?: boolean },
  ): Promise<Ran>;
  /** Records of a search, once everything taken so far is visible; newest last. */
  found(q: string): Promise<{ readonly message: string; readonly [field: string]: unknown }[]>;
  close(): Promise<void>;
}

/** `settings` are those of the server besides its folder and port. */
export async function startTestServer(
  settings: Parameters<typeof presetConfig>[0] = {},
): Promise<TestServer> {
  const directory = mkdtempSync(join(tmpdir(), 'sillok-cli-'));
  const data = join(directory, 'data');
  const { retention } = presetConfig();
  const quiet = { dataDirectory: data, port: 0, logLevel: 'silent', ballastBytes: 0 } as const;
  const changes = { ...quiet, ...settings };
  // Times in tests are fixed, and the record's own time decides when it goes: here none does.
  const forever = Object.fromEntries(Object.keys(retention).map((kind) => [kind, { days: 0, diskBytes: 0 }]));
  // The kinds are those of the preset.
  const server = await startServer(presetConfig({ ...changes, retention: forever as typeof retention }));
  const client = createClient({ url: server.url, key: server.devKey });
  const env = { SILLOK_URL: server.url, SILLOK_DATA_DIR: data, SILLOK_STATE_DIR: join(directory, 'state') };

  const run: TestServer['run'] = async (args, options = {}) => {
    let out = '';
    let err = '';
    const { isTTY = false } = options;
    const stream = (add: (text: string) => void) => ({
      isTTY,
      columns: 100,
      write: (text: string | Uint8Array) => {
        add(typeof text === 'string' ? text : Buffer.from(text).toString('utf8'));
        return true;
      },
    });
    const io = {
      out: stream((text) => (out += text)),
      err: stream((text) => (err += text)),
      env,
      signal: options.signal ?? new AbortController().signal,
    };
    const exitCode = await runCli(args, { io, version: '0.0.0', settings: [] });
    return { exitCode, out, err, json: () => JSON.parse(out) };
  };

  return {
    server,
    client,
    directory,
    run,
    async found(q) {
      await vi.waitFor(async () => expect((await client.search({ q, limit: 1 })).freshness.lag_ms).toBe(0), {
        timeout: 30_000,
        interval: 30,
      });
      const records = [];
      for await (const record of client.records({ q, order: 'asc', limit: 1000 }))
        records.push({ ...record });
      return records;
    },
    async close() {
      await server.close();
      rmSync(directory, { recursive: true });
    },
  };
}
