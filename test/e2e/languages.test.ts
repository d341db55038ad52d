/**
 * Services in other languages, changed in configuration only: they write a file as they always did, and
 * `sillok ship --follow` takes it. Real Go (slog), real Django (structlog and the standard library), real logback.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cli, command, hasPythonModule, Program } from '../lib/programs.js';
import { startTestServer, type TestServer } from '../lib/server.js';

const fixtures = join(dirname(fileURLToPath(import.meta.url)), 'fixtures');
const jars = ['logback-classic', 'logback-core', 'slf4j-api', 'logstash-logback-encoder', 'jackson-databind']
  .concat(['jackson-core', 'jackson-annotations'])
  .map((name) => `/usr/share/java/${name}.jar`);
const goPath = '/usr/share/gocode';
let server: TestServer;
let folder: string;
const programs: Program[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sillok-languages-'));
  server = await startTestServer();
});
afterAll(async () => {
  for (const program of programs) await program.stop();
  await server.dispose();
  rmSync(folder, { recursive: true, force: true });
});

function start(program: Program): Program {
  programs.push(program);
  return program;
}

function follow(file: string, service: string): void {
  start(
    cli(server, [
      'ship',
      '--follow',
      file,
      '--service',
      service,
      '--state',
      join(folder, `state-${service}`),
    ]),
  );
}

async function portOf(program: Program): Promise<number> {
  return Number((await program.printed(/^(\d+)$/m))[1]);
}

function get(port: number, path: string, requestId: string): Promise<Response> {
  return fetch(`http://127.0.0.1:${port}${path}`, { headers: { 'x-request-id': requestId } });
}

const hasGo = command('go') !== undefined && existsSync(join(goPath, 'src/golang.org/x/exp/slog'));
test.skipIf(!hasGo)('Go with slog (needs golang-go, golang-golang-x-exp-dev)', async () => {
  const binary = join(folder, 'stock');
  const env = { GO111MODULE: 'off', GOPATH: goPath, GOCACHE: join(folder, 'go-cache') };
  const built = spawnSync('go', ['build', '-o', binary, join(fixtures, 'go-slog', 'main.go')], {
    env: { ...process.env, ...env },
    encoding: 'utf8',
  });
  expect(built.status, built.stderr).toBe(0);
  const file = join(folder, 'stock.log');
  const port = await portOf(start(new Program(binary, [], { LOG_FILE: file })));
  follow(file, 'stock');
  await get(port, '/stock?sku=a1', 'go-1');
  await get(port, '/stock?sku=broken', 'go-2');
  const found = await server.waitFor({ q: 'request_id:go-2', from: '-1h', order: 'asc' }, 2);
  expect(found.map((record) => [record.level, record.message])).toEqual([
    ['info', '재고 확인'],
    ['error', 'stock lookup failed'],
  ]);
  expect(found[0]?.attributes).toMatchObject({ sku: 'broken', left: 3 });
  expect((await server.search({ q: 'service.name:stock 재고', from: '-1h' })).records.length).toBe(2);
});

const hasDjango = hasPythonModule('django') && hasPythonModule('structlog');
test.skipIf(!hasDjango)(
  'Django with structlog and standard logging (needs python3-django, python3-structlog)',
  async () => {
    const file = join(folder, 'django.log');
    const service = start(
      new Program('/usr/bin/python3', [join(fixtures, 'django', 'service.py')], { LOG_FILE: file }),
    );
    const port = await portOf(service);
    follow(file, 'django');
    await get(port, '/orders/7', 'dj-1');
    await get(port, '/orders/13', 'dj-2');
    const found = await server.waitFor({ q: 'request_id:dj-2', from: '-1h', order: 'asc' }, 3);
    expect(found.map((record) => [record.level, record.message])).toEqual([
      ['info', '주문 조회'],
      ['warn', 'looked at order 13'],
      ['error', 'Internal Server Error: /orders/13'],
    ]);
    expect(JSON.stringify(found[2])).toContain('order 13 cannot be read');
    expect((await server.search({ q: 'order_number:7', from: '-1h' })).records.length).toBe(1);
  },
);

const hasLogback = command('javac') !== undefined && jars.every((jar) => existsSync(jar));
test.skipIf(!hasLogback)('logback with an MDC, JSON and pattern (needs a JDK, liblogback-java)', async () => {
  const classes = join(folder, 'classes');
  const built = spawnSync(
    'javac',
    ['-d', classes, '-cp', jars.join(':'), join(fixtures, 'logback', 'Service.java')],
    {
      encoding: 'utf8',
    },
  );
  expect(built.status, built.stderr).toBe(0);
  const file = join(folder, 'pay.log');
  const args = [
    `-DLOG_FILE=${file}`,
    `-Dlogback.configurationFile=${join(fixtures, 'logback', 'logback.xml')}`,
  ];
  const service = start(new Program('java', [...args, '-cp', [...jars, classes].join(':'), 'Service']));
  const port = await portOf(service);
  follow(file, 'pay');
  follow(`${file}.txt`, 'pay-text');
  await get(port, '/pay?amount=5', 'lb-1');
  await get(port, '/pay?amount=0', 'lb-2');
  const found = await server.waitFor({ q: 'service.name:pay request_id:lb-2', from: '-1h', order: 'asc' }, 2);
  expect(found.map((record) => [record.level, record.message])).toEqual([
    ['info', '결제 요청 amount=0'],
    ['error', 'payment failed'],
  ]);
  expect(JSON.stringify(found[1])).toContain('amount must not be 0');

  // The pattern layout: a stack trace of many lines is one record.
  const text = await server.waitFor({ q: 'service.name:pay-text', from: '-1h', order: 'asc' }, 3);
  expect(text.length).toBe(3);
  expect(text[2]?.level).toBe('error');
  expect(JSON.stringify(text[2])).toContain('at Service.lambda$main$0');
});
