/**
 * A node:http server with a context and one access record per request, against the same server bare: requests per second
 * under autocannon, in pairs that take turns.
 *
 *   node bench/http.mjs            7 pairs of 8 s
 *   node bench/http.mjs --short    1 pair of 2 s
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
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

async function requestsPerSecond(mode) {
  const child = spawn(process.execPath, [runner, mode], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [chunk] = await once(child.stdout, 'data');
  const options = { url: `http://127.0.0.1:${Number(chunk)}/orders/7?full=1`, connections: 50 };
  await autocannon({ ...options, duration: 1 });
  const result = await autocannon({ ...options, duration: seconds });
  child.kill('SIGTERM');
  await once(child, 'exit');
  if (result.errors > 0 || result.non2xx > 0) throw new Error(`${mode}: ${result.errors} errors`);
  return result.requests.average;
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const rates = { bare: [], sillok: [] };
for (let pair = 0; pair < pairs; pair += 1) {
  const order = pair % 2 === 0 ? ['bare', 'sillok'] : ['sillok', 'bare'];
  for (const mode of order) rates[mode].push(await requestsPerSecond(mode));
}
const ratio = median(rates.sillok.map((rate, pair) => rate / rates.bare[pair]));
process.stdout.write(`bare node:http     ${median(rates.bare).toFixed(0)} requests/s\n`);
process.stdout.write(`with Sillok        ${median(rates.sillok).toFixed(0)} requests/s\n`);
process.stdout.write(
  `ratio ${ratio.toFixed(2)} (target ${target}: ${ratio >= target ? 'reached' : 'NOT reached'})\n`,
);
