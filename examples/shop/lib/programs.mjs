// Programs around the services, each in a process group of its own so that Ctrl-C ends them in order: free ports, child processes, and what is installed on this machine.
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const GRACE_MS = 8000;

/** Below those that the system gives to outgoing connections, so that it is still free a moment later. */
const PORTS = { from: 20_000, count: 10_000 };

export async function freePort() {
  for (;;) {
    const port = PORTS.from + Math.floor(Math.random() * PORTS.count);
    const probe = createServer().listen(port, '127.0.0.1');
    const isFree = await once(probe, 'listening').then(
      () => true,
      () => false,
    );
    if (!isFree) continue;
    await new Promise((resolve) => probe.close(resolve));
    return port;
  }
}

/** Full path of a command, also in the places that only root has on its PATH. */
export function command(name) {
  const places = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin'];
  return places.map((place) => join(place, name)).find((path) => existsSync(path));
}

/** A service of ours in a process of its own. Resolves when it says that it is ready, with the ports that it listens on. */
export async function startService(file, env) {
  const child = fork(file, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    detached: true,
    execArgv: [],
  });
  keep(child.pid);
  child.once('exit', () => release(child.pid));
  child.output = '';
  child.stderr.on('data', (chunk) => (child.output = (child.output + chunk).slice(-4000)));
  child.on('message', (message) => (child.hears ||= message.hears === true));
  child.ports = await new Promise((resolve, reject) => {
    child.on('message', (message) => message.ready && resolve(message.ports));
    child.once('exit', (code) =>
      reject(new Error(`${file} ended with ${code} at its start:\n${child.output}`)),
    );
  });
  return child;
}

/** Another program. Resolves when `ready` says so; `signal` ends it if the runner is killed. */
export async function startProgram(file, args, { env = {}, ready, cwd, signal } = {}) {
  const child = spawn(file, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
  keep(child.pid, signal);
  child.once('exit', () => release(child.pid));
  child.output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => (child.output = (child.output + chunk).slice(-4000)));
  while (ready !== undefined && !(await ready(child))) {
    if (child.exitCode !== null) throw new Error(`${file} ended with ${child.exitCode}:\n${child.output}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return child;
}

export async function answers(url) {
  return (await fetch(url).catch(() => undefined)) !== undefined;
}

/** Ends a process as Ctrl-C would; one that does not go is killed. */
export async function stop(child, signal = 'SIGTERM') {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill(signal);
  const timer = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
  await gone;
  clearTimeout(timer);
}

let keeper;

/** A process that ends, if this one is killed, what is named to it and not released. */
function tellKeeper(line) {
  if (keeper === undefined) {
    const file = join(dirname(fileURLToPath(import.meta.url)), 'keeper.mjs');
    keeper = spawn(process.execPath, [file], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
    keeper.stdin.on('error', () => undefined);
    keeper.unref();
    keeper.stdin.unref();
  }
  keeper.stdin.write(`${JSON.stringify(line)}\n`);
}

export function keep(pid, signal = 'SIGTERM') {
  if (pid !== undefined) tellKeeper({ keep: pid, signal });
}

export function release(pid) {
  tellKeeper({ gone: pid });
}

/** A folder of this run, removed when the runner ends in whatever way. */
export function keepFolder(folder) {
  tellKeeper({ folder });
}
