import { spawn } from 'node:child_process';
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { newBoot } from '@sillok/record';
import { openSpoolWriter } from '@sillok/spool';
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  onTestFinished,
  test,
  vi,
} from 'vitest';
import { startTestServer } from '../running-server.case.js';
import type { Ran, TestServer } from '../running-server.case.js';

const bin = fileURLToPath(new URL('../../bin/sillok.mjs', import.meta.url));

let server: TestServer;
let folder: string;
let number = 0;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());
beforeEach(() => {
  number += 1;
  folder = join(server.directory, `follow-${number}`);
  mkdirSync(folder);
});

const line = (word: string, index: number): string =>
  `${JSON.stringify({ level: 30, time: 1763719200000 + index, msg: `${word} ${index}` })}\n`;
const lines = (word: string, from: number, to: number): string =>
  Array.from({ length: to - from }, (_, index) => line(word, from + index)).join('');

/** Every index once. What is wrong is named in short. */
async function expectExactly(word: string, count: number): Promise<void> {
  const found = await server.found(`message:${word}`);
  const times = new Map<number, number>();
  for (const { message } of found) {
    const index = Number(message.split(' ')[1]);
    times.set(index, (times.get(index) ?? 0) + 1);
  }
  const missing = Array.from({ length: count }, (_, index) => index).filter((index) => !times.has(index));
  const doubled = [...times].filter(([, copies]) => copies > 1).map(([index]) => index);
  const ends = (list: number[]): unknown => ({ count: list.length, from: list[0], to: list.at(-1) });
  expect({ missing: ends(missing), doubled: ends(doubled) }).toEqual({
    missing: ends([]),
    doubled: ends([]),
  });
  expect(found).toHaveLength(count);
}

const stateArgs = (): string[] => ['--state', join(folder, 'state')];
const once = (...args: string[]): Promise<Ran> =>
  server.run(['ship', '--follow', '--once', '--json', ...stateArgs(), ...args]);
const totals = (ran: Ran): { taken: number; known: number; problems: number } =>
  JSON.parse(ran.out.trim().split('\n').at(-1) ?? '{}');

