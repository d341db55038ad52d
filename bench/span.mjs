/**
 * What a span costs: ours, written to a real file before the call returns, against OpenTelemetry's, batched and thrown
 * away. Both with an active context around and one attribute. Ratios of processor time, best of five runs.
 *
 *   node bench/span.mjs [--short]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { sillok, withTrace } from '@sillok/node';

const COUNT = process.argv.includes('--short') ? 20_000 : 200_000;
const folder = mkdtempSync(join(tmpdir(), 'sillok-bench-span-'));
const log = sillok({ service: 'bench', spoolDirectory: folder, stdout: 'none' });
const best = (work) => Math.min(...Array.from({ length: 5 }, () => timed(work)));

function timed(work) {
  // Processor time: other work on the machine does not count.
  const start = process.cpuUsage();
  for (let index = 0; index < COUNT; index += 1) work(index);
  const { user, system } = process.cpuUsage(start);
  return ((user + system) * 1000) / COUNT;
}

const line = withTrace({}, () => best((index) => log.info({ order_id: index }, 'charge')));
const ours = withTrace({}, () => best((index) => log.span('charge', { order_id: index }, () => index)));

context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
const nowhere = { export: (_spans, done) => done({ code: 0 }), shutdown: async () => {} };
// The queue keeps what comes between two turns of the event loop, so that nothing is dropped unmeasured.
const processor = new BatchSpanProcessor(nowhere, { maxQueueSize: COUNT * 5, maxExportBatchSize: 4096 });
const tracer = new BasicTracerProvider({ spanProcessors: [processor] }).getTracer('bench');
const theirs = best((index) =>
  tracer.startActiveSpan('charge', { attributes: { order_id: index } }, (span) => span.end()),
);
// With a context manager in the process, as in a host that uses both.
const both = withTrace({}, () => best((index) => log.span('charge', { order_id: index }, () => index)));
trace.disable();

const show = (name, ns) => console.log(`${name.padEnd(44)} ${Math.round(ns).toString().padStart(6)} ns`);
show('log.info(), in the file', line);
show('log.span(), in the file', ours);
show('log.span() with OpenTelemetry in the process', both);
show('OpenTelemetry span, thrown away', theirs);
console.log(
  `a span costs ${(ours / line).toFixed(2)} lines, ${(ours / theirs).toFixed(2)} of OpenTelemetry's`,
);
await log.close();
rmSync(folder, { recursive: true, force: true });
