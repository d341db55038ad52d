/** A whole server with its engine, and a client for it, for the tests of the reading side. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient, encodeToken, type Client } from '@sillok/api';
import { encodeRecord, type FlatRecord } from '@sillok/record';
import { presetConfig } from '../config.js';
import { startServer, type RunningServer } from '../main.js';

export interface TestServer {
  readonly server: RunningServer;
  readonly client: Client;
  /** Sends a batch as a service does. */
  send(batch: SentBatch): Promise<void>;
  /** The flush token of what a producer sent. */
  token(producer: string, seq: number): string;
  /** A client with a key of another project. */
  clientOf(project: string): Promise<Client>;
  stop(): Promise<void>;
}

export interface SentBatch {
  readonly producer?: string;
  readonly client?: Client;
  readonly records: readonly FlatRecord[];
  readonly resource?: Readonly<Record<string, string>>;
}

export async function startTestServer(): Promise<TestServer> {
  const directory = mkdtempSync(join(tmpdir(), 'sillok-read-'));
  const server = await startServer(
    presetConfig({ port: 0, dataDirectory: directory, logLevel: 'error', ballastBytes: 0 }),
  );
  const client = createClient({ url: server.url, key: server.devKey });
  await untilReady(client);
  return {
    server,
    client,
    async send({
      producer = 'orders-1',
      client: sender = client,
      records,
      resource = { 'service.name': 'orders' },
    }) {
      const header = { sillok: 1, producer, boot: 'boot-1', resource, encoding: 'flat' };
      const lines = [JSON.stringify(header), ...records.map(encodeRecord)];
      const answer = await sender.postRecords(lines.map((line) => `${line}\n`).join(''));
      if (answer.rejected.length > 0) throw new Error(JSON.stringify(answer));
    },
    token: (producer, seq) => encodeToken({ project: 'default', producer, boot: 'boot-1', seq }),
    async clientOf(project) {
      const { key } = await client.keys.create({ name: project, scopes: ['read', 'ingest'], project });
      // The entry of the key is in the log of its project, and what lags is told to every reader.
      await untilFresh(client);
      return createClient({ url: server.url, key });
    },
    async stop() {
      await server.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function untilReady(client: Client): Promise<void> {
  for (;;) {
    if ((await client.ready()).ready) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function untilFresh(client: Client): Promise<void> {
  while ((await client.search({ limit: 1 })).freshness.lag_ms > 0) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
