/**
 * Messages over real brokers: NATS with JetStream, Redis under BullMQ. For SQS a server of the test's own speaks its wire protocol
 * (there is no real one here); for Kafka there is no broker, so the library's own encoding of a record stands in.
 */
import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import {
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, headers } from '@nats-io/transport-node';
import { setContext, withTrace } from '@sillok/node';
import {
  bullmqTelemetry,
  instrumentKafkaProducer,
  instrumentNats,
  instrumentSqs,
  kafkaEachMessage,
  natsMessage,
  sqsMessage,
} from '@sillok/node/messaging';
import { createTestLog } from '@sillok/node/test';
import type { Envelope } from '@sillok/record';
import { Queue, Worker } from 'bullmq';
import { Redis as IORedis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { natsMissing, startNats, type Nats } from '../lib/nats.js';
import { redisMissing, startRedis, type Redis } from '../lib/redis.js';

const { log, records, clear, logged } = createTestLog();
const BAGGAGE = { baggage: 'sillok.global_trace_id=story-7' };
const spansOf = (kind: string): Envelope[] =>
  records({ kind: 'span' }).filter(
    ({ attributes }) => Reflect.get(Object(attributes['span']), 'kind') === kind,
  );
const messagingOf = (span: Envelope | undefined): object => Object(span?.attributes['messaging']);

beforeEach(() => clear());

describe.skipIf(natsMissing !== undefined)('NATS', () => {
  let nats: Nats;
  beforeAll(async () => {
    nats = await startNats();
  });
  afterAll(() => nats?.stop());

  test('a message of the core continues the trace of its sender, a request and its answer, too', async () => {
    const connection = await connect({ servers: nats.url });
    instrumentNats(connection, { headers, log });
    const subscription = connection.subscribe('orders.created');
    const answers = connection.subscribe('orders.ask', {
      callback: (_error, message) => natsMessage(message, () => void message.respond('yes'), { log }),
    });
    const mine = headers();
    mine.set('tenant', 'acme');
    await withTrace(BAGGAGE, async () => {
      connection.publish('orders.created', 'one', { headers: mine });
      connection.publish('orders.created', 'two', { headers: mine });
      await connection.request('orders.ask', 'may I?', { timeout: 5000 });
    });
    let count = 0;
    for await (const message of subscription) {
      expect(message.headers?.get('tenant')).toBe('acme');
      natsMessage(message, () => log.info('handled'), { log });
      count += 1;
      if (count === 2) break;
    }
    answers.unsubscribe();
    await connection.close();
    expect(mine.keys()).toEqual(['tenant']);
    const [first, second, ask] = spansOf('producer');
    const received = spansOf('consumer');
    expect(spansOf('producer')).toHaveLength(3);
    expect(new Set(received.map((span) => span.parent_span_id))).toEqual(
      new Set([first, second, ask].map((span) => span?.span_id)),
    );
    for (const span of received)
      expect(span).toMatchObject({ trace_id: first?.trace_id, global_trace_id: 'story-7' });
    expect(messagingOf(ask)).toEqual({
      system: 'nats',
      destination: { name: 'orders.ask' },
      operation: { type: 'send' },
    });
    expect(records({ message: 'handled' })[0]?.trace_id).toBe(first?.trace_id);
  });

  test('JetStream says how often it has delivered', async () => {
    const connection = await connect({ servers: nats.url });
    instrumentNats(connection, { headers, log });
    const manager = await jetstreamManager(connection);
    await manager.streams.add({ name: 'JOBS', subjects: ['jobs.*'] });
    await manager.consumers.add('JOBS', { durable_name: 'worker', ack_policy: 'explicit' });
    const stream = jetstream(connection);
    await withTrace(BAGGAGE, () => stream.publish('jobs.mail', 'hello'));
    const consumer = await stream.consumers.get('JOBS', 'worker');
    for (let delivery = 1; delivery <= 3; delivery += 1) {
      const message = await consumer.next({ expires: 5000 });
      if (message === null) throw new Error('nothing was delivered');
      natsMessage(message, () => (delivery < 3 ? message.nak() : message.ack()), { log });
    }
    await connection.close();
    const [sent] = spansOf('producer');
    expect(spansOf('producer')).toHaveLength(1);
    expect(spansOf('consumer').map((span) => [span.parent_span_id, messagingOf(span)])).toEqual(
      [1, 2, 3].map((attempt) => [
        sent?.span_id,
        {
          system: 'nats',
          destination: { name: 'jobs.mail' },
          operation: { type: 'process' },
          message: { id: 'JOBS:1' },
          delivery_attempt: attempt,
          nats: { stream: 'JOBS' },
        },
      ]),
    );
  });
});

describe.skipIf(redisMissing !== undefined)('BullMQ', () => {
  let redis: Redis;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis?.stop());

  test('a job that fails twice is three consumer spans of one sender, with the attempt on each', async () => {
    // As BullMQ asks for, so that its workers wait as long as it takes.
    const connection = new IORedis({ host: '127.0.0.1', port: redis.port, maxRetriesPerRequest: null });
    const queue = new Queue('mail', { connection, telemetry: bullmqTelemetry({ log }) });
    let tries = 0;
    const worker = new Worker(
      'mail',
      async () => {
        tries += 1;
        setContext({ tries });
        log.info('working');
        if (tries < 3) throw new Error(`try ${tries}`);
      },
      { connection, telemetry: bullmqTelemetry({ log }) },
    );
    const completed = new Promise((resolve) => worker.once('completed', resolve));
    await withTrace(BAGGAGE, () => queue.add('welcome', { to: 7 }, { attempts: 3, jobId: 'job-7' }));
    await completed;
    await logged((record) => JSON.stringify(record.attributes).includes('"delivery_attempt":3'));
    await worker.close();
    await queue.close();
    connection.disconnect();
    const [sent] = spansOf('producer');
    const processed = spansOf('consumer');
    expect(spansOf('producer')).toHaveLength(1);
    expect(processed.map((span) => [span.level, span.parent_span_id])).toEqual([
      ['error', sent?.span_id],
      ['error', sent?.span_id],
      ['info', sent?.span_id],
    ]);
    expect(processed.map(messagingOf)).toMatchObject(
      [1, 2, 3].map((attempt) => ({
        system: 'bullmq',
        destination: { name: 'mail' },
        message: { id: 'job-7' },
        delivery_attempt: attempt,
      })),
    );
    for (const record of records({ message: 'working' })) expect(record.trace_id).toBe(sent?.trace_id);
  });
});

