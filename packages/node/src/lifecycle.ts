/**
 * The ends of a process, and the signs of life before. A clean end leaves a closing record; a killed process leaves
 * none, and its heartbeats tell until when it lived. Nothing here changes how the host ends: monitors only look, and
 * a signal handler of ours steps aside and lets the signal do what it would have done.
 */
import { isMainThread } from 'node:worker_threads';
import type { Runtime } from './runtime.js';

const runtimes = new Set<Runtime>();
const timers = new Map<Runtime, NodeJS.Timeout>();
let isInstalled = false;

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

export function watchLifecycle(runtime: Runtime): void {
  runtimes.add(runtime);
  install();
  const { heartbeatMs } = runtime.settings;
  if (heartbeatMs > 0) timers.set(runtime, setInterval(() => runtime.heartbeat(), heartbeatMs).unref());
}

export function unwatchLifecycle(runtime: Runtime): void {
  runtimes.delete(runtime);
  clearInterval(timers.get(runtime));
  timers.delete(runtime);
}

function install(): void {
  if (isInstalled) return;
  isInstalled = true;
  process.on('exit', (code) =>
    sayFarewell(code === 0 ? 'exit' : 'exit with an error', { 'process.exit.code': code }),
  );
  // A worker thread gets no signals; listening there would only warn.
  if (isMainThread) for (const signal of SIGNALS) process.on(signal, endBySignal);
}

/** Only when nobody else listens: then Node would have ended the process at once, without an `exit` event. */
function endBySignal(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) > 1) return;
  sayFarewell(signal, {});
  process.removeListener(signal, endBySignal);
  process.kill(process.pid, signal);
}

function sayFarewell(reason: string, fields: object): void {
  for (const runtime of runtimes) runtime.sayFarewell(reason, fields);
}
