/** Loki's `PushRequest` (logproto) as protobuf field numbers. Streams are decoded one by one: see otlp-schema.ts. */
import protobuf from 'protobufjs/light.js';

const root = protobuf.Root.fromJSON({
  nested: {
    PushRequest: { fields: { streams: { rule: 'repeated', type: 'bytes', id: 1 } } },
    Stream: {
      fields: {
        labels: { type: 'string', id: 1 },
        entries: { rule: 'repeated', type: 'bytes', id: 2 },
      },
    },
    Entry: {
      fields: {
        timestamp: { type: 'Timestamp', id: 1 },
        line: { type: 'string', id: 2 },
        structuredMetadata: { rule: 'repeated', type: 'LabelPair', id: 3 },
      },
    },
    Timestamp: { fields: { seconds: { type: 'int64', id: 1 }, nanos: { type: 'int32', id: 2 } } },
    LabelPair: { fields: { name: { type: 'string', id: 1 }, value: { type: 'string', id: 2 } } },
  },
});

export type LokiType = 'PushRequest' | 'Stream' | 'Entry';

/** Throws when the bytes are not this message. */
export function decodeLoki(type: LokiType, bytes: Uint8Array): unknown {
  return root.lookupType(type).decode(bytes);
}

/** For tests and `sillok export`'s counterpart: the same numbers the other way. */
export function encodeLoki(type: LokiType, value: { [field: string]: unknown }): Uint8Array {
  const message = root.lookupType(type);
  return message.encode(message.fromObject(value)).finish();
}
