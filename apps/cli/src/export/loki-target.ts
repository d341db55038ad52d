/** Records into Loki: a stream per service, kind and level; the whole record as the line, so that nothing is lost. */
import type { Envelope } from '@sillok/record';
import { timeToNs } from '@sillok/record';
import { post } from './post.js';
import type { ExportTarget } from './post.js';

type Value = [time: string, line: string, metadata: { [name: string]: string }];

export function createLokiTarget(address: string): ExportTarget {
  const url = new URL(address);
  url.pathname = `${url.pathname.replace(/\/$/, '')}/loki/api/v1/push`;
  return {
    name: 'loki',
    async send(records) {
      const body = JSON.stringify({ streams: streamsOf(records) });
      const { status, text } = await post({ url, type: 'application/json', body });
      if (status < 300) return { taken: records.length, known: 0, refused: [] };
      return { taken: 0, known: 0, refused: records.map(() => `HTTP ${status}: ${text.slice(0, 200)}`) };
    },
  };
}

interface Stream {
  readonly stream: { readonly [label: string]: string };
  readonly values: Value[];
}

function streamsOf(records: readonly Envelope[]): Stream[] {
  const streams = new Map<string, Stream>();
  for (const record of records) {
    const service = record.resource['service.name'];
    const stream = {
      kind: record.kind,
      level: record.level,
      ...(service === undefined ? {} : { service_name: String(service) }),
    };
    const key = JSON.stringify(stream);
    const known: Stream = streams.get(key) ?? { stream, values: [] };
    streams.set(key, known);
    known.values.push([String(timeToNs(record.time)), JSON.stringify(record), metadataOf(record)]);
  }
  return [...streams.values()];
}

function metadataOf(record: Envelope): { [name: string]: string } {
  return {
    ...(record.trace_id === undefined ? {} : { trace_id: record.trace_id }),
    ...(record.span_id === undefined ? {} : { span_id: record.span_id }),
  };
}
