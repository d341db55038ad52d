import { appendFileSync, copyFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { newBoot } from '@sillok/record';
import { openSpoolWriter } from '@sillok/spool';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer } from '../running-server.case.js';
import type { TestServer } from '../running-server.case.js';

let server: TestServer;
let folder: string;
beforeAll(async () => {
  server = await startTestServer();
  folder = join(server.directory, 'files');
  mkdirSync(folder);
});
afterAll(() => server.close());

function file(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, content);
  return path;
}

async function pour(...paths: string[]) {
  const ran = await server.run(['pour', '--json', '--utc', ...paths]);
  const { taken, known, not_understood: notUnderstood, files } = ran.json();
  return { exitCode: ran.exitCode, taken, known, notUnderstood, files };
}

const jsonLines = (count: number, name: string): string =>
  Array.from(
    { length: count },
    (_, index) => `${JSON.stringify({ level: 30, time: 1763719200000 + index, msg: `${name} ${index}` })}\n`,
  ).join('');

describe('pouring twice adds nothing', () => {
  test.each([
    ['pino lines', 'pino.log', jsonLines(3000, 'pinoword')],
    [
      'bunyan lines',
      'bunyan.log',
      '{"name":"a","hostname":"h","pid":1,"level":50,"msg":"b","time":"2025-11-21T10:00:00Z","v":0}\n',
    ],
    ['winston lines', 'winston.log', '{"level":"warn","message":"w","timestamp":"2025-11-21T10:00:00Z"}\n'],
    ['logfmt', 'fmt.log', 'time=2025-11-21T10:00:00Z level=INFO msg="slog text" n=1\n'.repeat(300)],
    [
      'text with stacks',
      'text.log',
      '2025-11-21 10:00:00 ERROR x\njava.lang.E: y\n\tat z\n2025-11-21 10:00:01 INFO z\n'.repeat(200),
    ],
    [
      'text without times',
      'plain.txt',
      Array.from({ length: 500 }, (_, index) => `plain line ${index}\n`).join(''),
    ],
    ['no line end at the end', 'open.log', 'one\ntwo'],
    ['Windows line ends', 'crlf.log', 'one\r\ntwo\r\n'],
    [
      'an access log',
      'access.log',
      '10.0.0.1 - - [21/Nov/2025:10:00:00 +0000] "GET / HTTP/1.1" 200 5 "-" "c"\n'.repeat(100),
    ],
  ])('%s', async (_name, name, content) => {
    const path = file(`twice/${name}`, content);
    const first = await pour(path);
    expect(first).toMatchObject({ exitCode: 0, known: 0, notUnderstood: 0 });
    expect(first.taken).toBeGreaterThan(0);
    expect(await pour(path)).toMatchObject({ exitCode: 0, taken: 0, known: first.taken });
  });

  test('under the names that rotation gives, compressed, and from another folder', async () => {
    const content = jsonLines(500, 'rotated');
    const path = file('rotate/app.log', content);
    expect((await pour(path)).taken).toBe(500);
    renameSync(path, `${path}.1`);
    const packed = file('rotate/app.log.2.gz', gzipSync(content));
    mkdirSync(join(folder, 'elsewhere'));
    const copy = join(folder, 'elsewhere', 'app.log');
    copyFileSync(`${path}.1`, copy);
    expect(await pour(`${path}.1`, packed, copy)).toMatchObject({ taken: 0, known: 1500 });
    expect(await server.found('message:rotated')).toHaveLength(500);
  });

  test('a file that has grown adds its new records only', async () => {
    const path = file('grown.log', jsonLines(10, 'grown'));
    expect((await pour(path)).taken).toBe(10);
    for (let round = 1; round <= 3; round += 1) {
      appendFileSync(path, jsonLines(300, `grown${round}`));
      expect(await pour(path)).toMatchObject({ taken: 300, known: 10 + 300 * (round - 1) });
    }
  });

  test('other files of the same name are other files, however alike they begin', async () => {
    const banner = '> shop@1.0.0 start\n> node index.js\n\nlistening on 3000\n';
    const one = file('runs/1/npm.log', `${banner}${'first run\n'.repeat(100)}`);
    const two = file('runs/2/npm.log', `${banner}${'second run\n'.repeat(100)}`);
    await pour(one);
    await pour(two);
    const seconds = await server.found('message:"second run"');
    // Up to the next rung of the ladder, lines without times cannot be told from those of the other file.
    expect(seconds.length).toBeGreaterThanOrEqual(90);
    expect(await server.found('message:"first run"')).toHaveLength(100);
  });

  test('timed files that begin alike lose nothing', async () => {
    const head = '2025-11-21 10:00:00 INFO same start\n';
    const lines = (word: string) =>
      Array.from({ length: 200 }, (_, index) => `2025-11-21 10:00:01 INFO ${word} ${index}\n`).join('');
    const one = file('alike/1/svc.log', head + lines('onealike'));
    const two = file('alike/2/svc.log', head + lines('twoalike'));
    await pour(one);
    expect((await pour(two)).taken).toBeGreaterThanOrEqual(200);
    expect((await pour(two)).taken).toBe(0);
    expect(await server.found('message:twoalike')).toHaveLength(200);
  });
});