interface Stored {
  readonly MessageId: string;
  readonly MessageBody: string;
  readonly MessageAttributes?: object;
  count: number;
}

/** As much of the service as a client needs: AWS JSON 1.0 with its checksums, and a receive count. */
function startSqs(): Promise<{ server: Server; url: string; bodies: { [name: string]: unknown }[] }> {
  const stored: Stored[] = [];
  const bodies: { [name: string]: unknown }[] = [];
  const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
  const store = (body: { MessageBody: string; MessageAttributes?: object }): object => {
    const message = { ...body, MessageId: `m${stored.length + 1}`, count: 0 };
    stored.push(message);
    return { MessageId: message.MessageId, MD5OfMessageBody: md5(body.MessageBody) };
  };
  const answers: { [command: string]: (body: never) => object } = {
    SendMessage: store,
    SendMessageBatch: ({ Entries }: { Entries: { Id: string; MessageBody: string }[] }) => ({
      Successful: Entries.map((entry) => ({ Id: entry.Id, ...store(entry) })),
      Failed: [],
    }),
    ReceiveMessage: (asked: {
      MessageAttributeNames?: string[];
      MessageSystemAttributeNames?: string[];
    }) => ({
      Messages: stored.map((message) => {
        message.count += 1;
        const all = Object.entries(message.MessageAttributes ?? {});
        const names = asked.MessageAttributeNames ?? [];
        return {
          MessageId: message.MessageId,
          Body: message.MessageBody,
          MD5OfBody: md5(message.MessageBody),
          MessageAttributes: Object.fromEntries(
            all.filter(([name]) => names.includes(name) || names.includes('All')),
          ),
          Attributes:
            asked.MessageSystemAttributeNames?.includes('ApproximateReceiveCount') === true
              ? { ApproximateReceiveCount: String(message.count) }
              : {},
        };
      }),
    }),
  };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const command = String(request.headers['x-amz-target']).split('.').at(-1) ?? '';
      const body = JSON.parse(Buffer.concat(chunks).toString());
      bodies.push(body);
      response.setHeader('content-type', 'application/x-amz-json-1.0');
      response.end(JSON.stringify(answers[command]?.(body as never) ?? {}));
    });
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      resolve({ server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, bodies });
    });
  });
}

