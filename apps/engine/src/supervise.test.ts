import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { engineMainPath } from './available.js';
import { startEngine } from './start.js';
import { superviseEngine, type EngineEvent, type EngineSupervisor } from './supervise.js';

let directory: string;
let supervisor: EngineSupervisor | undefined;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sillok-supervise-'));
});
afterEach(async () => {
  await supervisor?.stop();
  supervisor = undefined;
  rmSync(directory, { recursive: true, force: true });
});

interface Watched {
  readonly supervisor: EngineSupervisor;
  next(type: EngineEvent['type']): Promise<EngineEvent>;
}

function watch(options: Partial<Parameters<typeof superviseEngine>[0]> = {}): Watched {
  const events: EngineEvent[] = [];
  let wake: () => void = () => undefined;
  const onEvent = (event: EngineEvent): void => {
    events.push(event);
    wake();
  };
  supervisor = superviseEngine({ dataDirectory: directory, onEvent, pingIntervalMs: 50, ...options });
  return {
    supervisor,
    async next(type) {
      for (;;) {
        const index = events.findIndex((event) => event.type === type);
        const [event] = index < 0 ? [] : events.splice(0, index + 1).slice(-1);
        if (event !== undefined) return event;
        await new Promise<void>((resolve) => (wake = resolve));
      }
    },
  };
}

test('a killed engine is started again', async () => {
  const { supervisor: watched, next } = watch();
  const first = await watched.ready();
  process.kill(first.pid, 'SIGKILL');
  expect(await next('exited')).toMatchObject({ pid: first.pid, exit: { signal: 'SIGKILL' } });
  const second = await watched.ready();
  expect(second.pid).not.toBe(first.pid);
  expect(watched.restarts).toBe(1);
});

test('an engine whose folder is deleted while it runs is replaced by one that works', async () => {
  const data = join(directory, 'data');
  const { supervisor: watched, next } = watch({ dataDirectory: data });
  const first = await watched.ready();
  rmSync(data, { recursive: true, force: true });
  expect(await next('files_gone')).toMatchObject({ pid: first.pid });
  await next('exited');
  const second = await watched.ready();
  expect(second.pid).not.toBe(first.pid);
  expect(existsSync(data)).toBe(true);
});

test('a stopped (SIGSTOP) engine is seen to be stuck and is replaced', async () => {
  const { supervisor: watched, next } = watch({ pingTimeoutMs: 200, pingFailuresMax: 2 });
  const first = await watched.ready();
  process.kill(first.pid, 'SIGSTOP');
  expect(await next('stuck')).toMatchObject({ pid: first.pid, missedPings: 2 });
  await next('exited');
  expect((await watched.ready()).pid).not.toBe(first.pid);
});

test('a folder that cannot be opened is reported, with what the engine said, and tried again', async () => {
  const file = join(directory, 'not-a-folder');
  writeFileSync(file, '');
  const { next } = watch({ dataDirectory: file });
  const failed = await next('start_failed');
  expect(failed).toMatchObject({ error: { code: 'engine_start_failed' }, nextAttemptMs: 100 });
  expect(await next('start_failed')).toMatchObject({ nextAttemptMs: 200 });
});

test('after stop nothing is started, and who waits is told', async () => {
  const { supervisor: watched } = watch();
  const waiting = watched.ready();
  const rejected = expect(waiting).rejects.toMatchObject({ code: 'engine_stopped' });
  await watched.stop();
  await rejected;
  expect(watched.current).toBeUndefined();
});

test('the child has no secret in its environment and no variable of ours', async () => {
  process.env['SILLOK_TEST_SECRET'] = 'do not leak';
  const engine = await startEngine({ dataDirectory: directory });
  const environment = process.platform === 'linux' ? readFileSync(`/proc/${engine.pid}/environ`, 'utf8') : '';
  await engine.stop();
  expect(environment).not.toContain(engine.secret);
  expect(environment).not.toContain('do not leak');
});

test('the child ends when its parent is killed', async () => {
  const script = `import { startEngine } from ${JSON.stringify(join(dirname(engineMainPath), 'index.js'))};
    const engine = await startEngine({ dataDirectory: ${JSON.stringify(directory)} });
    console.log(engine.pid);
    setInterval(() => {}, 1000);`;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const pid = await new Promise<number>((resolve) => {
    createInterface({ input: parent.stdout }).once('line', (line) => resolve(Number(line)));
  });
  parent.kill('SIGKILL');
  for (let isAlive = true; isAlive;) {
    await new Promise((resolve) => setImmediate(resolve));
    try {
      process.kill(pid, 0);
    } catch {
      isAlive = false;
    }
  }
});
