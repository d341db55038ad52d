/** Ours and OpenTelemetry's instrumentations on the same calls, in both orders: one `traceparent` and one span a call. */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { context, propagation, trace } from '@opentelemetry/api';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { AlwaysOffSampler, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { SillokSpanProcessor } from '../otel/processors.js';
import { withTrace } from '../scope.js';
import { createTestLog } from '../test.js';
import { instrumentOutgoing } from './instrument.js';

const require = createRequire(import.meta.url);
const { log, records, clear } = createTestLog();
let server: Server;
let url: string;
let seen: IncomingMessage['rawHeaders'][] = [];
let ends: (() => void)[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    seen.push(request.rawHeaders);
    response.end('ok');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // it listens
});
afterEach(() => {
  for (const end of ends.reverse()) end();
  ends = [];
  clear();
  seen = [];
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

/** One of each: a second one would find the modules loaded, and not patch them. */
const undici = new UndiciInstrumentation({ enabled: false });
const http = new HttpInstrumentation({ enabled: false, disableIncomingRequestInstrumentation: true });
const instrumentations = [undici, http];

function startOtel(withProcessor: boolean, isSampled = true): void {
  const processor = new SillokSpanProcessor({ log });
  const provider = new NodeTracerProvider({
    spanProcessors: withProcessor ? [processor] : [],
    ...(isSampled ? {} : { sampler: new AlwaysOffSampler() }),
  });
  if (!withProcessor) void processor.shutdown();
  provider.register();
  for (const each of instrumentations) {
    each.setTracerProvider(provider);
    each.enable();
  }
  undici.setConfig({ enabled: true });
  // Its hook patches a module when it is asked for.
  require('http');
  ends.push(() => {
    for (const each of instrumentations) each.disable();
    void provider.shutdown();
    context.disable();
    trace.disable();
    propagation.disable();
  });
}

function startOurs(): void {
  ends.push(instrumentOutgoing({ log }));
}

async function call(): Promise<void> {
  const { get }: typeof import('node:http') = require('http');
  await withTrace({}, async () => {
    await (await fetch(`${url}/fetch`)).text();
    await new Promise<void>((resolve) => {
      get(`${url}/http`, (response) => void response.resume().on('close', resolve));
    });
  });
}

const cases = [
  { name: 'OpenTelemetry first, with our processor', starts: [() => startOtel(true), startOurs] },
  { name: 'ours first, with our processor', starts: [startOurs, () => startOtel(true)] },
  { name: 'OpenTelemetry first, sampling nothing', starts: [() => startOtel(true, false), startOurs] },
  { name: 'ours first, OpenTelemetry sampling nothing', starts: [startOurs, () => startOtel(true, false)] },
  { name: 'OpenTelemetry first, exporting elsewhere', starts: [() => startOtel(false), startOurs] },
  { name: 'ours first, OpenTelemetry exporting elsewhere', starts: [startOurs, () => startOtel(false)] },
];

test.each(cases)('$name: a call is one span, and the called service hangs below it', async ({ starts }) => {
  for (const start of starts) start();
  await call();
  expect(seen).toHaveLength(2);
  const sent = seen.map((raw) => raw.filter((_, place) => raw[place - 1]?.toLowerCase() === 'traceparent'));
  const spans = records({ kind: 'span' });
  expect(sent.map((values) => values.length)).toEqual([1, 1]);
  expect(spans).toHaveLength(2);
  expect(new Set(spans.map((span) => span.trace_id)).size).toBe(1);
  for (const [index, span] of spans.entries()) expect(sent[index]?.[0]).toContain(span.span_id);
});
