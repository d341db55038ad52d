/** Pours realistic records over HTTP, a few batches at once, until all of them are taken. */
import { gzipSync } from 'node:zlib';

import { createTraffic } from '../realistic-lines.mjs';

const BATCH_RECORDS = 5_000;
const SENT_AT_ONCE = 4;

/** `post(body)` sends one gzipped native batch and resolves when it was taken. */
export async function fill({ records, startMs, perSecond, post }) {
  const traffic = createTraffic({ startMs, perSecond });
  const waiting = new Map();
  const seqs = new Map();
  const sending = new Set();
  const flush = async (service) => {
    const lines = waiting.get(service);
    waiting.delete(service);
    const resource = { 'service.name': service, 'service.version': '1.4.2', 'host.name': 'h1' };
    const header = { sillok: 1, producer: `${service}-7f3a`, boot: 'b1', resource, encoding: 'flat' };
    await post(gzipSync(`${JSON.stringify(header)}\n${lines.join('\n')}\n`, { level: 1 }));
  };
  for (let count = 0; count < records; count += 1) {
    const { service, record } = traffic.next();
    record.seq = (seqs.get(service) ?? 0) + 1;
    seqs.set(service, record.seq);
    const lines = waiting.get(service) ?? [];
    waiting.set(service, lines);
    lines.push(JSON.stringify(record));
    if (lines.length < BATCH_RECORDS) continue;
    const sent = flush(service).finally(() => sending.delete(sent));
    sending.add(sent);
    if (sending.size >= SENT_AT_ONCE) await Promise.race(sending);
  }
  await Promise.all(sending);
  for (const service of waiting.keys()) await flush(service);
}
