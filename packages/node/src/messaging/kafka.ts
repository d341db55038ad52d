/** Kafka by kafkajs. Headers are bytes on the wire; there is no delivery count, a redelivery is a lower offset once more. */
import { runSpan } from '../span.js';
import { headersOf, openSend, processMessage, type MessagingOptions } from './message.js';

type Headers = { readonly [name: string]: Buffer | string | (Buffer | string)[] | undefined };

export interface KafkaMessage {
  readonly headers?: Headers | undefined;
}

type Method = (...values: unknown[]) => Promise<unknown>;
type Fields = { readonly [name: string]: unknown };

/** `instrumentKafkaProducer(kafka.producer())`. Returns what ends it. */
export function instrumentKafkaProducer(producer: object, options: MessagingOptions = {}): () => void {
  const send = methodOf(producer, 'send');
  const sendBatch = methodOf(producer, 'sendBatch');
  const ours: Method = (record, ...rest) => {
    const given = fieldsOf(record);
    return sendTo(topicOf(given), options, (headers) =>
      send({ ...given, messages: carrying(given['messages'], headers) }, ...rest),
    );
  };
  const oursBatch: Method = (batch, ...rest) => {
    const given = fieldsOf(batch);
    const topics = listOf(given['topicMessages']).map(fieldsOf);
    return sendTo(topics.map(topicOf).join(','), options, (headers) => {
      const topicMessages = topics.map((topic) => ({
        ...topic,
        messages: carrying(topic['messages'], headers),
      }));
      return sendBatch({ ...given, topicMessages }, ...rest);
    });
  };
  Reflect.set(producer, 'send', ours);
  Reflect.set(producer, 'sendBatch', oursBatch);
  return () => {
    Reflect.set(producer, 'send', send);
    Reflect.set(producer, 'sendBatch', sendBatch);
  };
}

function sendTo(
  destination: string,
  options: MessagingOptions,
  send: (headers: Readonly<Record<string, string>>) => Promise<unknown>,
): Promise<unknown> {
  const span = openSend({ ...options, system: 'kafka', destination });
  return runSpan(span, () => send(headersOf(span, options.log)));
}

export interface KafkaReceived<M extends KafkaMessage = KafkaMessage & { readonly offset: string }> {
  readonly topic: string;
  readonly partition: number;
  readonly message: M;
}

/** `consumer.run({ eachMessage: kafkaEachMessage((received) => handle(received)) })`. */
export function kafkaEachMessage<R extends KafkaReceived<KafkaMessage & { readonly offset: string }>>(
  work: (received: R) => Promise<void>,
  options: MessagingOptions = {},
): (received: R) => Promise<void> {
  return (received) => {
    const { topic, partition, message } = received;
    return processMessage(
      {
        ...options,
        system: 'kafka',
        destination: topic,
        header: (name) => textOf(message.headers?.[name]),
        fields: {
          'messaging.destination.partition.id': String(partition),
          'messaging.kafka.offset': message.offset,
        },
      },
      () => work(received),
    );
  };
}

function carrying(messages: unknown, ours: Readonly<Record<string, string>>): unknown {
  return listOf(messages).map((message) => {
    const given = fieldsOf(message);
    // What the caller set himself stays: he may pass on a message of another trace.
    return { ...given, headers: { ...ours, ...fieldsOf(given['headers']) } };
  });
}

function textOf(value: Headers[string]): string | undefined {
  if (value === undefined) return undefined;
  return Array.isArray(value) ? value.map(String).join(',') : String(value);
}

function topicOf(record: Fields): string {
  return String(record['topic']);
}

function methodOf(producer: object, name: string): Method {
  const method: unknown = Reflect.get(producer, name);
  if (typeof method !== 'function')
    throw new TypeError('instrumentKafkaProducer: this is no producer of kafkajs');
  return (...values) => Reflect.apply(method, producer, values);
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
