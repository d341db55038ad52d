/** Records into Elasticsearch's `_bulk`. Each has an `_id` made of its identity, so a second export adds nothing. */
import { createHash } from 'node:crypto';
import type { Envelope } from '@sillok/record';
import { post } from './post.js';
import type { ExportAnswer, ExportTarget } from './post.js';

const CONFLICT = 409;

export function createElasticTarget(address: string, index: string): ExportTarget {
  const url = new URL(address);
  url.pathname = `${url.pathname.replace(/\/$/, '')}/${encodeURIComponent(index)}/_bulk`;
  return {
    name: 'elasticsearch',
    async send(records) {
      const body = records
        .map((record) => `${action(record)}\n${JSON.stringify(toDocument(record))}\n`)
        .join('');
      const { status, text } = await post({ url, type: 'application/x-ndjson', body });
      if (status >= 300)
        return { taken: 0, known: 0, refused: records.map(() => `HTTP ${status}: ${text.slice(0, 200)}`) };
      return readAnswer(text);
    },
  };
}

function action(record: Envelope): string {
  const identity = `${record.project}\n${record.producer}\n${record.boot}\n${record.seq}`;
  return JSON.stringify({
    create: { _id: createHash('sha256').update(identity).digest('hex').slice(0, 32) },
  });
}

/** Names of the Elastic Common Schema where it has one; the rest as it is. */
export function toDocument(record: Envelope): { [field: string]: unknown } {
  const { project, producer, boot, seq, kind, resource, attributes } = record;
  return {
    ...attributes,
    ...resource,
    '@timestamp': record.time,
    'event.ingested': record.observed_time,
    'log.level': record.level,
    message: record.message,
    ...(record.trace_id === undefined ? {} : { 'trace.id': record.trace_id }),
    ...(record.span_id === undefined ? {} : { 'span.id': record.span_id }),
    ...(record.parent_span_id === undefined ? {} : { 'parent.id': record.parent_span_id }),
    sillok: {
      project,
      producer,
      boot,
      seq,
      kind,
      ...(record.global_trace_id === undefined ? {} : { global_trace_id: record.global_trace_id }),
      ...(record.session_hash === undefined ? {} : { session_hash: record.session_hash }),
      ...(record.user_hash === undefined ? {} : { user_hash: record.user_hash }),
    },
  };
}

interface BulkItem {
  readonly status: number;
  readonly error?: { readonly type?: string; readonly reason?: string };
}

function readAnswer(text: string): ExportAnswer {
  // The shape that `_bulk` promises.
  const { items } = JSON.parse(text) as {
    readonly items: readonly { readonly [action: string]: BulkItem }[];
  };
  const results = items.flatMap((item) => Object.values(item));
  const refused = results.filter(({ status }) => status >= 300 && status !== CONFLICT);
  const known = results.filter(({ status }) => status === CONFLICT).length;
  return {
    taken: results.length - refused.length - known,
    known,
    refused: refused.map(({ status, error }) => `${status} ${error?.type ?? ''}: ${error?.reason ?? ''}`),
  };
}
