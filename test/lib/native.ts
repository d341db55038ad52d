/** Builds and sends native batches (DESIGN: `POST /v1/records`) the way any client in any language would. */
import { gzipSync } from 'node:zlib';
import type { TestServer } from './server.js';

export interface Producer {
  readonly producer: string;
  readonly boot: string;
  readonly service?: string;
}

export interface Verdict {
  readonly accepted_through: number;
  readonly rejected: readonly { seq: number; code: string; reason: string }[];
}

export function headerLine({ producer, boot, service }: Producer): string {
  const resource = { 'service.name': service ?? 'test', 'service.version': '1.0.0', 'host.name': 'h1' };
  return JSON.stringify({ sillok: 1, producer, boot, resource });
}

export function recordLine(seq: number, time: string, more: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({ seq, time, kind: 'log', level: 'info', message: `record ${seq}`, ...more });
}

export function batchBody(producer: Producer, lines: readonly string[]): string {
  return `${[headerLine(producer), ...lines].join('\n')}\n`;
}

export function postBatch(
  server: TestServer,
  producer: Producer,
  lines: readonly string[],
): Promise<Response> {
  return server.post('/v1/records', new Uint8Array(gzipSync(batchBody(producer, lines), { level: 1 })), {
    'content-type': 'application/x-ndjson',
    'content-encoding': 'gzip',
  });
}

/** Sends until the server has taken it: what a shipper does when the server dies or refuses for a while. */
export async function postUntilTaken(
  server: TestServer,
  producer: Producer,
  lines: readonly string[],
): Promise<Verdict> {
  const deadline = Date.now() + 120_000;
  for (;;) {
    const response = await postBatch(server, producer, lines).catch(() => undefined);
    // The shape is the public contract's answer to this call.
    if (response?.status === 200) return (await response.json()) as Verdict;
    const told =
      response === undefined ? 'no answer' : `${response.status} ${await response.text().catch(() => '')}`;
    if (response !== undefined && response.status < 500 && response.status !== 429) throw new Error(told);
    if (Date.now() > deadline) throw new Error(`not taken in time: ${told}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Nanosecond time: `base` (ms since the epoch) plus `nanoseconds`. */
export function timeAt(baseMs: number, nanoseconds: number): string {
  const ms = baseMs + Math.floor(nanoseconds / 1e6);
  const rest = String(nanoseconds % 1e6).padStart(6, '0');
  return `${new Date(ms).toISOString().slice(0, -1)}${rest}Z`;
}