describe('what is poured is found', () => {
  test('with its level, time, service, exception and access fields', async () => {
    await pour(
      file(
        'found/orders.log',
        '2025-11-21 10:00:00,123 ERROR [main] foundword\njava.lang.IllegalStateException: no stock\n\tat a.B.c(B.java:1)\n',
      ),
      file(
        'found/nginx.log',
        '10.0.0.9 - - [21/Nov/2025:10:00:00 +0000] "GET /주문?id=1 HTTP/1.1" 503 5 "-" "c"\n',
      ),
      file(
        'found/deep.json',
        '{"msg":"deepword","hostname":"h9","service":{"name":"billing"},"order":{"id":7,"tags":["a"]},"a.b":1}\n',
      ),
    );
    expect(
      (await server.found('message:foundword level:error exception.type:java.lang.IllegalStateException'))[0],
    ).toMatchObject({
      time: '2025-11-21T10:00:00.123000000Z',
      resource: { 'service.name': 'orders' },
      attributes: { exception: { message: 'no stock' } },
    });
    expect(
      await server.found('kind:access http.response.status_code:503 client.address:10.0.0.9'),
    ).toHaveLength(1);
    expect((await server.found('message:deepword order.id:7'))[0]).toMatchObject({
      resource: { 'service.name': 'billing', 'host.name': 'h9' },
    });
  });
});

describe('what is not understood', () => {
  test('is named by file and line, kept as text where it can be, and costs nothing else', async () => {
    const path = file(
      'odd.log',
      '{"msg":"odd one"}\n{"msg":"torn\n\u0001\u0002 odd\n{"msg":"odd two"}\n{"msg":"cut at the en',
    );
    const poured = await pour(path);
    expect(poured).toMatchObject({ exitCode: 5, taken: 4, notUnderstood: 2 });
    expect(poured.files[0].not_understood).toEqual([
      { line: 2, reason: expect.stringContaining('JSON'), kept: true },
      { line: 5, reason: expect.stringContaining('not complete'), kept: false },
    ]);
    appendFileSync(path, 'd"}\n');
    expect(await pour(path)).toMatchObject({ exitCode: 0, taken: 1, known: 4 });
    const text = await server.run(['pour', path]);
    expect(text.out).toContain(`${path}:2 looks like JSON`);
  });

  test('a binary file is left alone; a missing one is a mistake of the command line', async () => {
    expect(await pour(file('binary.log', Buffer.from([0x7f, 0x45, 0, 0, 1])))).toMatchObject({
      exitCode: 5,
      taken: 0,
    });
    expect((await server.run(['pour', join(folder, 'nowhere')])).exitCode).toBe(2);
    expect(await pour(file('empty.log', ''))).toMatchObject({ exitCode: 0, taken: 0 });
  });

  test('a gzip that ends too soon fails, and what was before it can be poured again', async () => {
    const packed = gzipSync(jsonLines(5000, 'cutgzip'));
    const path = file('cut.log.gz', packed.subarray(0, packed.length - 200));
    expect((await server.run(['pour', path])).exitCode).toBe(1);
    file('cut.log.gz', packed);
    await pour(path);
    expect(await server.found('message:cutgzip')).toHaveLength(5000);
  });
});

describe('spool segments', () => {
  test('go on under their own names; damage is named and costs itself', async () => {
    const directory = join(folder, 'spool');
    mkdirSync(directory);
    const header = {
      sillok: 1,
      producer: 'svc-1',
      boot: newBoot(),
      resource: { 'service.name': 'svc' },
      encoding: 'flat',
    } as const;
    const writer = openSpoolWriter({ directory, header });
    for (let seq = 1; seq <= 100; seq += 1) {
      writer.append(
        `{"seq":${seq},"time":"2025-11-21T10:00:00.000000001Z","kind":"log","level":"info","message":"spooled ${seq}"}`,
      );
      if (seq % 10 === 0) await writer.sync();
    }
    await writer.close();
    const path = join(directory, 'segment-0000000001.ndjson');
    const whole = readFileSync(path);
    const broken = Buffer.from(whole);
    broken[broken.indexOf('spooled 55')] = 0x21;
    writeFileSync(path, broken);
    const first = await pour(directory);
    expect(first).toMatchObject({ exitCode: 5, taken: 90 });
    expect(
      first.files.find((each: { path: string }) => each.path === path).not_understood[0].reason,
    ).toContain('damaged');
    writeFileSync(path, whole);
    expect(await pour(path)).toMatchObject({ exitCode: 0, taken: 10, known: 90 });
    expect(await server.found('producer:svc-1')).toHaveLength(100);
  });
});

test('two projects may have files of the same name', async () => {
  const path = file('project.log', jsonLines(5, 'projectword'));
  expect((await pour(path)).taken).toBe(5);
  const made = await server.run([
    'key',
    'create',
    'other',
    '--scope',
    'ingest',
    '--project',
    'other',
    '--json',
  ]);
  const other = await server.run(['pour', '--json', '--key', made.json().key, path]);
  expect(other.json()).toMatchObject({ taken: 5, known: 0 });
  const again = await server.run(['pour', '--json', '--key', made.json().key, path]);
  expect(again.json()).toMatchObject({ taken: 0, known: 5 });
});

test('the summary is honest without JSON, too, and a terminal sees a bar', async () => {
  const path = file('people.log', jsonLines(3000, 'people'));
  const ran = await server.run(['pour', path], { isTTY: true });
  expect(ran.out).toMatch(/3,000 records taken.*, 0 already there, 0 not understood/);
  const again = await server.run(['pour', path]);
  expect(again.out).toMatch(/^0 records taken, 3,000 already there, 0 not understood \(json\) in /);
});
