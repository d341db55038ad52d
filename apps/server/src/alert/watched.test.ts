/**
 * What is built in, in a whole server whose clock the test sets: sources that lag or fall silent, numbers that are missing, a
 * dependency that fails while its process looks healthy. The message is what the webhook received, word for word.
 */
import type { FlatRecord } from '@sillok/record';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { until } from '../server.fixture.js';
import { ClockedServer, minute, second } from './clocked.fixture.js';

const clocked = new ClockedServer();

beforeAll(async () => {
  await clocked.start();
  const korean = { kind: 'slack_webhook', name: 'korean', language: 'ko' };
  const url = `http://127.0.0.1:${clocked.hookPort}/korean`;
  expect((await clocked.ask('POST', '/api/alert-targets', { ...korean, url })).status).toBe(201);
});
afterAll(() => clocked.dispose());

describe('a source that falls silent', () => {
  test('is told with how long it has said nothing, and ends when it speaks again', async () => {
    for (let seq = 1; seq <= 20; seq += 1) {
      await clocked.arrives({ service: 'pay', seqs: [seq] });
      clocked.nowMs += 20 * second;
    }
    const lastHeard = new Date(clocked.nowMs - 20 * second).toISOString();
    clocked.nowMs += 9 * minute;
    await clocked.look();
    expect(await clocked.told('pay')).toEqual([]);
    clocked.nowMs += 2 * minute;
    await clocked.look();
    const [text = '', ...others] = await clocked.told('pay');
    expect(others).toEqual([]);
    expect(text.split('\n').slice(0, 3)).toEqual([
      '🟠 *New · source is silent · A source fell silent*',
      `\`pay: nothing for 11 min, last heard ${lastHeard}\``,
      `service pay · since ${lastHeard.slice(0, 19)}Z`,
    ]);
    expect(text).toContain('q=service.name%3A%22pay%22&amp;');
    // Each target in its own language, and readers in theirs.
    const korean = clocked.hook.texts('/korean').filter((each) => each.includes('pay'));
    expect(korean[0]?.split('\n').slice(0, 2)).toEqual([
      '🟠 *발생 · 소스가 조용해짐 · 소스가 조용해짐*',
      `\`pay: 11분 동안 기록 없음, 마지막은 ${lastHeard}\``,
    ]);
    const { body } = await clocked.ask('GET', '/api/alerts?limit=500');
    expect(body['alerts']).toContainEqual(
      expect.objectContaining({
        titles: {
          en: `pay: nothing for 11 min, last heard ${lastHeard}`,
          ko: `pay: 11분 동안 기록 없음, 마지막은 ${lastHeard}`,
        },
      }),
    );

    await clocked.arrives({ service: 'pay', seqs: [21] });
    clocked.nowMs += 2 * minute + second;
    await clocked.look();
    const texts = await clocked.told('pay');
    expect(texts).toHaveLength(2);
    expect(texts[1]).toMatch(/^✅ \*Resolved · source is silent · A source fell silent\*/);
    expect(texts[1]).toMatch(/went unnoticed for 11 min 20 s · lasted 11 min 20 s/);
  });

  test('is not one that always pauses for long, nor one that was heard a few times only', async () => {
    for (let seq = 1; seq <= 20; seq += 1) {
      await clocked.arrives({ service: 'nightly', seqs: [seq] });
      clocked.nowMs += 30 * minute;
    }
    for (const seq of [1, 2, 3]) await clocked.arrives({ service: 'once', seqs: [seq] });
    clocked.nowMs += 60 * minute;
    await clocked.look();
    expect(await clocked.told('nightly')).toEqual([]);
    expect(await clocked.told('once')).toEqual([]);
  });
});

describe('a source that lags', () => {
  test('is told when it stays late for more than a minute, and ends when it is in time', async () => {
    await clocked.arrives({ service: 'slow-ship', seqs: [1], ageMs: 5 * minute });
    await clocked.arrives({ service: 'slow-ship', seqs: [2], ageMs: 5 * minute });
    await clocked.look();
    expect(await clocked.told('slow-ship')).toEqual([]);
    clocked.nowMs += 61 * second;
    await clocked.arrives({ service: 'slow-ship', seqs: [3], ageMs: 5 * minute });
    await clocked.look();
    const [text = ''] = await clocked.told('slow-ship');
    expect(text.split('\n').slice(0, 2)).toEqual([
      '🟠 *New · source lags · A source lags*',
      '`slow-ship: its records arrive 5 min late`',
    ]);
    await clocked.arrives({ service: 'slow-ship', seqs: [4] });
    clocked.nowMs += 3 * minute;
    await clocked.look();
    expect((await clocked.told('slow-ship')).at(-1)).toMatch(/^✅ \*Resolved · source lags/);
  });

  test('is not one whose old files are poured', async () => {
    await clocked.arrives({ service: 'history', seqs: [1], ageMs: 7 * 60 * minute });
    clocked.nowMs += 61 * second;
    await clocked.arrives({ service: 'history', seqs: [2], ageMs: 7 * 60 * minute });
    await clocked.look();
    expect(await clocked.told('history')).toEqual([]);
  });
});

