/**
 * What an audit record costs the one who writes it: `npm run bench -- audit`.
 *
 * - `await audit.record()` one after the other, against a bare write of the same bytes and fdatasync, both synchronous and as
 *   Node's own asynchronous call, interleaved.
 * - 64 of them at once against one after the other: they share syncs.
 * - `audited()` around a method, against the two records that it writes: CPU time, so that the disk is not in it.
 */
import { closeSync, fdatasync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { sillok } from '@sillok/node';
import { Audit, audited } from '@sillok/node/audit';

const SHORT = process.argv.includes('--short');
const ROUNDS = SHORT ? 3 : 15;
const PER_ROUND = SHORT ? 20 : 100;
const CALLS = SHORT ? 500 : 10_000;
const AT_ONCE = 64;

const root = mkdtempSync(join(tmpdir(), 'sillok-bench-audit-'));
const logger = sillok({
  service: 'bench',
  spoolDirectory: join(root, 'spool'),
  stdout: 'none',
  captureFatal: false,
  heartbeatMs: 0,
});
const audit = new Audit({ logger });
const change = {
  action: 'order.change_address',
  entity: { type: 'order', id: '1042' },
  actor: { type: 'admin', id: 'kim' },
  reason: 'asked by phone',
  before: { address: { city: 'Seoul', zip: '04524' }, state: 'placed' },
  after: { address: { city: 'Busan', zip: '48058' }, state: 'placed' },
};

/** What the record has on the disk, with its integrity line. */
const LINE_BYTES = 960;
const LINE = Buffer.alloc(LINE_BYTES, 'x');
LINE[LINE.length - 1] = 10;
const sync = promisify(fdatasync);
const fd = openSync(join(root, 'bare'), 'a');

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

async function timed(work) {
  const start = performance.now();
  for (let index = 0; index < PER_ROUND; index += 1) await work();
  return (performance.now() - start) / PER_ROUND;
}

const times = { bareSync: [], bareAsync: [], record: [], together: [] };
const ways = {
  bareSync() {
    writeSync(fd, LINE);
    fdatasyncSync(fd);
  },
  async bareAsync() {
    writeSync(fd, LINE);
    await sync(fd);
  },
  record: () => audit.record(change),
};
for (const way of Object.values(ways)) await timed(way);
for (let round = 0; round < ROUNDS; round += 1) {
  for (const [name, way] of Object.entries(ways)) times[name].push(await timed(way));
  const start = performance.now();
  for (let index = 0; index < PER_ROUND / 4; index += 1) {
    await Promise.all(Array.from({ length: AT_ONCE }, () => audit.record(change)));
  }
  times.together.push((performance.now() - start) / ((PER_ROUND / 4) * AT_ONCE));
}

const order = { address: { city: 'Seoul' } };
class Orders {
  async changeAddress() {
    return order;
  }
}
const { service: orders } = audited(audit, new Orders(), {
  changeAddress: {
    action: 'order.change_address',
    entity: () => change.entity,
    before: () => change.before,
    after: () => change.after,
  },
});
async function cpuOf(work) {
  const start = process.cpuUsage();
  for (let done = 0; done < CALLS; done += AT_ONCE) {
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  }
  const { user, system } = process.cpuUsage(start);
  return (user + system) / (Math.ceil(CALLS / AT_ONCE) * AT_ONCE);
}
/** What an audited call writes: an intent without images, and an outcome with them. */
const { before: _before, after: _after, ...intent } = change;
const writes = async () => {
  await audit.record({ ...intent, outcome: 'intent' });
  await audit.record(change);
};
const call = () => orders.changeAddress();
const cpu = { writes: [], call: [] };
await cpuOf(writes);
await cpuOf(call);
for (let round = 0; round < (SHORT ? 2 : 7); round += 1) {
  cpu.writes.push(await cpuOf(writes));
  cpu.call.push(await cpuOf(call));
}
await logger.close();
closeSync(fd);
rmSync(root, { recursive: true, force: true });

const us = (ms) => `${Math.round(ms * 1000)} µs`;
const [bareSync, bareAsync] = [median(times.bareSync), median(times.bareAsync)];
const [record, together] = [median(times.record), median(times.together)];
// The least of each: what other work on the machine adds is none of theirs.
const [callUs, writesUs] = [Math.min(...cpu.call), Math.min(...cpu.writes)];
process.stdout.write(
  `write and fdatasync, ${LINE_BYTES} bytes   ${us(bareSync)} synchronous, ${us(bareAsync)} awaited\n` +
    `await audit.record()             ${us(record)}: ${(record / bareAsync).toFixed(2)}× the awaited (at most 1.3), ${(record / bareSync).toFixed(2)}× the synchronous one\n` +
    `64 at once                       ${us(together)} each: ${(record / together).toFixed(1)}× the rate of one after the other (at least 10)\n` +
    `audited()                        ${callUs.toFixed(1)} µs CPU, its two records alone ${writesUs.toFixed(1)}: ${(callUs - writesUs).toFixed(1)} µs (at most 20)\n`,
);
