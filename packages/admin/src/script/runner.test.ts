/** How a run paces itself, stops, and says how far it is: over items in memory, with a clock that the test sets. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestLog } from '@sillok/node/test';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { HEARTBEAT_INTERVAL_MS, PROGRESS_INTERVAL_MS, PROGRESS_TTY_INTERVAL_MS } from '../limits.js';
import { runScripts } from './cli.js';
import { defineScript, type AnyScript } from './define.js';
import { giveOrder } from './orders.js';
import { Progress } from './progress.js';
import { applyScript, resumeScript, type RunOptions } from './runner.js';
import { listRuns } from './run-state.js';
import { runText } from './run-text.js';

const { log, records, clear } = createTestLog();
let root = '';
let shown = '';
let isTerminal = false;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sillok-runner-'));
  [shown, isTerminal] = ['', false];
  clear();
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance'],
  });
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(root, { recursive: true, force: true });
});

const optionsOf = (more: Partial<RunOptions> = {}): RunOptions => ({
  root,
  logger: log,
  screen: {
    write: (text) => (shown += text),
    get isTTY() {
      return isTerminal;
    },
  },
  signal: new AbortController().signal,
  environment: 'test',
  concurrency: 1,
  perSecond: undefined,
  stopAfter: 100,
  ...more,
});

/** Nothing of the script itself but its items and what it does with each. */
function over(
  count: number,
  each: (id: number) => Promise<void>,
  more: { readonly stallMs?: number; readonly total?: boolean } = {},
): AnyScript {
  return defineScript({
    name: 'over-numbers',
    description: 'Looks at numbers.',
    owner: 'kim',
    args: z.object({
      from: z.number().default(0).describe('the first number'),
      loud: z.boolean().optional(),
    }),
    items: () => Array.from({ length: count }, (_, index) => index),
    key: (id) => String(id),
    each: (id) => each(id),
    ...(more.total === true && { total: () => count }),
    ...(more.stallMs !== undefined && { stallMs: more.stallMs }),
  });
}

const apply = (script: AnyScript, more?: Partial<RunOptions>) =>
  applyScript(script, { args: {} }, optionsOf(more));
const said = (name: string) => records({ attributes: { event: { name } } });

/** An item that ends when the test says so. */
function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

describe('too many failures', () => {
  test('end the run where it is; what is left is not begun, and a resume goes on there', async () => {
    const begun: number[] = [];
    let isPoisoned = true;
    const script = over(10, async (id) => {
      begun.push(id);
      if (isPoisoned && id >= 2) throw new Error(`${id} is poisoned`);
    });
    const first = await apply(script, { stopAfter: 3 });
    expect([first.end, begun]).toEqual(['failed', [0, 1, 2, 3, 4]]);
    expect(first.failures.map(({ key }) => key)).toEqual(['2', '3', '4']);
    expect(runText(first)).toContain('It stopped after 3 failed items: the others were not begun.');
    expect(runText(first)).toContain(`script resume ${first.info.run}`);
    expect(said('script.finished')[0]?.message).toContain('3 items failed, the others were not begun');

    isPoisoned = false;
    const given = { run: first.info.run, failedOnly: false };
    const second = await resumeScript(script, given, optionsOf({ stopAfter: 3 }));
    expect([second.end, second.failures]).toEqual(['done', []]);
    expect(begun.slice(5)).toEqual([2, 3, 4, 5, 6, 7, 8, 9]);
    expect(runText(second)).not.toContain('It stopped after');
    expect(said('script.finished').map(({ level }) => level)).toEqual(['warn', 'info']);
  });

  test('that are all of the last items leave nothing that was not begun', async () => {
    const ended = await apply(
      over(3, async () => Promise.reject(new Error('no'))),
      { stopAfter: 3 },
    );
    expect([ended.end, ended.failures.length]).toEqual(['failed', 3]);
    expect(runText(ended)).not.toContain('were not begun');
  });

  test('let what runs beside them come to its end', async () => {
    const slow = gate();
    const running = apply(
      over(10, async (id) => (id === 0 ? slow.opened : Promise.reject(new Error('no')))),
      { stopAfter: 2, concurrency: 2 },
    );
    await vi.waitFor(() => expect(said('script.item_failed')).toHaveLength(2));
    slow.open();
    const { info, failures } = await running;
    expect([info.counts['done'], failures.map(({ key }) => key)]).toEqual([1, ['1', '2']]);
  });
});

describe('the pace of a run', () => {
  test('is at most so many items at once', async () => {
    const gates = Array.from({ length: 7 }, gate);
    let [now, most] = [0, 0];
    const running = apply(
      over(7, async (id) => {
        most = Math.max(most, (now += 1));
        await gates[id]?.opened;
        now -= 1;
      }),
      { concurrency: 3 },
    );
    await vi.waitFor(() => expect(now).toBe(3));
    for (const each of gates) each.open();
    expect((await running).info.counts['done']).toBe(7);
    expect(most).toBe(3);
  });

  test('is at most so many items a second', async () => {
    const begunMs: number[] = [];
    const startMs = performance.now();
    const running = apply(
      over(5, async () => void begunMs.push(Math.round(performance.now() - startMs))),
      { perSecond: 4, concurrency: 5 },
    );
    let isOver = false;
    void running.then(() => (isOver = true));
    while (!isOver) await vi.advanceTimersByTimeAsync(10);
    const pauses = begunMs.slice(1).map((ms, index) => ms - (begunMs[index] ?? 0));
    expect(begunMs).toHaveLength(5);
    for (const pause of pauses) expect(pause).toBeGreaterThanOrEqual(240);
    for (const pause of pauses) expect(pause).toBeLessThanOrEqual(270);
  });
});