describe('a run of a script', () => {
  let seq = 0;
  const says = (event: string, more: Partial<FlatRecord> = {}): Promise<void> => {
    const attributes = { 'script.name': 'raise-prices', 'script.run': 'r-1', 'script.mode': 'apply' };
    const { attributes: given, ...others } = more;
    const record: Partial<FlatRecord> = {
      kind: 'script',
      'event.name': event,
      message: event,
      ...others,
      attributes: { ...attributes, ...given },
    };
    return clocked.arrives({ service: 'jobs', seqs: [(seq += 1)], record });
  };
  const progress = (done: number, more: object = {}): Promise<void> =>
    says('script.progress', { attributes: { 'script.items.done': done, ...more } });

  test('that says that it hangs is told until an item ends again', async () => {
    await says('script.started');
    await progress(5);
    const message = 'raise-prices: no item has ended for 60 s';
    await says('script.stalled', { level: 'warn', message });
    await progress(5);
    await clocked.look();
    const [text = '', ...others] = await clocked.told('raise-prices');
    expect(others).toEqual([]);
    expect(text.split('\n').slice(0, 2)).toEqual([
      '🟠 *New · script stands still · A run of a script stands still*',
      `\`${message}\``,
    ]);
    expect(text).toContain('script.run%3A%22r-1%22');
    // It still hangs: no second message, and no end.
    for (const pause of [minute, minute, minute]) {
      clocked.nowMs += pause;
      await progress(5);
      await clocked.look();
    }
    expect(await clocked.told('raise-prices')).toHaveLength(1);
    await progress(6);
    await clocked.look();
    clocked.nowMs += 2 * minute + second;
    await progress(60);
    await clocked.look();
    expect((await clocked.told('raise-prices')).at(-1)).toMatch(/^✅ \*Resolved · script stands still/);
  });

  test('that was killed is told as silent, and ends when it is resumed and finishes', async () => {
    const before = (await clocked.told('raise-prices')).length;
    const lastHeard = new Date(clocked.nowMs).toISOString();
    clocked.nowMs += 3 * minute;
    await clocked.look();
    expect(await clocked.told('raise-prices')).toHaveLength(before);
    clocked.nowMs += minute;
    await clocked.look();
    const silent = (await clocked.told('raise-prices')).slice(before);
    expect(silent).toHaveLength(1);
    expect(silent[0]).toContain(`raise-prices: no sign of life for 4 min, last heard ${lastHeard}`);
    await says('script.started');
    await says('script.finished');
    clocked.nowMs += 10 * minute;
    await clocked.look();
    expect((await clocked.told('raise-prices')).at(-1)).toMatch(/^✅ \*Resolved · script stands still/);
  });

  test('that is a dry run is not missed when nobody hears of it any more', async () => {
    await says('script.started', { attributes: { 'script.run': 'r-2', 'script.mode': 'plan' } });
    const before = (await clocked.told('raise-prices')).length;
    clocked.nowMs += 10 * minute;
    await clocked.look();
    expect(await clocked.told('raise-prices')).toHaveLength(before);
  });
});

describe('numbers that are missing', () => {
  test('are named when two looks find them, and end when they arrive after all', async () => {
    await clocked.arrives({ service: 'gappy', seqs: [1, 2, 5] });
    await clocked.look();
    expect(await clocked.told('gappy')).toEqual([]);
    clocked.nowMs += 30 * second;
    await clocked.look();
    const [text = ''] = await clocked.told('gappy');
    expect(text.split('\n').slice(0, 2)).toEqual([
      '🟠 *New · records are missing · Records are missing*',
      '`gappy-1: records 3 to 4 never arrived (boot b1)`',
    ]);
    await clocked.arrives({ service: 'gappy', seqs: [3, 4] });
    clocked.nowMs += 3 * minute;
    await clocked.look();
    expect((await clocked.told('gappy')).at(-1)).toMatch(/^✅ \*Resolved · records are missing/);
  });

  test('are none when records only overtook each other', async () => {
    await clocked.arrives({ service: 'overtaking', seqs: [2] });
    await clocked.look();
    await clocked.arrives({ service: 'overtaking', seqs: [1] });
    clocked.nowMs += 30 * second;
    await clocked.look();
    expect(await clocked.told('overtaking')).toEqual([]);
  });
});

describe('a dependency that fails while its process looks healthy', () => {
  const failed: Partial<FlatRecord> = {
    kind: 'span',
    level: 'error',
    message: 'SELECT orders',
    attributes: {
      'span.kind': 'client',
      'db.system.name': 'postgresql',
      'server.address': 'db-1.shop.example',
      'server.port': 5432,
      'error.type': 'ECONNREFUSED',
    },
  };

  test('is told within 60 seconds of its first failure, though the service goes on to log as usual', async () => {
    const firstMs = clocked.nowMs;
    let seq = 0;
    const next = (): number => (seq += 1);
    // One request in 25 seconds reaches the database; all the others are served from memory and look well.
    for (const pauseMs of [0, 25 * second, 25 * second]) {
      clocked.nowMs += pauseMs;
      await clocked.arrives({ service: 'shop', seqs: [next(), next(), next()] });
      await clocked.arrives({ service: 'shop', seqs: [next()], record: failed });
    }
    await until(async () => (await clocked.told('shop → ')).length > 0);
    expect(clocked.nowMs - firstMs).toBeLessThanOrEqual(60 * second);
    const [text = '', ...others] = await clocked.told('shop → ');
    expect(others).toEqual([]);
    expect(text.split('\n').slice(0, 3)).toEqual([
      '🔴 *New · dependency fails · A dependency fails while its process looks healthy*',
      '`shop → postgresql db-1.shop.example:5432: ECONNREFUSED: SELECT orders`',
      `3 times · service shop · release 2.0.0 · since ${new Date(firstMs).toISOString().slice(0, 19)}Z`,
    ]);

    await clocked.arrives({ service: 'shop', seqs: [next()] });
    clocked.nowMs += 2 * minute + second;
    const texts = await clocked.told('shop → ');
    expect(texts[1]).toMatch(/^✅ \*Resolved · dependency fails/);
    expect(texts[1]).toMatch(/went unnoticed for 50 s · lasted 50 s/);
  });
});