describe('SQS, against its wire protocol', () => {
  test('a message carries the trace in its attributes, and each receipt says the receive count', async () => {
    const { server, url, bodies } = await startSqs();
    const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
    const client = new SQSClient({ region: 'eu-west-1', endpoint: url, credentials });
    const end = instrumentSqs(client, { log });
    const QueueUrl = `${url}/1234/mail`;
    const attribute = { DataType: 'String', StringValue: 'x' };
    const nine = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`own${index}`, attribute]));
    await withTrace(BAGGAGE, async () => {
      await client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'one' }));
      const full = { Id: 'b', MessageBody: 'three', MessageAttributes: nine };
      const Entries = [
        { Id: 'a', MessageBody: 'two' },
        full,
        { ...full, Id: 'c', MessageAttributes: { ...nine, own9: attribute } },
      ];
      await client.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    });
    for (let receipt = 1; receipt <= 2; receipt += 1) {
      const { Messages = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl }));
      for (const message of Messages)
        sqsMessage(message, () => log.info('handled'), { queueUrl: QueueUrl, log });
    }
    end();
    await client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'plain' }));
    client.destroy();
    server.close();
    expect(bodies.at(-1)).not.toHaveProperty('MessageAttributes');

    const [single, batch] = spansOf('producer');
    expect(messagingOf(single)).toMatchObject({
      system: 'aws_sqs',
      destination: { name: 'mail' },
      message: { id: 'm1' },
    });
    expect(messagingOf(batch)).toMatchObject({ batch: { message_count: 3 } });
    const received = spansOf('consumer');
    expect(received.map((span) => [messagingOf(span), span.parent_span_id])).toMatchObject(
      [1, 2].flatMap((attempt) => [
        [{ message: { id: 'm1' }, delivery_attempt: attempt }, single?.span_id],
        [{ message: { id: 'm2' }, delivery_attempt: attempt }, batch?.span_id],
        // Nine attributes of the caller's leave room for the trace alone, ten for nothing.
        [{ message: { id: 'm3' }, delivery_attempt: attempt }, batch?.span_id],
        [{ message: { id: 'm4' }, delivery_attempt: attempt }, undefined],
      ]),
    );
    expect(received[0]?.global_trace_id).toBe('story-7');
    expect(records({ message: 'handled' })[0]?.trace_id).toBe(single?.trace_id);
  });
});

describe('Kafka, without a broker', () => {
  test('headers survive kafkajs’s own encoding of a record, and the consumer continues the trace', async () => {
    const require = createRequire(import.meta.url);
    const encode = require('kafkajs/src/protocol/recordBatch/record/v0/index.js');
    const decode = require('kafkajs/src/protocol/recordBatch/record/v0/decoder.js');
    const Decoder = require('kafkajs/src/protocol/decoder.js');
    const sent: { topic: string; messages: { value: string; headers: object }[] }[] = [];
    const producer = {
      send: async (record: (typeof sent)[0]) => void sent.push(record),
      sendBatch: async ({ topicMessages }: { topicMessages: typeof sent }) =>
        void sent.push(...topicMessages),
    };
    const end = instrumentKafkaProducer(producer, { log });
    await withTrace(BAGGAGE, async () => {
      await producer.send({ topic: 'orders', messages: [{ value: 'one', headers: { own: 'x' } }] });
      const topic = { topic: 'stock', messages: [{ value: 'two', headers: {} }] };
      await producer.sendBatch({ topicMessages: [topic] });
    });
    end();
    const handle = kafkaEachMessage(async () => log.info('handled'), { log });
    for (const { topic, messages } of sent) {
      const [message] = messages;
      const record = encode({ offsetDelta: 0, timestampDelta: 0, ...message, key: null });
      const decoded = decode(new Decoder(new Decoder(record.buffer).readVarIntBytes()), {
        firstOffset: '7',
        firstTimestamp: '0',
        magicByte: 2,
      });
      await handle({ topic, partition: 3, message: decoded });
    }
    const [orders, stock] = spansOf('producer');
    expect(spansOf('consumer')).toMatchObject([
      {
        trace_id: orders?.trace_id,
        parent_span_id: orders?.span_id,
        global_trace_id: 'story-7',
        attributes: {
          messaging: {
            system: 'kafka',
            destination: { name: 'orders', partition: { id: '3' } },
            kafka: { offset: '7' },
          },
        },
      },
      { parent_span_id: stock?.span_id },
    ]);
    expect(sent[0]?.messages[0]?.headers).toMatchObject({ own: 'x' });
  });

  test('what a handler throws is recorded and thrown on, so that the broker delivers again', async () => {
    const handle = kafkaEachMessage(() => Promise.reject(new Error('no stock')), { log });
    const message = { offset: '1', headers: {} };
    await expect(handle({ topic: 'orders', partition: 0, message })).rejects.toThrow('no stock');
    expect(spansOf('consumer')[0]).toMatchObject({
      level: 'error',
      attributes: { exception: { message: 'no stock' } },
    });
  });
});
