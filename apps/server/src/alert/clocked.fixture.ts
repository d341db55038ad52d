/** A whole server whose clock the test sets, and a webhook that keeps what alerts tell. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { encodeRecord, type FlatRecord } from '@sillok/record';

import { ServerUnderTest } from '../server.fixture.js';
import { HookSink } from './sinks.fixture.js';

export const second = 1_000;
export const minute = 60 * second;

export interface Arriving {
  readonly service: string;
  readonly seqs: readonly number[];
  /** How old the records are when they arrive. */
  readonly ageMs?: number;
  readonly record?: Partial<FlatRecord>;
}

export class ClockedServer {
  readonly hook = new HookSink();
  readonly server: ServerUnderTest;
  readonly #databases: string;
  hookPort = 0;
  nowMs = Date.parse('2026-11-23T09:00:00.000Z');

  /** With a file of business databases, as SILLOK_DATABASES names it. */
  constructor(databases: Readonly<Record<string, object>> = {}) {
    this.#databases = JSON.stringify(databases);
    const config = { allowPrivateTargets: true, publicUrl: 'https://sillok.shop.example', databasesFile: '' };
    this.server = new ServerUnderTest(config);
    // The folder is known now, and the file must be there at the start.
    config.databasesFile = join(this.server.directory, 'databases.json');
  }

  async start(): Promise<void> {
    writeFileSync(join(this.server.directory, 'databases.json'), this.#databases);
    const sink = await this.hook.start();
    this.hookPort = Number(new URL(sink).port);
    const url = `${sink}/hook`;
    await this.server.start({ nowMs: () => this.nowMs });
    const made = await this.ask('POST', '/api/alert-targets', { kind: 'slack_webhook', name: 'ops', url });
    if (made.status !== 201) throw new Error(JSON.stringify(made.body));
  }

  async dispose(): Promise<void> {
    await this.server.dispose();
    this.hook.stop();
  }

  async ask(method: string, path: string, json?: unknown) {
    const { url, devKey } = this.server.running;
    const response = await fetch(url + path, {
      method,
      headers: {
        authorization: `Bearer ${devKey}`,
        ...(json !== undefined && { 'content-type': 'application/json' }),
      },
      ...(json !== undefined && { body: JSON.stringify(json) }),
    });
    // Answers of the API are objects.
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  async arrives({ service, seqs, ageMs = 0, record = {} }: Arriving): Promise<void> {
    const time = new Date(this.nowMs - ageMs).toISOString();
    const lines = seqs.map((seq) => {
      const nanos = `${time.slice(0, -1)}${String(seq).padStart(6, '0')}Z`;
      return encodeRecord({ seq, time: nanos, kind: 'log', level: 'info', message: 'served', ...record });
    });
    const resource = { 'service.name': service, 'service.version': '2.0.0' };
    const producer = { producer: `${service}-1`, boot: 'b1', encoding: 'flat', resource } as const;
    const { rejected } = await this.server.verdict(producer, lines);
    if (rejected.length > 0) throw new Error(JSON.stringify(rejected));
  }

  /** All that was told so far about something; the clock's work is done first. */
  async told(about: string): Promise<string[]> {
    // A round that the server's own timer began before this would be joined, and may have looked before what is asked for.
    await this.server.running.alerts.tick();
    await this.server.running.alerts.tick();
    return this.hook.texts('/hook').filter((text) => text.includes(about));
  }

  look(): Promise<void> {
    return this.server.running.alerts.look();
  }

  /** Evaluates all rules a second later, when everything that was sent can be found. */
  async evaluate(): Promise<void> {
    this.nowMs += second;
    await this.server.visible();
    await this.server.running.alerts.evaluateNow();
  }
}
