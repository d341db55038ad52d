/** The range of a panel, its own or that of its dashboard, and the width of a bar within it. */
import { spanMs } from '@sillok/api';
import { parseDuration } from '@sillok/query';

import { momentOf } from '../read/reading.js';
import { SERIES_POINTS } from './limits.js';
import type { PanelRun } from './panel.js';

export interface PanelRange {
  readonly from: string;
  readonly to: string;
  readonly bucketMs: number;
}

export function rangeOfPanel(run: Pick<PanelRun, 'panel' | 'from' | 'to'>, nowMs = Date.now()): PanelRange {
  const { panel } = run;
  const ownRange = panel.range !== '';
  const from = mustMoment('from', ownRange ? panel.range : run.from, nowMs);
  const to = mustMoment('to', ownRange ? 'now' : run.to, nowMs);
  const isOverTime = panel.kind === 'time_series' || panel.kind === 'heatmap';
  return { from, to, bucketMs: isOverTime ? bucketOf(spanMs(from, to)) : 0 };
}

function mustMoment(name: string, text: string, nowMs: number): string {
  return momentOf(name, text === '' ? 'now' : text, nowMs) ?? '';
}

const WIDTHS = [
  '1s',
  '5s',
  '10s',
  '30s',
  '1m',
  '5m',
  '10m',
  '15m',
  '30m',
  '1h',
  '3h',
  '6h',
  '12h',
  '1d',
  '7d',
];

function bucketOf(lengthMs: number): number {
  const least = lengthMs / SERIES_POINTS;
  const widths = WIDTHS.map((text) => Number(parseDuration(text) ?? 0n) / 1e6);
  return widths.find((width) => width >= least) ?? Math.ceil(least / 604_800_000) * 604_800_000;
}
