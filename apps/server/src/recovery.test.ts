/** What goes wrong around a server, and what must hold: nothing acknowledged is lost, nothing is there twice. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { nodeDisk, type Disk } from '@sillok/spool';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { Queue } from './queue/queue.js';
import { body, line, lines, ServerUnderTest, until } from './server.fixture.js';

let server: ServerUnderTest;
beforeEach(() => {
  server = new ServerUnderTest();
});
afterEach(() => server.dispose());

const isExternal = process.env['SILLOK_CLICKHOUSE_URL'] !== undefined;
const counts = 'SELECT producer, count(), uniqExact(seq) FROM records GROUP BY producer ORDER BY producer';
const day = {
  project: 'default',
  from: '2026-11-21T00:00:00.000000000Z',
  to: '2026-11-22T00:00:00.000000000Z',
  limit: 100,
};

describe('restarts', () => {
  test('numbers, conflicts and contents are known after a restart, with and without the snapshot', async () => {
    await server.start();
    await server.verdict({ producer: 'p', boot: 'b' }, [...lines(1, 20), line(22)]);
    const foreign = {
      project: 'default',
      protocol: 'loki',
      resource: {},
      records: [{ message: 'x' }],
      content: 'c1',
    };
    await server.running.deps.admission.admitForeign(foreign);
    for (const snapshot of [true, false]) {
      await server.stop();
      if (!snapshot) rmSync(join(server.directory, 'ledger.ndjson'));
      await server.start();
      const { state, admission } = server.running.deps;
      expect(state.gaps(day)).toEqual([{ producer: 'p', boot: 'b', from: 21, to: 21 }]);
      expect(await admission.admitForeign(foreign)).toMatchObject({ repeated: true });
      const again = await server.verdict({ producer: 'p', boot: 'b' }, [
        line(5),
        line(6, { message: 'other' }),
      ]);
      expect(again).toMatchObject({ known: 1, rejected: [{ seq: 6, code: 'identity_conflict' }] });
    }
    expect(await server.select(counts)).toEqual([
      ['loki/unknown', 1, 1],
      ['p', 21, 21],
    ]);
  });

  test('a key made before is good after, one revoked before is not', async () => {
    await server.start();
    const json = { 'content-type': 'application/json' };
    const make = async () =>
      (await (
        await server.post('/api/keys', JSON.stringify({ name: 'k', scopes: ['ingest'] }), json)
      ).json()) as { id: string; key: string };
    const [kept, revoked] = [await make(), await make()];
    const { url, devKey } = server.running;
    await fetch(`${url}/api/keys/${revoked.id}`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${devKey}` },
    });
    await server.stop();
    await server.start();
    expect((await server.send({ producer: 'p', boot: 'b' }, [line(1)], kept.key)).status).toBe(200);
    expect((await server.send({ producer: 'p', boot: 'b' }, [line(2)], revoked.key)).status).toBe(401);
    expect(server.running.devKey).toBe(devKey);
  });

  test('a second server on the same folder is refused and harms nothing', async () => {
    await server.start();
    await expect(new ServerUnderTest({ dataDirectory: server.directory }).start()).rejects.toThrow(
      /being written by/,
    );
    expect(await server.verdict({ producer: 'p', boot: 'b' }, [line(1)])).toMatchObject({
      accepted_through: 1,
    });
  });

  test('a server killed between commit and answer: the retry adds nothing', async () => {
    const main = fileURLToPath(new URL('../dist/serve.js', import.meta.url));
    const args = [main, '--port', '0', '--data', server.directory, '--ballast', '0'];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const [told] = (await once(child.stdout, 'data')) as [Buffer];
    const url = /http:\/\/[^/\s]+/.exec(told.toString())?.[0] ?? '';
    const key = readFileSync(join(server.directory, 'dev-key'), 'utf8').trim();
    const sent = body({ producer: 'p', boot: 'b' }, lines(1, 500));
    const segment = () =>
      readdirSync(join(server.directory, 'queue', 'log')).filter((name) => name.endsWith('.ndjson'))[0] ?? '';
    const answer = fetch(`${url}/v1/records`, {
      method: 'POST',
      body: sent,
      headers: { authorization: `Bearer ${key}` },
    });
    answer.catch(() => undefined);
    await until(() =>
      readFileSync(join(server.directory, 'queue', 'log', segment()), 'utf8').includes('"seq":500,'),
    );
    child.kill('SIGKILL');
    await once(child, 'exit');
    await server.start();
    const verdict = await server.verdict({ producer: 'p', boot: 'b' }, lines(1, 600));
    expect(verdict).toMatchObject({ accepted_through: 600, rejected: [] });
    expect(await server.select(counts)).toEqual([['p', 600, 600]]);
  });
});

describe.skipIf(isExternal)('the engine', () => {
  test('killed again and again under load: ingest goes on, every record is there once', async () => {
    await server.start();
    let seq = 0;
    let killed = 0;
    for (let kill = 0; kill < 4; kill += 1) {
      await until(() => server.isReady() && server.running.enginePid !== killed);
      const pid = server.running.enginePid ?? 0;
      killed = pid;
      for (let batch = 0; batch < 10; batch += 1) {
        if (batch === 5) process.kill(pid, kill % 2 === 0 ? 'SIGKILL' : 'SIGSTOP');
        await server.verdict({ producer: 'p', boot: 'b' }, lines(seq + 1, seq + 300));
        seq += 300;
      }
      if (kill % 2 === 1) process.kill(pid, 'SIGKILL');
    }
    expect(await server.select(counts)).toEqual([['p', seq, seq]]);
  });

  test('its folder deleted: every count comes back', async () => {
    await server.start({ segmentBytesMax: 20_000 });
    for (let batch = 0; batch < 20; batch += 1) {
      await server.verdict({ producer: 'p', boot: 'b' }, lines(batch * 100 + 1, batch * 100 + 100));
    }
    await server.select(counts);
    await server.running.upkeep();
    const names = readdirSync(join(server.directory, 'queue', 'log'));
    expect(names.some((name) => name.endsWith('.gz'))).toBe(true);
    await server.stop();
    rmSync(join(server.directory, 'engine'), { recursive: true });
    await server.start({ segmentBytesMax: 20_000 });
    await server.verdict({ producer: 'p', boot: 'b' }, lines(2001, 2100));
    expect(await server.select(counts)).toEqual([['p', 2100, 2100]]);
  });

  test('a part cut by a power failure: a fresh table is filled from the queue and takes its place', async () => {
    await server.start();
    await server.verdict({ producer: 'p', boot: 'b' }, lines(1, 300));
    await server.visible();
    await server.verdict({ producer: 'q', boot: 'b' }, lines(1, 200));
    await server.visible();
    await server.stop();
    const store = join(server.directory, 'engine', 'db', 'store');
    const files = readdirSync(store, { recursive: true, encoding: 'utf8' });
    const data = files.filter((name) => /\/\w+_\d+_\d+_\d+\/data\.bin$/.test(name));
    expect(data.length).toBeGreaterThan(0);
    truncateSync(join(store, data[0] ?? ''), 10);
    await server.start();
    await server.verdict({ producer: 'p', boot: 'b' }, lines(301, 400));
    await until(async () => String(await server.select(counts)) === 'p,400,400,q,200,200');
    await server.stop();
    await server.start();
    expect(await server.select(counts)).toEqual([
      ['p', 400, 400],
      ['q', 200, 200],
    ]);
  });

  test('rows that it lost are found at start and inserted again', async () => {
    await server.start();
    await server.verdict({ producer: 'p', boot: 'b' }, lines(1, 100));
    await server.visible();
    await server.verdict({ producer: 'p', boot: 'b' }, lines(101, 200));
    await server.visible();
    const journal = readFileSync(join(server.directory, 'writer-journal.ndjson'), 'utf8').trim().split('\n');
    await server.stop();
    // The same ids, but the first batch is said to hold what the second does: rows of it are missing in the store.
    const [first, second] = journal.map((each) => JSON.parse(each) as { id: number; stretches: unknown });
    const claim = { ...first, id: first!.id + 1, stretches: second!.stretches };
    await server.start();
    await server.select('SELECT count() FROM records');
    await server.stop();
    writeFileSync(
      join(server.directory, 'writer-journal.ndjson'),
      `${JSON.stringify(first)}\n${JSON.stringify(claim)}\n`,
    );
    await server.start();
    await until(async () => Number((await server.select('SELECT count() FROM records'))[0]?.[0]) === 300);
  });
});

test('a record that the engine cannot read costs only itself, and is kept aside with the reason', async () => {
  const queue = new Queue({
    directory: join(server.directory, 'queue'),
    boot: 'earlier',
    onFailure: () => undefined,
    tryFreeSpace: () => false,
  });
  const bad = line(2).replace('2026-11-21T', '2026-99-99T');
  for (const [first, text] of [
    [1, [line(1), bad, line(3)]],
    [4, [line(4)]],
  ] as const) {
    const records = Buffer.from(text.map((each) => `${each}\n`).join(''));
    const header = {
      sillok: 1,
      producer: 'p',
      boot: 'b',
      resource: {},
      encoding: 'flat',
      project: 'default',
      class: 'log',
      observed_time: '2026-11-21T10:00:00.000000000Z',
      count: text.length,
      bytes: records.length,
      seqs: [first, text.length],
      times: [1_795_255_200_000_000, 1_795_255_200_000_001],
    } as const;
    queue.append(header, [records]);
  }
  await queue.sync(['log']);
  await queue.close();
  await server.start();
  expect(await server.select('SELECT seq FROM records ORDER BY seq')).toEqual([[1], [3], [4]]);
  const kept = readFileSync(join(server.directory, 'aside', 'poison.ndjson'), 'utf8').trim();
  expect(JSON.parse(kept)).toMatchObject({ project: 'default', producer: 'p', boot: 'b', seq: 2, line: bad });
});

describe('the disk', () => {
  /** Writes to the queue's segments fail while `isFull`. */
  function fillableDisk() {
    const state = { isFull: false, failSync: false };
    const full = () => Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    const disk: Disk = {
      ...nodeDisk,
      write(fd, bytes, range) {
        if (state.isFull && range.length > 400) throw full();
        return nodeDisk.write(fd, bytes, range);
      },
      datasync: (fd) =>
        state.failSync
          ? Promise.reject(Object.assign(new Error('EIO'), { code: 'EIO' }))
          : nodeDisk.datasync(fd),
    };
    return { disk, state };
  }

  test('full: refused with 507 and Retry-After, nothing of it counts as taken; with room again the retry is taken once', async () => {
    const { disk, state } = fillableDisk();
    await server.start({ disk });
    await server.verdict({ producer: 'p', boot: 'b' }, lines(1, 100));
    state.isFull = true;
    const refused = await server.send({ producer: 'p', boot: 'b' }, lines(101, 200));
    expect(refused.status).toBe(507);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await refused.json()).toMatchObject({ error: { code: 'disk_full' } });
    state.isFull = false;
    expect(await server.verdict({ producer: 'p', boot: 'b' }, lines(101, 200))).toMatchObject({ known: 0 });
    expect(await server.select(counts)).toEqual([['p', 200, 200]]);
  });

  test('full after the first of two classes: the retry adds the other, and the live feed goes on', async () => {
    const { disk, state } = fillableDisk();
    let blocks = 0;
    const second: Disk = {
      ...disk,
      write(fd, bytes, range) {
        if (range.length > 400) blocks += 1;
        state.isFull = blocks === 2;
        return disk.write(fd, bytes, range);
      },
    };
    await server.start({ disk: second });
    // What the server wrote for itself at its start does not count.
    blocks = 0;
    const seen: number[] = [];
    server.running.deps.state.onAdmitted(({ records }) => seen.push(...records.map(({ seq }) => seq)));
    const mixed = Array.from({ length: 40 }, (_, index) =>
      line(index + 1, { kind: index < 20 ? 'log' : 'span' }),
    );
    expect((await server.send({ producer: 'p', boot: 'b' }, mixed)).status).toBe(507);
    expect(await server.verdict({ producer: 'p', boot: 'b' }, mixed)).toMatchObject({
      known: 20,
      rejected: [],
    });
    await server.verdict({ producer: 'p', boot: 'b' }, lines(41, 60));
    expect(await server.select(counts)).toEqual([['p', 60, 60]]);
    expect(seen.filter((seq) => seq > 20).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 40 }, (_, index) => index + 21),
    );
  });

  test('full for the first time: the ballast is given up and the batch is taken', async () => {
    server = new ServerUnderTest({ ballastBytes: 4096 });
    const { disk, state } = fillableDisk();
    const ballast = join(server.directory, 'ballast');
    const giving: Disk = {
      ...disk,
      write(fd, bytes, range) {
        state.isFull = state.isFull && existsSync(ballast);
        return disk.write(fd, bytes, range);
      },
    };
    await server.start({ disk: giving });
    expect(existsSync(ballast)).toBe(true);
    state.isFull = true;
    expect(await server.verdict({ producer: 'p', boot: 'b' }, lines(1, 100))).toMatchObject({
      accepted_through: 100,
    });
    expect(existsSync(ballast)).toBe(false);
  });

  test('nearly full: refused before it is', async () => {
    server = new ServerUnderTest({ diskFreeBytesMin: Number.MAX_SAFE_INTEGER });
    await server.start();
    expect((await server.send({ producer: 'p', boot: 'b' }, lines(1, 2))).status).toBe(507);
  });

  test('an fsync that fails: no acknowledgement any more, and the server says that it has to stop', async () => {
    const { disk, state } = fillableDisk();
    await server.start({ disk });
    state.failSync = true;
    const response = await server.send({ producer: 'p', boot: 'b' }, lines(1, 2));
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ error: { code: 'queue_failed' } });
    await server.running.failed;
    state.failSync = false;
    expect((await server.send({ producer: 'p', boot: 'b' }, lines(1, 2))).status).toBe(503);
    expect((await fetch(`${server.running.url}/readyz`)).status).toBe(503);
    await server.stop().catch(() => undefined);
  });
});

