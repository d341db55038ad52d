/**
 * A node:http server with a context and one access record per request, against the same server bare, under autocannon, in
 * pairs that take turns. On Linux the server has a core of its own and the load generator another, as clients do not run on the
 * server's cores in any deployment; its fdatasync runs on the server's core, as it would.
 *
 * Two ratios: requests per second, and CPU time of the server per request (user and system, all threads). On a machine that
 * does nothing else they are the same; on one that is shared only the second means something. `context only` shows what the
 * runtime itself takes for AsyncLocalStorage and the two headers.
 *
 *   node bench/http.mjs            7 pairs of 8 s
 *   node bench/http.mjs --short    1 pair of 2 s
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import autocannon from 'autocannon';

const short = process.argv.includes('--short');
const pairs = short ? 1 : 7;
const seconds = short ? 2 : 8;
const target = 0.85;
const here = dirname(fileURLToPath(import.meta.url));
const runner = join(here, 'lib', 'http-run.mjs');
spawnSync(process.execPath, [join(here, '..', 'packages', 'node', 'native', 'build.mjs')], {
  stdio: 'inherit',
});

const isPinned = availableParallelism() > 1 && spawnSync('taskset', ['-V']).status === 0;
if (isPinned) spawnSync('taskset', ['-a', '-pc', '1', String(process.pid)]);
const pinned = (command) => (isPinned ? ['taskset', '-c', '0', ...command] : command);

const TICK_US = 10_000;

/** Microseconds of CPU time that a process has had; 0 where there is no /proc. */
function cpuUs(pid) {
  try {
    const [, rest = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ');
    const [user, system] = rest.split(' ').slice(11, 13).map(Number);
    return (user + system) * TICK_US;
  } catch {
    return 0;
  }
}

async function measure(mode) {
  const [command, ...args] = pinned([process.execPath, runner, mode]);
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [chunk] = await once(child.stdout, 'data');
  const options = { url: `http://127.0.0.1:${Number(chunk)}/orders/7?full=1`, connections: 50 };
  await autocannon({ ...options, duration: 1 });
  const before = cpuUs(child.pid);
  const result = await autocannon({ ...options, duration: seconds });
  const us = (cpuUs(child.pid) - before) / result.requests.total;
  child.kill('SIGTERM');
  await once(child, 'exit');
  if (result.errors > 0 || result.non2xx > 0) throw new Error(`${mode}: ${result.errors} errors`);
  return { rate: result.requests.average, us };
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const runs = { bare: [], context: [], sillok: [] };
const modes = Object.keys(runs);
for (let pair = 0; pair < pairs; pair += 1) {
  for (const mode of pair % 2 === 0 ? modes : modes.toReversed()) runs[mode].push(await measure(mode));
}
const titles = { bare: 'bare node:http', context: 'context only', sillok: 'with Sillok' };
for (const mode of modes) {
  const rate = median(runs[mode].map((run) => run.rate)).toFixed(0);
  const us = median(runs[mode].map((run) => run.us)).toFixed(1);
  process.stdout.write(
    `${titles[mode].padEnd(16)} ${rate.padStart(7)} requests/s  ${us} us of CPU per request\n`,
  );
}
const ratioOf = (of) => median(runs.sillok.map((run, pair) => of(run, runs.bare[pair])));
const byCpu = ratioOf((own, bare) => bare.us / own.us);
const byRate = ratioOf((own, bare) => own.rate / bare.rate);
const verdict = byCpu >= target ? 'reached' : 'NOT reached';
process.stdout.write(
  `ratio by CPU ${byCpu.toFixed(2)}, by requests per second ${byRate.toFixed(2)} (target ${target}: ${verdict})\n`,
);
