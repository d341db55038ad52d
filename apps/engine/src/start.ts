/**
 * Starts one engine child and watches it until it is ready.
 *
 * The child gets no environment but its own: SQL can read /proc/self/environ. stdout carries the ready line, stderr is
 * kept for the error that reports an early end.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline';
import { engineAvailable, engineMainPath } from './available.js';
import { EngineError } from './errors.js';
import { START_TIMEOUT_MS, STDERR_BYTES_MAX } from './limits.js';
import { THREADS } from './pool-sizes.js';

export interface EngineOptions {
  /** Holds ClickHouse's files. One engine at a time. */
  readonly dataDirectory: string;
  /** Where the writer puts files that the engine reads; created by the writer. */
  readonly inboxDirectory?: string;
  readonly startTimeoutMs?: number;
}

export interface EngineExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The end of what the child wrote to stderr. */
  readonly stderr: string;
}

export interface EngineHandle {
  readonly url: string;
  /** Password for the user `default`. */
  readonly secret: string;
  readonly pid: number;
  readonly version: string;
  /** Ends the child and resolves when it is gone. SIGKILL: an orderly exit of the library can hang. */
  stop(): Promise<void>;
  kill(): void;
  /** Called once, at once when the child is gone already. */
  onExit(listener: (exit: EngineExit) => void): void;
}

export async function startEngine(options: EngineOptions): Promise<EngineHandle> {
  const available = engineAvailable();
  if (!available.ok) {
    throw new EngineError(
      'engine_unavailable',
      `The embedded engine cannot run: ${available.reason}`,
      available,
    );
  }
  const secret = randomBytes(24).toString('base64url');
  const child = spawn(process.execPath, ['--max-old-space-size=128', engineMainPath], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: childEnvironment(options.dataDirectory),
  });
  const exit = watchExit(child);
  child.stdin?.on('error', () => undefined); // A child that is gone already is reported by `exit`.
  child.stdin?.write(`${secret}\n`);
  const ready = await waitReady({ child, exit, timeoutMs: options.startTimeoutMs ?? START_TIMEOUT_MS });
  return {
    url: `http://127.0.0.1:${ready.port}`,
    secret,
    pid: child.pid ?? 0,
    version: ready.version,
    async stop() {
      child.kill('SIGKILL');
      await exit;
    },
    kill: () => void child.kill('SIGKILL'),
    onExit: (listener) => void exit.then(listener),
  };
}

function childEnvironment(dataDirectory: string): NodeJS.ProcessEnv {
  return {
    SILLOK_ENGINE_DATA: dataDirectory,
    UV_THREADPOOL_SIZE: String(THREADS),
    // One arena per few threads: glibc's default of 8 per core keeps freed insert blocks resident.
    MALLOC_ARENA_MAX: '2',
    TZ: 'UTC',
  };
}

function watchExit(child: ChildProcess): Promise<EngineExit> {
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-STDERR_BYTES_MAX);
  });
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: null, signal: null, stderr: error.message }));
    child.once('close', (code, signal) => resolve({ code, signal, stderr }));
  });
}

interface Ready {
  readonly port: number;
  readonly version: string;
}

interface Waiting {
  readonly child: ChildProcess;
  readonly exit: Promise<EngineExit>;
  readonly timeoutMs: number;
}

async function waitReady({ child, exit, timeoutMs }: Waiting): Promise<Ready> {
  let timer: NodeJS.Timeout | undefined;
  const failed = (message: string): EngineError =>
    new EngineError('engine_start_failed', message, {
      help: 'Records are safe in the queue. `sillok doctor` examines the engine and its folder.',
    });
  const outcome = await Promise.race([
    firstLine(child),
    exit.then((end) => failed(`The engine ended while starting (${end.signal ?? end.code}): ${end.stderr}`)),
    new Promise<EngineError>((resolve) => {
      timer = setTimeout(() => resolve(failed(`The engine was not ready after ${timeoutMs} ms`)), timeoutMs);
    }),
  ]);
  clearTimeout(timer);
  if (outcome instanceof EngineError) {
    child.kill('SIGKILL');
    await exit;
    throw outcome;
  }
  return outcome;
}

/** chdb may print; the ready line is the one that is ours. */
function firstLine(child: ChildProcess): Promise<Ready> {
  return new Promise((resolve) => {
    const { stdout } = child;
    if (stdout === null) return;
    createInterface({ input: stdout }).on('line', (line) => {
      if (!line.startsWith('{"ready":true')) return;
      // Written by `main.ts` of this package.
      resolve(JSON.parse(line) as Ready);
    });
  });
}
