/**
 * A real engine for tests: the one at SILLOK_CLICKHOUSE_URL, or a child of our own, started by path because packages
 * do not import apps.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../../apps/engine/dist/main.js', import.meta.url));
const SECRET = 'of the tests';

export interface TestEngine {
  readonly url: string;
  readonly password: string;
  /** For files that the engine reads; undefined when it is not ours. */
  readonly inbox: string;
  readonly isShared: boolean;
  readonly process: ChildProcess | undefined;
  /** SIGKILL and a new child on the same data. */
  restart(): Promise<TestEngine>;
  stop(): Promise<void>;
}

export async function startTestEngine(): Promise<TestEngine> {
  const directory = mkdtempSync(join(tmpdir(), 'sillok-store-'));
  mkdirSync(join(directory, 'inbox'));
  const url = process.env['SILLOK_CLICKHOUSE_URL'];
  if (url === undefined) return startChild(directory);
  const password = process.env['SILLOK_CLICKHOUSE_PASSWORD'] ?? '';
  const outside: TestEngine = {
    url,
    password,
    inbox: join(directory, 'inbox'),
    isShared: false,
    process: undefined,
    restart: () => Promise.resolve(outside),
    stop: () => Promise.resolve(rmSync(directory, { recursive: true })),
  };
  return outside;
}

async function startChild(directory: string): Promise<TestEngine> {
  const child = spawn(process.execPath, [MAIN], {
    env: {
      SILLOK_ENGINE_DATA: join(directory, 'engine'),
      SILLOK_ENGINE_SECRET: SECRET,
      UV_THREADPOOL_SIZE: '18',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const { port } = await readyLine(child);
  const gone = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      const exit = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await exit;
    }
  };
  return {
    url: `http://127.0.0.1:${port}`,
    password: SECRET,
    inbox: join(directory, 'inbox'),
    isShared: true,
    process: child,
    async restart() {
      await gone();
      return startChild(directory);
    },
    async stop() {
      await gone();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function readyLine(child: ChildProcess): Promise<{ port: number }> {
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the engine ended with ${code}`)));
    const { stdout } = child;
    if (stdout === null) return reject(new Error('no stdout'));
    // The child's own ready line.
    createInterface({ input: stdout }).once('line', (line) => resolve(JSON.parse(line) as { port: number }));
  });
}
