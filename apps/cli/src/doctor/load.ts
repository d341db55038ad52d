/** Requests to a running service: how many a second, and how long they take. Keeps connections open, as clients do. */
import { Agent, get } from 'node:http';

export interface LoadResult {
  readonly requests: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface LoadOptions {
  readonly url: string;
  readonly requests: number;
  readonly connections: number;
}

export async function runLoad(options: LoadOptions): Promise<LoadResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: options.connections });
  const times: number[] = [];
  let left = options.requests;
  const started = performance.now();
  const worker = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const from = performance.now();
      await request(options.url, agent);
      times.push(performance.now() - from);
    }
  };
  await Promise.all(Array.from({ length: options.connections }, worker));
  const seconds = (performance.now() - started) / 1000;
  agent.destroy();
  times.sort((a, b) => a - b);
  const at = (share: number): number =>
    times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
  return { requests: times.length, perSecond: times.length / seconds, p50Ms: at(0.5), p99Ms: at(0.99) };
}

/** Rejects when there is no answer or it is a 5xx. */
export function request(url: string, agent?: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = get(url, agent ? { agent } : {}, (answer) => {
      answer.resume();
      answer.on('error', reject);
      answer.on('end', () => {
        const status = answer.statusCode ?? 0;
        if (status >= 500) reject(new Error(`${url} answers ${status}`));
        else resolve();
      });
    });
    sent.on('error', reject);
  });
}
