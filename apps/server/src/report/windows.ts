/** The two windows of a report, and how numbers of windows of different length are made comparable. Pure. */
import type { ReportCard, ReportWindow } from '@sillok/api';

import { DAY_MS } from './limits.js';

export interface Windows {
  readonly now: ReportWindow;
  readonly before: ReportWindow;
}

export function rollingWindows(atMs: number, days: { now: number; before: number }): Windows {
  const nowFrom = atMs - days.now * DAY_MS;
  return { now: windowOf(nowFrom, atMs), before: windowOf(nowFrom - days.before * DAY_MS, nowFrom) };
}

/** Since a release, against the days before it. */
export function releaseWindows(atMs: number, releaseMs: number, beforeDays: number): Windows {
  return {
    now: windowOf(releaseMs, atMs),
    before: windowOf(releaseMs - beforeDays * DAY_MS, releaseMs),
  };
}

function windowOf(fromMs: number, toMs: number): ReportWindow {
  return { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() };
}

export function lengthMs({ from, to }: ReportWindow): number {
  return Date.parse(to) - Date.parse(from);
}

/** Measures that grow with the length of the window. People do too, but not in proportion: see `card.ts`. */
export function isAdditive(measure: ReportCard['measure']): boolean {
  return measure === 'calls' || measure === 'sum';
}

/** 20,000 in five weeks are 4,000 a week; 43,200 in one week are then ×10.8. */
export function comparable(value: number, windows: Windows): number {
  const before = lengthMs(windows.before);
  return before <= 0 ? value : (value * lengthMs(windows.now)) / before;
}

export function ratioOf(now: number | null, before: number | null): number | null {
  return now === null || before === null || before === 0 ? null : now / before;
}
