/** One contestant, one load, one process: prints nanoseconds per record, of the clock and of the processor. See ../logger.mjs. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CONTESTANTS } from './log-contestants.mjs';

const [name, load, count] = process.argv.slice(2);
const records = Number(count);
const recordsPerRequest = 10;

/** Twenty fields as services write them: some nested, fresh values each time. */
function fieldsOf(index) {
  return {
    order: { id: index, total: 129.5 + index, currency: 'KRW', items: 3, coupon: 'SPRING' },
    customer: { tier: 'gold', country: 'KR', returning: index % 2 === 0 },
    payment: { method: 'card', provider: 'toss', attempt: 1, amount: 129_500 + index },
    cache: { hit: index % 3 === 0, key: 'order:summary' },
    region: 'ap-northeast-2',
    shard: index % 16,
    retries: 0,
    feature: 'checkout-v2',
    queue: 'orders.created',
    latency_ms: (index % 1000) / 8,
  };
}

function contextOf(index) {
  return {
    trace_id: '4bf92f3577b34da6a3ce929d0e0e4736',
    span_id: '00f067aa0ba902b7',
    order_id: index,
    tenant: 'acme',
  };
}

const LOADS = {
  message: (logger, from, to) => {
    for (let index = from; index < to; index += 1) logger.message('payment confirmed by provider');
  },
  fields: (logger, from, to) => {
    for (let index = from; index < to; index += recordsPerRequest) {
      logger.request(contextOf(index), () => {
        for (let each = 0; each < recordsPerRequest; each += 1)
          logger.fields(fieldsOf(index + each), 'order paid');
      });
    }
  },
};

const folder = mkdtempSync(join(tmpdir(), 'sillok-bench-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const logger = await CONTESTANTS[name].open(folder);
// Asynchronous contestants get the event loop back now and then, as they would in a service.
const slice = 5000;
const breathe = () => new Promise((resolve) => setImmediate(resolve));

async function run(from, to) {
  for (let index = from; index < to; index += slice) {
    LOADS[load](logger, index, Math.min(index + slice, to));
    await breathe();
  }
}

await run(0, Math.min(20_000, records));
const startNs = process.hrtime.bigint();
const startCpu = process.cpuUsage();
await run(0, records);
await logger.done();
const { user, system } = process.cpuUsage(startCpu);
const elapsedNs = Number(process.hrtime.bigint() - startNs);
process.stdout.write(
  `${(elapsedNs / records).toFixed(1)} ${(((user + system) * 1000) / records).toFixed(1)}\n`,
);
await logger.close?.();