describe('a run that takes long', () => {
  test('says in the record every half minute how far it is', async () => {
    const hangs = gate();
    const running = apply(
      over(3, async (id) => (id === 2 ? hangs.opened : undefined), { total: true, stallMs: 1e9 }),
    );
    await vi.advanceTimersByTimeAsync(HEARTBEAT_INTERVAL_MS * 2);
    const beats = said('script.progress');
    expect(beats).toHaveLength(2);
    expect(beats[0]).toMatchObject({
      kind: 'script',
      level: 'info',
      message: expect.stringMatching(/^2 of 3/),
    });
    expect(beats[0]?.attributes).toMatchObject({
      script: { items: { done: 2, failed: 0 }, name: 'over-numbers' },
    });
    hangs.open();
    await running;
    await vi.advanceTimersByTimeAsync(HEARTBEAT_INTERVAL_MS * 2);
    expect(said('script.progress')).toHaveLength(2);
  });

  test('says once that nothing ends any more, and again when it hangs a second time', async () => {
    const [first, second] = [gate(), gate()];
    const running = apply(
      over(2, async (id) => (id === 0 ? first.opened : second.opened), { stallMs: 5_000 }),
    );
    await vi.advanceTimersByTimeAsync(4_000);
    expect(said('script.stalled')).toEqual([]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(said('script.stalled')).toMatchObject([
      { level: 'warn', message: 'over-numbers: no item has ended for 5 s' },
    ]);
    expect(shown).toContain('no item has ended for 5 s: it hangs, or waits for a lock');
    first.open();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(said('script.stalled')).toHaveLength(2);
    second.open();
    await running;
  });

  test('does not stall while it is paused', async () => {
    const [first, second] = [gate(), gate()];
    const running = apply(
      over(2, async (id) => (id === 0 ? first.opened : second.opened), { stallMs: 5_000 }),
    );
    await vi.advanceTimersByTimeAsync(1_000);
    const pressed = (order: 'pause' | 'stop'): void => {
      const [info] = listRuns(root);
      if (info !== undefined) giveOrder(root, info, { order, by: 'kim' });
    };
    pressed('pause');
    await vi.advanceTimersByTimeAsync(1_000);
    expect(said('script.paused')).toHaveLength(1);
    first.open();
    await vi.advanceTimersByTimeAsync(120_000);
    expect(said('script.stalled')).toEqual([]);
    second.open();
    pressed('stop');
    await vi.advanceTimersByTimeAsync(1_000);
    expect((await running).end).toBe('stopped');
  });

  test.each([
    {
      where: 'without a terminal',
      isTTY: false,
      everyMs: PROGRESS_INTERVAL_MS,
      line: /^2 of 3 .*\n2 of 3 .*\n$/,
    },
    {
      where: 'on a terminal',
      isTTY: true,
      everyMs: PROGRESS_TTY_INTERVAL_MS,
      // oxlint-disable-next-line no-control-regex -- what a terminal is sent
      line: /^\r\u001b\[2K2 of 3[^\n]*\r\u001b\[2K2 of 3[^\n]*$/,
    },
  ])('shows how far it is, $where', async ({ isTTY, everyMs, line }) => {
    isTerminal = isTTY;
    const hangs = gate();
    const running = apply(over(3, async (id) => (id === 2 ? hangs.opened : undefined), { total: true }));
    await vi.advanceTimersByTimeAsync(everyMs * 2 + 1);
    expect(shown).toMatch(line);
    hangs.open();
    await running;
  });
});

test('progress says the rate of the last seconds and the time that is left', async () => {
  const progress = new Progress({ write: () => true });
  progress.expect(1_000);
  for (let item = 0; item < 100; item += 1) {
    progress.add(item % 50 === 49 ? 'failed' : 'done');
    await vi.advanceTimersByTimeAsync(500);
  }
  // Two a second: 900 are left.
  expect(progress.line()).toMatch(/^100 of 1,000 · 2\/s · 8 min left · 2 failed$/);
  for (let item = 0; item < 840; item += 1) {
    progress.add('done');
    await vi.advanceTimersByTimeAsync(50);
  }
  // It has become faster.
  expect(progress.line()).toMatch(/^940 of 1,000 · 20\/s · 3 s left/);
  progress.stop();
});

test('--help of a script tells a colleague what it does, what it takes, and how it is run', async () => {
  const script = over(1, async () => undefined);
  const io = { out: optionsOf().screen, env: { SILLOK_SCRIPTS_DIR: root }, signal: optionsOf().signal };
  expect(await runScripts([script], ['run', 'over-numbers', '--help'], io)).toBe(0);
  expect(shown).toContain('Looks at numbers.');
  expect(shown).toMatch(/--from <number> +the first number \(default 0\)/);
  expect(shown).toMatch(/--loud/);
  expect(shown).toMatch(/--stop-after <n> +failed items after which it stops \(100\)/);
  expect(records()).toEqual([]);
});
