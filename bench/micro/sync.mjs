/**
 * What the disk and the way to it take for one record that must be on the disk: `node bench/micro/sync.mjs`, alone on the machine.
 *
 * Each way writes 960 bytes and waits for their fdatasync, interleaved with the others. Median and the tenth and ninetieth part.
 */
import { closeSync, fdatasync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const BYTES = 960;
const ROUNDS = 20;
const PER_ROUND = 100;
const ZEROS = 4 * 1024 * 1024;

const root = mkdtempSync(join(tmpdir(), 'sillok-bench-sync-'));
const line = Buffer.alloc(BYTES, 'x');
const sync = promisify(fdatasync);
const growing = openSync(join(root, 'growing'), 'a');
const filled = openSync(join(root, 'filled'), 'w+');
writeSync(filled, Buffer.alloc(ZEROS));
fdatasyncSync(filled);
let at = 0;

const ways = {
  'behind the end of a file, this thread': () => {
    writeSync(growing, line);
    fdatasyncSync(growing);
  },
  'behind the end of a file, another thread': async () => {
    writeSync(growing, line);
    await sync(growing);
  },
  'over zeros of a file, this thread': () => {
    at = (at + BYTES) % (ZEROS - BYTES);
    writeSync(filled, line, 0, BYTES, at);
    fdatasyncSync(filled);
  },
};

const times = new Map(Object.keys(ways).map((name) => [name, []]));
for (let round = 0; round < ROUNDS; round += 1) {
  for (const [name, way] of Object.entries(ways)) {
    for (let index = 0; index < PER_ROUND; index += 1) {
      const start = performance.now();
      await way();
      times.get(name).push((performance.now() - start) * 1000);
    }
  }
}
for (const fd of [growing, filled]) closeSync(fd);
rmSync(root, { recursive: true });

for (const [name, taken] of times) {
  taken.sort((a, b) => a - b);
  const part = (share) => `${Math.round(taken[Math.floor(taken.length * share)])} µs`;
  process.stdout.write(`${name.padEnd(42)} ${part(0.5)} (${part(0.1)} to ${part(0.9)})\n`);
}
