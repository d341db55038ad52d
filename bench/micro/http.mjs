/**
 * What a request costs in the runtime and in Sillok alone: node:http over sockets that are objects of this process, so that neither
 * the kernel nor a load generator is in the figure, and the smallest of many short batches means something on a shared
 * machine too. Ratios of whole servers come from ../http.mjs.
 *
 *   node bench/micro/http.mjs            4 rounds of 150 batches each
 *   node bench/micro/http.mjs --short    1 round of 20
 */
import { spawnSync } from 'node:child_process';
import { createServer } from 'node:http';
import { Duplex } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { MODES } from '../lib/http-handlers.mjs';

const short = process.argv.includes('--short');
const mode = process.argv.find((word) => Object.hasOwn(MODES, word));
const requestsPerBatch = 2000;
const batches = short ? 20 : 150;
const sockets = 50;

const request = Buffer.from(
  'GET /orders/7?full=1 HTTP/1.1\r\nHost: localhost:4000\r\nConnection: keep-alive\r\n\r\n',
);

/** What node:http asks of a socket; answers each response with the next request while there are some. */
class Client extends Duplex {
  constructor(batch) {
    super();
    this.batch = batch;
    this.remoteAddress = '127.0.0.1';
  }
  _read() {}
  _write(_chunk, _encoding, done) {
    done();
    this.batch.answered(this);
  }
  _writev(_chunks, done) {
    done();
    this.batch.answered(this);
  }
  setTimeout() {
    return this;
  }
  setNoDelay() {}
  setKeepAlive() {}
  ref() {}
  unref() {}
}

async function measure() {
  const { handler, end } = await MODES[mode]();
  const server = createServer(handler);
  const batch = { left: 0, whole: () => undefined };
  batch.answered = (client) => {
    batch.left -= 1;
    if (batch.left === 0) batch.whole();
    else if (batch.left >= sockets) setImmediate(() => client.push(request));
  };
  const clients = Array.from({ length: sockets }, () => new Client(batch));
  for (const client of clients) server.emit('connection', client);
  const times = [];
  for (let index = 0; index < batches; index += 1) {
    const whole = new Promise((resolve) => Object.assign(batch, { left: requestsPerBatch, whole: resolve }));
    const before = process.hrtime.bigint();
    for (const client of clients) client.push(request);
    await whole;
    times.push(Number(process.hrtime.bigint() - before) / requestsPerBatch);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await end();
  const [, second] = times.toSorted((a, b) => a - b);
  process.stdout.write(`${second.toFixed(0)}\n`);
  process.exit(0);
}

function compare() {
  const modes = Object.keys(MODES);
  const best = Object.fromEntries(modes.map((name) => [name, Number.POSITIVE_INFINITY]));
  for (let round = 0; round < (short ? 1 : 4); round += 1) {
    for (const name of modes) {
      const args = [fileURLToPath(import.meta.url), name, ...(short ? ['--short'] : [])];
      const { stdout, status } = spawnSync(process.execPath, args, { encoding: 'utf8' });
      if (status !== 0) throw new Error(`${name} ended with ${status}`);
      best[name] = Math.min(best[name], Number(stdout));
    }
  }
  for (const name of modes) process.stdout.write(`${name.padEnd(8)} ${best[name]} ns per request\n`);
}

if (mode === undefined) compare();
else await measure();
