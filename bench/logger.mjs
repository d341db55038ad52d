/**
 * The logger, to a file until everything is in it, against the loggers that services use. The figure is a ratio to the best
 * peer of the same durability, a write(2) per record; the fastest batched mode of each stands beside it, for honesty.
 * Each run is a process of its own, and the contestants take turns, so that a busy machine is busy for all.
 *
 *   node bench/logger.mjs            7 rounds of 100,000 records
 *   node bench/logger.mjs --short    1 round of 20,000
 *
 * `sillok mapped` writes through memory (the optional native part, built here when there is a C compiler): the record is in
 * the page cache when the call returns, as after a write(2), and survives a SIGKILL in the same way.
 * Sillok redacts secrets by key and by pattern in every record here (its default); no peer does.
 */
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CONTESTANTS } from './lib/log-contestants.mjs';

const short = process.argv.includes('--short');
const rounds = short ? 1 : 7;
const records = short ? 20_000 : 100_000;
const targets = { message: 0.65, fields: 0.5 };
const here = dirname(fileURLToPath(import.meta.url));
const runner = join(here, 'lib', 'log-run.mjs');
spawnSync(process.execPath, [join(here, '..', 'packages', 'node', 'native', 'build.mjs')], {
  stdio: 'inherit',
});

function measure(name, load) {
  const run = spawnSync(process.execPath, [runner, name, load, String(records)], { encoding: 'utf8' });
  if (run.status !== 0) throw new Error(`${name}: ${run.stderr}`);
  return Number(run.stdout);
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const names = Object.keys(CONTESTANTS);
const titles = { message: 'message only', fields: '20 fields with request context' };

for (const [load, target] of Object.entries(targets)) {
  const times = new Map(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    // The order turns, so that nobody always runs after the same neighbour.
    for (let step = 0; step < names.length; step += 1) {
      const name = names[(step + round) % names.length];
      times.get(name).push(measure(name, load));
    }
  }
  const peers = names.filter(
    (name) => !name.startsWith('sillok') && CONTESTANTS[name].durability === 'record',
  );
  const best = peers.toSorted((a, b) => median(times.get(a)) - median(times.get(b)))[0];
  process.stdout.write(`\n${titles[load]}, ns per record, median of ${rounds} (lowest)\n`);
  for (const name of names) {
    const all = times.get(name);
    const { durability } = CONTESTANTS[name];
    const note = durability === 'record' ? 'a write per record' : 'batched: a kill loses the buffer';
    process.stdout.write(
      `  ${name.padEnd(16)} ${median(all).toFixed(0).padStart(7)} (${Math.min(...all).toFixed(0)})  ${note}\n`,
    );
  }
  for (const own of ['sillok', 'sillok mapped']) {
    const ratio = median(times.get(own).map((ns, round) => ns / times.get(best)[round]));
    const verdict = ratio <= target ? 'reached' : 'NOT reached';
    process.stdout.write(`  ${own} to ${best}: ${ratio.toFixed(2)} (target ${target}: ${verdict})\n`);
  }
}
