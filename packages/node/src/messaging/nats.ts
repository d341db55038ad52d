/** NATS 3 (`@nats-io/*`): messages of the core and of JetStream, sent with headers, received with their delivery count. */
import { runSpan } from '../span.js';
import { headersOf, openSend, processMessage, type MessagingOptions } from './message.js';

/** What is used of the library's headers. */
export interface NatsHeaders {
  get(name: string): string;
  set(name: string, value: string): void;
  has(name: string): boolean;
  append(name: string, value: string): void;
  keys(): string[];
  values(name: string): string[];
}

export interface NatsOptions extends MessagingOptions {
  /** The library's own function `headers`, which makes an empty set of them. */
  readonly headers: () => NatsHeaders;
}

/** What is used of a message, of the core or of JetStream. */
export interface NatsMessage {
  readonly subject: string;
  readonly headers?: NatsHeaders | undefined;
  /** Of JetStream. */
  readonly info?: {
    readonly stream: string;
    readonly streamSequence: number;
    readonly deliveryCount: number;
  };
}

type Method = (...values: unknown[]) => unknown;

/** `instrumentNats(await connect(), { headers })`, before JetStream clients are made of it. Returns what ends it. */
export function instrumentNats(connection: object, options: NatsOptions): () => void {
  const releases = [replace(connection, 'publish', options), replace(connection, 'request', options)];
  return () => {
    for (const release of releases) release();
  };
}

function replace(connection: object, name: 'publish' | 'request', options: NatsOptions): () => void {
  const original: unknown = Reflect.get(connection, name);
  if (typeof original !== 'function') throw new TypeError('instrumentNats: this is no connection of NATS');
  const plain: Method = (...values) => Reflect.apply(original, connection, values);
  const ours: Method = (subject, data, settings) => {
    const how = typeof settings === 'object' && settings !== null ? settings : {};
    const given = headersIn(how);
    // Inboxes and the broker's own calls are no messages; and a request is published as well.
    if (
      typeof subject !== 'string' ||
      /^(?:_INBOX\.|\$)/.test(subject) ||
      given?.has('traceparent') === true
    ) {
      return plain(subject, data, settings);
    }
    const span = openSend({ system: 'nats', destination: subject, log: options.log });
    const headers = copyOf(given, options.headers());
    for (const [key, value] of Object.entries(headersOf(span, options.log))) headers.set(key, value);
    return runSpan(span, () => plain(subject, data, { ...DEFAULTS[name], ...how, headers }));
  };
  Reflect.set(connection, name, ours);
  return () => {
    if (Reflect.get(connection, name) === ours) Reflect.set(connection, name, original);
  };
}

/** The caller may send the same headers again, and then in another place of the trace. */
function copyOf(given: NatsHeaders | undefined, fresh: NatsHeaders): NatsHeaders {
  for (const key of given?.keys() ?? []) {
    for (const value of given?.values(key) ?? []) fresh.append(key, value);
  }
  return fresh;
}

/** What the library takes when it is given no options. */
const DEFAULTS = { publish: {}, request: { timeout: 1000 } };

function headersIn(how: object): NatsHeaders | undefined {
  const headers: unknown = Reflect.get(how, 'headers');
  return typeof headers === 'object' && headers !== null ? (headers as NatsHeaders) : undefined; // the library's
}

/** `for await (const message of messages) await natsMessage(message, () => handle(message))`. */
export function natsMessage<T>(message: NatsMessage, work: () => T, options: MessagingOptions = {}): T {
  const { info, headers, subject } = message;
  const received = {
    ...options,
    system: 'nats',
    destination: subject,
    header: (name: string) => (headers?.has(name) === true ? headers.get(name) : undefined),
    ...(info === undefined
      ? {}
      : {
          id: `${info.stream}:${info.streamSequence}`,
          attempt: info.deliveryCount,
          fields: { 'messaging.nats.stream': info.stream },
        }),
  };
  return processMessage(received, work);
}