describe('following with --once', () => {
  test('takes what is there, then what is new, and keeps both under the names that pour gives', async () => {
    const path = join(folder, 'app.log');
    writeFileSync(path, lines('onceword', 0, 3000));
    expect(totals(await once(path))).toMatchObject({ taken: 3000, known: 0 });
    appendFileSync(path, lines('onceword', 3000, 3500));
    expect(totals(await once(path))).toMatchObject({ taken: 500, known: 0 });
    expect(totals(await once(path))).toMatchObject({ taken: 0, known: 0 });
    const poured = await server.run(['pour', '--json', path]);
    expect(poured.json()).toMatchObject({ taken: 0, known: 3500 });
    rmSync(join(folder, 'state'), { recursive: true });
    expect(totals(await once(path))).toMatchObject({ taken: 0, known: 3500 });
    await expectExactly('onceword', 3500);
  });

  test('a rotation by rename while nobody followed loses nothing', async () => {
    const path = join(folder, 'app.log');
    writeFileSync(path, lines('renameword', 0, 100));
    await once(path);
    appendFileSync(path, lines('renameword', 100, 150));
    renameSync(path, `${path}.1`);
    writeFileSync(path, lines('renameword', 150, 200));
    expect(totals(await once(path)).taken).toBe(100);
    await expectExactly('renameword', 200);
  });

  test('files that were followed once and are not named now are left alone', async () => {
    const [one, two] = [join(folder, 'one.log'), join(folder, 'two.log')];
    writeFileSync(one, line('aloneword', 0));
    await once(one);
    appendFileSync(one, line('aloneword', 1));
    writeFileSync(two, line('aloneword', 2));
    expect(totals(await once(two)).taken).toBe(1);
    expect(totals(await once(join(folder, '*.log'))).taken).toBe(1);
    await expectExactly('aloneword', 3);
  });

  test('a rotation by copy and truncation adds nothing twice, also when the copy is followed', async () => {
    const path = join(folder, 'app.log');
    writeFileSync(path, lines('copyword', 0, 300));
    await once(join(folder, 'app.log*'));
    copyFileSync(path, `${path}.1`);
    truncateSync(path, 0);
    appendFileSync(path, lines('copyword', 300, 500));
    expect(totals(await once(join(folder, 'app.log*')))).toMatchObject({ taken: 200 });
    await expectExactly('copyword', 500);
  });

  test('a truncation is seen even when the file has grown past its old size', async () => {
    const path = join(folder, 'app.log');
    writeFileSync(path, lines('truncword', 0, 50));
    await once(path);
    truncateSync(path, 0);
    appendFileSync(path, lines('truncword', 50, 400));
    expect(totals(await once(path)).taken).toBe(350);
    await expectExactly('truncword', 400);
  });

  test('Docker and Kubernetes files bring container, pod and stream', async () => {
    const id = 'a'.repeat(64);
    const docker = join(folder, 'containers', id);
    const pods = join(folder, 'pods', 'prod_shop-7f_uid', 'web');
    mkdirSync(docker, { recursive: true });
    mkdirSync(pods, { recursive: true });
    const wrap = (log: string): string =>
      `${JSON.stringify({ log, stream: 'stderr', time: '2025-11-21T10:00:00.5Z' })}\n`;
    writeFileSync(join(docker, `${id}-json.log`), wrap('{"level":50,"msg":"dock') + wrap('erword"}\n'));
    writeFileSync(join(docker, 'config.v2.json'), '{"Name":"/shop_web_1"}');
    writeFileSync(join(pods, '0.log'), '2025-11-21T10:00:00.5Z stdout F kubeword line\n');
    await once(join(folder, 'containers', '*', '*-json.log'), join(folder, 'pods', '*', '*', '*.log'));
    expect((await server.found('message:dockerword'))[0]).toMatchObject({
      level: 'error',
      time: '2025-11-21T10:00:00.500000000Z',
      resource: { 'service.name': 'shop_web_1' },
      attributes: { log: { iostream: 'stderr' } },
    });
    expect((await server.found('message:kubeword'))[0]).toMatchObject({
      resource: { 'service.name': 'web', 'k8s.namespace.name': 'prod', 'k8s.pod.name': 'shop-7f' },
    });
  });

  test('--from-end leaves out what was there, --service names it', async () => {
    const path = join(folder, 'app.log');
    writeFileSync(path, lines('endword', 0, 100));
    expect(totals(await once('--from-end', path)).taken).toBe(0);
    appendFileSync(path, line('endword', 100));
    await once('--service', 'named', path);
    expect(await server.found('message:endword service.name:named')).toHaveLength(1);
  });
});

describe('following on and on', () => {
  let stop: AbortController;
  let running: Promise<Ran>;
  afterEach(async () => {
    stop.abort();
    await running;
  });
  function start(...args: string[]): void {
    stop = new AbortController();
    running = server.run(['ship', '--follow', ...stateArgs(), ...args], { signal: stop.signal });
  }

  test('records are found soon, a stack is waited for, new files and rotations are noticed', async () => {
    const path = join(folder, 'svc.log');
    writeFileSync(path, line('liveword', 0));
    start(join(folder, '*.log'));
    await vi.waitFor(async () => expect(await server.found('message:liveword')).toHaveLength(1), {
      timeout: 20_000,
    });
    renameSync(path, `${path}.1`);
    appendFileSync(`${path}.1`, line('liveword', 1));
    writeFileSync(path, line('liveword', 2));
    writeFileSync(join(folder, 'second.log'), line('liveword', 3));
    await vi.waitFor(() => expectExactly('liveword', 4), { timeout: 20_000 });

    const text = join(folder, 'text.log');
    writeFileSync(text, '2025-11-21 10:00:00 ERROR stackword\njava.lang.E: x\n');
    appendFileSync(text, '\tat a.b\n');
    await vi.waitFor(async () => expect(await server.found('message:stackword')).toHaveLength(1), {
      timeout: 20_000,
    });
    const [record] = await server.found('message:stackword');
    expect(record).toMatchObject({ attributes: { exception: { stacktrace: 'java.lang.E: x\n\tat a.b' } } });
  });

  test('a key that is refused stops it, and nothing is skipped', async () => {
    const path = join(folder, 'svc.log');
    writeFileSync(path, lines('refusedword', 0, 10));
    start(path, '--key', 'wrong');
    const ran = await running;
    expect([ran.exitCode, ran.err]).toEqual([4, expect.stringContaining('key')]);
    await once(path);
    await expectExactly('refusedword', 10);
  });

  test('a second follower with the same cursors is refused', async () => {
    start(join(folder, '*.log'));
    await vi.waitFor(async () => {
      const second = await server.run(['ship', '--follow', '--once', ...stateArgs(), join(folder, '*.log')]);
      expect([second.exitCode, second.err]).toEqual([
        1,
        expect.stringContaining('another "sillok ship --follow"'),
      ]);
    });
  });
});

