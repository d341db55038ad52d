import { expect, test } from 'vitest';
import { createClock } from './clock.js';
import { isTime, timeToNs } from './time.js';

/** A machine whose two clocks are set by hand. */
function machine(wallMs = Date.UTC(2026, 10, 21, 10)) {
  const state = { wallMs, monotonicNs: 5_000n };
  const clock = createClock({ wallNowMs: () => state.wallMs, monotonicNs: () => state.monotonicNs });
  const pass = (ms: number, wallStepMs = 0) => {
    state.monotonicNs += BigInt(ms) * 1_000_000n;
    state.wallMs += ms + wallStepMs;
  };
  return { clock, pass, state };
}

test('a clock that stands still still answers rising times', () => {
  const { clock } = machine();
  const times = Array.from({ length: 2000 }, () => clock.now());
  expect(times[0]).toBe('2026-11-21T10:00:00.000000000Z');
  expect(times[1999]).toBe('2026-11-21T10:00:00.000001999Z');
  expect(times).toEqual([...new Set(times)].sort());
  expect(times.every(isTime)).toBe(true);
});

test('the real clock rises and keeps the form', () => {
  const clock = createClock();
  const times = Array.from({ length: 10_000 }, () => clock.now());
  expect(times.every(isTime)).toBe(true);
  expect(new Set(times).size).toBe(times.length);
  expect([...times].sort()).toEqual(times);
  expect(Math.abs(Date.parse(times[0] ?? '') - Date.now())).toBeLessThan(60_000);
});

test('a wall clock set forward is followed within a second', () => {
  const { clock, pass, state } = machine();
  pass(500, 3_600_000);
  clock.now();
  pass(1000);
  expect(Number(timeToNs(clock.now()) / 1_000_000n)).toBe(state.wallMs);
});

test('a wall clock set back never turns time back and is approached slowly', () => {
  const { clock, pass, state } = machine();
  const before = timeToNs(clock.now());
  pass(1000, -60_000);
  let last = timeToNs(clock.now());
  expect(last).toBeGreaterThan(before);
  for (let second = 0; second < 700; second += 1) {
    pass(1000);
    const next = timeToNs(clock.now());
    expect(next - last).toBeGreaterThanOrEqual(899_000_000n);
    last = next;
  }
  expect(Math.abs(Number(last / 1_000_000n) - state.wallMs)).toBeLessThanOrEqual(110);
});

test('drift below the tolerance is left alone', () => {
  const { clock, pass } = machine();
  clock.now();
  pass(1000, 4);
  expect(clock.now()).toBe('2026-11-21T10:00:01.000000000Z');
});

test('a machine before 1970 or with a broken clock still gets valid times', () => {
  for (const wallMs of [-5000, Number.NaN, Number.POSITIVE_INFINITY]) {
    const { clock, pass } = machine(wallMs);
    clock.now();
    pass(2000);
    expect(isTime(clock.now())).toBe(true);
  }
});

test('the last nanosecond of a second is followed by the next second', () => {
  const state = { monotonicNs: 0n };
  const clock = createClock({ wallNowMs: () => 0, monotonicNs: () => state.monotonicNs });
  state.monotonicNs = 999_999_999n;
  expect(clock.now()).toBe('1970-01-01T00:00:00.999999999Z');
  expect(clock.now()).toBe('1970-01-01T00:00:01.000000000Z');
});
