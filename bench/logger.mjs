/**
 * The logger, to a file until everything is in it, against the loggers that services use. The figure is a ratio to the best
 * peer of the same durability, a write(2) per record; the fastest batched mode of each stands beside it, for honesty.
 * Each run is a process of its own, and the contestants take turns, so that a busy machine is busy for all.
 *
 *   node bench/logger.mjs            7 rounds of 100,000 records
 *   node bench/logger.mjs --short    1 round of 20,000
 *
 * `sillok` is what a service gets that changes nothing: with the native part, which is built here when there is a C compiler, a
 * record is in the page cache when the call returns, as after a write(2), and survives a SIGKILL in the same way. `sillok
 * write` is what it gets without: a system call per record. Both wait for the disk (fdatasync) at the end; no peer does.
 * The ratios are of CPU time, all threads: what the host pays, whoever else uses the machine. The clock's stand beside.
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
  const [wall, cpu] = run.stdout.split(' ').map(Number);
  return { wall, cpu };
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const cpuOf = (runs) => median(runs.map(({ cpu }) => cpu));
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
  const best = peers.toSorted((a, b) => cpuOf(times.get(a)) - cpuOf(times.get(b)))[0];
  process.stdout.write(`\n${titles[load]}, ns of CPU per record, median of ${rounds} (of the clock)\n`);
  for (const name of names) {
    const all = times.get(name);
    const { durability } = CONTESTANTS[name];
    const note = durability === 'record' ? 'a write per record' : 'batched: a kill loses the buffer';
    const clock = median(all.map(({ wall }) => wall)).toFixed(0);
    process.stdout.write(`  ${name.padEnd(16)} ${cpuOf(all).toFixed(0).padStart(7)} (${clock})  ${note}\n`);
  }
  for (const own of ['sillok', 'sillok write']) {
    const ratioOf = (key) =>
      median(times.get(own).map((run, round) => run[key] / times.get(best)[round][key]));
    const ratio = ratioOf('cpu');
    const verdict = ratio <= target ? 'reached' : 'NOT reached';
    const clock = ratioOf('wall').toFixed(2);
    process.stdout.write(
      `  ${own} to ${best}: ${ratio.toFixed(2)} (target ${target}: ${verdict}; by the clock ${clock})\n`,
    );
  }
}