test('killed with SIGKILL again and again, every line is there exactly once', async () => {
  const path = join(folder, 'killed.log');
  const args = [
    bin,
    'ship',
    '--follow',
    '--json',
    ...stateArgs(),
    '--url',
    server.server.url,
    '--key',
    server.server.devKey,
    join(folder, 'killed.log'),
  ];
  const total = 12_000;
  let written = 0;
  const write = (count: number): void => {
    // Half are text without a time: their time is that of the moment, and still none may be there twice.
    const texts = Array.from({ length: count }, (_, index) => {
      const at = written + index;
      return at % 2 === 0 ? line('killword', at) : `killword ${at} plain\n`;
    });
    appendFileSync(path, texts.join(''));
    written += count;
  };
  write(500);
  for (let round = 0; round < 12; round += 1) {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] });
    onTestFinished(() => void child.kill('SIGKILL'));
    const ended = new Promise((resolve) => child.once('exit', resolve));
    // The kill falls behind the opening, behind the first answers, and a little later each time.
    let events = 1 + (round % 4) * 2;
    for await (const chunk of child.stdout) {
      write(7);
      events -= String(chunk).trim().split('\n').length;
      if (events <= 0) break;
    }
    for (let step = 0; step < round; step += 1) {
      write(10);
      await new Promise((resolve) => setImmediate(resolve));
    }
    write(300);
    child.kill('SIGKILL');
    await ended;
    if (round === 6) {
      renameSync(path, `${path}.1`);
      write(100);
    }
  }
  write(total - written);
  const last = await once(path);
  expect(last.exitCode).toBe(0);
  await expectExactly('killword', total);
}, 180_000);

describe('spool folders', () => {
  async function spool(count: number): Promise<string> {
    const directory = join(folder, 'svc', 'boot');
    mkdirSync(directory, { recursive: true });
    const header = {
      sillok: 1,
      producer: `ship-${number}`,
      boot: newBoot(),
      resource: {},
      encoding: 'flat',
    } as const;
    const writer = openSpoolWriter({ directory, header });
    for (let seq = 1; seq <= count; seq += 1) {
      writer.append(
        `{"seq":${seq},"time":"2025-11-21T10:00:00.000000001Z","kind":"log","level":"info","message":"left"}`,
      );
    }
    await writer.close();
    return folder;
  }

  test('of a process that is gone are sent, once', async () => {
    const root = await spool(500);
    const first = await server.run(['ship', '--json', root]);
    expect([first.exitCode, first.json()]).toMatchObject([
      0,
      { spools: 1, sent: 500, rejected: 0, pending: [] },
    ]);
    const second = await server.run(['ship', '--json', root]);
    expect(second.json()).toMatchObject({ sent: 0 });
    expect(await server.found(`producer:ship-${number}`)).toHaveLength(500);
  });

  test('verify reads them and names damage', async () => {
    const root = await spool(50);
    expect((await server.run(['verify', root])).exitCode).toBe(0);
    const path = join(root, 'svc', 'boot', 'segment-0000000001.ndjson');
    truncateSync(path, 1500);
    const broken = await server.run(['verify', '--json', root]);
    expect(broken.json().folders[0]).toMatchObject({ segments: 1 });
    expect((await server.run(['verify', join(server.directory, 'state')])).exitCode).toBe(2);
  });
});
