/**
 * Any id → the trace that it stands in. People paste what they have: a trace id in any case, a UUID with or without its
 * dashes, a span id, a whole `traceparent`, X-Ray's `1-…-…`, a request id, a support code.
 */
import { compileFindTraces } from '@sillok/query';
import type { Range } from '../../read/reading.js';
import type { Caller } from '../caller.js';
import { OTHER_TRACES_MAX } from '../limits.js';

export interface Found {
  readonly traceId: string;
  readonly foundBy: string;
  readonly others: readonly string[];
}

export async function findTrace(caller: Caller, id: string, range: Range): Promise<Found | undefined> {
  const { project, table } = caller;
  const ids = waysToWrite(id);
  const rows = await caller.rows(
    compileFindTraces({ project, table, ids, limit: OTHER_TRACES_MAX + 1, ...range }),
  );
  const [first, ...others] = rows.map((row) => ({ traceId: String(row[0]), foundBy: String(row[2]) }));
  return first && { ...first, others: others.map(({ traceId }) => traceId) };
}

export function waysToWrite(id: string): string[] {
  const text = id.trim();
  const ways = [text, text.toLowerCase()];
  const traceparent = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/i.exec(text)?.[1];
  if (traceparent !== undefined) ways.push(traceparent.toLowerCase());
  const xray = /(?:^|Root=)1-([0-9a-f]{8})-([0-9a-f]{24})/i.exec(text);
  if (xray) ways.push(`1-${xray[1]}-${xray[2]}`, `${xray[1]}${xray[2]}`.toLowerCase());
  const bare = text.replaceAll('-', '').toLowerCase();
  if (/^[0-9a-f]{32}$/.test(bare)) {
    ways.push(bare, bare.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'));
  }
  // 64-bit ids of Zipkin and Jaeger are written with and without their leading zeros.
  if (/^[0-9a-f]{1,16}$/i.test(text)) ways.push(text.toLowerCase().padStart(32, '0'), text.padStart(16, '0'));
  if (/^0{16}[0-9a-f]{16}$/i.test(text)) ways.push(text.slice(16).toLowerCase());
  return [...new Set(ways)];
}