describe('retention', () => {
  const daysAgo = (days: number) =>
    new Date(Date.now() - days * 86_400_000).toISOString().replace('Z', '000000Z');

  test('by days: rows go, then their segments; the numbers stay known and are no gap', async () => {
    const retention = { days: 10, diskBytes: 0 };
    const all = Object.fromEntries(
      ['log', 'span', 'audit', 'event', 'access', 'script'].map((kind) => [kind, retention]),
    );
    // Every kind has an entry.
    server = new ServerUnderTest({ retention: all as never });
    await server.start({ segmentBytesMax: 20_000 });
    const producer = { producer: 'p', boot: 'b' };
    const old = lines(1, 300).map((text, index) =>
      line(index + 1, { time: daysAgo(20), pad: 'x'.repeat(100), text: text.length }),
    );
    await server.verdict(producer, old);
    await server.verdict(
      producer,
      Array.from({ length: 300 }, (_, index) => line(index + 301, { time: daysAgo(1) })),
    );
    expect(await server.select(counts)).toEqual([['p', 600, 600]]);
    await server.running.upkeep();
    expect(await server.select(counts)).toEqual([['p', 300, 300]]);
    const segments = readdirSync(join(server.directory, 'queue', 'log')).filter((name) =>
      name.startsWith('segment'),
    );
    expect(segments[0]).not.toMatch(/0000000001/);
    expect(await server.verdict(producer, lines(1, 5))).toMatchObject({ known: 5 });
    await server.stop();
    await server.start();
    expect(server.running.deps.state.gaps({ ...day, to: '2030-01-01T00:00:00.000000000Z' })).toEqual([]);
    expect(await server.select(counts)).toEqual([['p', 300, 300]]);
  });

  test('by disk: the oldest day goes first, the newest stays', async () => {
    const retention = { days: 0, diskBytes: 1 };
    const all = Object.fromEntries(
      ['log', 'span', 'audit', 'event', 'access', 'script'].map((kind) => [kind, retention]),
    );
    // Every kind has an entry.
    server = new ServerUnderTest({ retention: all as never });
    await server.start();
    const records = [3, 2, 1].map((days, index) => line(index + 1, { time: daysAgo(days) }));
    await server.verdict({ producer: 'p', boot: 'b' }, records);
    await server.visible();
    await server.running.upkeep();
    expect(await server.select('SELECT seq FROM records')).toEqual([[3]]);
  });
});
