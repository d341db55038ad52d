/**
 * SQS by the AWS SDK 3. A message has room for ten attributes: ours go into what is left of it, the trace first. The receive count is
 * asked for with every receive, since a redelivery is what people ask about.
 */
import { SQS_ATTRIBUTES_MAX } from '../limits.js';
import { runSpan, type Span } from '../span.js';
import { headersOf, MESSAGE_HEADERS, openSend, processMessage, type MessagingOptions } from './message.js';

type Fields = { [name: string]: unknown };
type Next = (args: { input: Fields }) => Promise<{ output: unknown }>;

/** What is used of `SQSClient`. */
export interface SqsClient {
  readonly middlewareStack: { add(middleware: never, options: never): void; remove(name: string): boolean };
}

export interface SqsMessage {
  readonly MessageId?: string | undefined;
  readonly Attributes?: { readonly [name: string]: string } | undefined;
  readonly MessageAttributes?:
    | { readonly [name: string]: { readonly StringValue?: string | undefined } }
    | undefined;
}

const NAME = 'sillokMessages';

/** `instrumentSqs(new SQSClient({}))`. Returns what ends it. */
export function instrumentSqs(client: SqsClient, options: MessagingOptions = {}): () => void {
  const middleware = (next: Next, { commandName = '' }: { readonly commandName?: string }): Next => {
    if (commandName === 'ReceiveMessageCommand')
      return (args) => next({ ...args, input: asking(args.input) });
    if (commandName === 'SendMessageCommand' || commandName === 'SendMessageBatchCommand') {
      return (args) => send(args, next, options);
    }
    return next;
  };
  // The SDK's own types name every command; only what is declared above is used.
  client.middlewareStack.add(middleware as never, { step: 'initialize', name: NAME } as never);
  return () => void client.middlewareStack.remove(NAME);
}

function send(args: { input: Fields }, next: Next, options: MessagingOptions): ReturnType<Next> {
  const { input } = args;
  const span = openSend({ ...options, system: 'aws_sqs', destination: queueName(input['QueueUrl']) });
  const headers = headersOf(span, options.log);
  const entries: unknown = input['Entries'];
  const changed = Array.isArray(entries)
    ? { ...input, Entries: entries.map((entry: Fields) => carrying(entry, headers)) }
    : carrying(input, headers);
  if (Array.isArray(entries)) span.set({ 'messaging.batch.message_count': entries.length });
  return runSpan(span, async () => {
    const result = await next({ ...args, input: changed });
    noteId(span, result.output);
    return result;
  });
}

function carrying(message: Fields, headers: Readonly<Record<string, string>>): Fields {
  const given: unknown = message['MessageAttributes'];
  const attributes: Fields = { ...(typeof given === 'object' ? given : {}) };
  if ('traceparent' in attributes) return message;
  for (const name of MESSAGE_HEADERS) {
    const value = headers[name];
    if (value === undefined || Object.keys(attributes).length >= SQS_ATTRIBUTES_MAX) continue;
    attributes[name] = { DataType: 'String', StringValue: value };
  }
  return { ...message, MessageAttributes: attributes };
}

function asking(input: Fields): Fields {
  const names = listOf(input['MessageAttributeNames']);
  // What the caller asks for in the old way counts, too: the service refuses both at once.
  const key = input['AttributeNames'] === undefined ? 'MessageSystemAttributeNames' : 'AttributeNames';
  return {
    ...input,
    MessageAttributeNames:
      names.includes('All') || names.includes('.*') ? names : [...new Set([...names, ...MESSAGE_HEADERS])],
    [key]: [...new Set([...listOf(input[key]), 'ApproximateReceiveCount'])],
  };
}

/** `handleMessage: (message) => sqsMessage(message, () => handle(message), { queueUrl })`. */
export function sqsMessage<T>(
  message: SqsMessage,
  work: () => T,
  { queueUrl, log }: MessagingOptions & { readonly queueUrl?: string | undefined } = {},
): T {
  const count = Number(message.Attributes?.['ApproximateReceiveCount']);
  const received = {
    log,
    system: 'aws_sqs',
    destination: queueName(queueUrl),
    id: message.MessageId,
    attempt: Number.isInteger(count) && count > 0 ? count : undefined,
    header: (name: string) => message.MessageAttributes?.[name]?.StringValue,
  };
  return processMessage(received, work);
}

function noteId(span: Span, output: unknown): void {
  const id: unknown =
    typeof output === 'object' && output !== null ? Reflect.get(output, 'MessageId') : undefined;
  if (typeof id === 'string') span.set({ 'messaging.message.id': id });
}

function queueName(url: unknown): string {
  return typeof url === 'string' && url !== '' ? (url.split('/').at(-1) ?? url) : 'queue';
}

function listOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
