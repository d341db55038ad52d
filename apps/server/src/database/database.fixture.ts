/** A server with a file of databases, and somebody who asks. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { DatabaseAnswer } from '@sillok/api';

import { ServerUnderTest } from '../server.fixture.js';

export class AskingServer {
  readonly server: ServerUnderTest;
  readonly #databases: Readonly<Record<string, object>>;

  constructor(databases: Readonly<Record<string, object>>) {
    this.#databases = databases;
    // The file must be there at the start, and the folder is known before it.
    const config: { databasesFile?: string } = {};
    this.server = new ServerUnderTest(config);
    config.databasesFile = join(this.server.directory, 'databases.json');
  }

  async start(): Promise<void> {
    writeFileSync(join(this.server.directory, 'databases.json'), JSON.stringify(this.#databases));
    await this.server.start();
  }

  call(method: string, path: string, json?: unknown) {
    return this.callAs(this.server.running.devKey, { method, path, json });
  }

  async callAs(key: string, { method, path, json }: { method: string; path: string; json?: unknown }) {
    const { url } = this.server.running;
    const response = await fetch(url + path, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(json !== undefined && { 'content-type': 'application/json' }),
      },
      ...(json !== undefined && { body: JSON.stringify(json) }),
    });
    // Answers of the API are objects; each test names the part that it looks at.
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  async ask(name: string, query: string, more: object = {}): Promise<DatabaseAnswer> {
    const { status, body } = await this.call('POST', `/api/databases/${name}/query`, { query, ...more });
    if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`);
    // The answer of this route.
    return body as unknown as DatabaseAnswer;
  }

  /** The error's code, or `200`. */
  async codeOf(name: string, query: string, more: object = {}): Promise<string> {
    const { status, body } = await this.call('POST', `/api/databases/${name}/query`, { query, ...more });
    return status === 200 ? '200' : String(Object(body['error']).code);
  }
}
