/** Numbers and times as the reader's language writes them. */
import { languageStore } from '../words/dictionary.js';

const locale = (): string => (languageStore.get() === 'ko' ? 'ko-KR' : 'en-GB');

export const formatNumber = (value: number, digits = 0): string =>
  value.toLocaleString(locale(), { maximumFractionDigits: digits });

/** `1.2M`, `3.4만`: for places where the exact number is too long. */
// British English writes a million as "m", which stands for minutes and milliseconds beside it.
export const formatShort = (value: number): string =>
  value.toLocaleString(languageStore.get() === 'ko' ? 'ko-KR' : 'en-US', {
    notation: 'compact',
    maximumFractionDigits: 1,
  });

export const formatPercent = (share: number): string =>
  share.toLocaleString(locale(), { style: 'percent', maximumFractionDigits: share < 0.1 ? 1 : 0 });

export function formatMoment(time: string | number): string {
  return new Date(time).toLocaleString(locale(), {
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hour12: false,
  });
}

/** 0 is Sunday. 2023 began with one. */
export const weekdayName = (day: number): string =>
  new Date(Date.UTC(2023, 0, 1 + day)).toLocaleDateString(locale(), { weekday: 'long', timeZone: 'UTC' });

/** `850 µs`, `12 ms`, `3.4 s`, `2 min`: three digits are enough to compare. */
export function formatDuration(ms: number): string {
  if (!Number.isFinite(ms)) return '–';
  if (Math.abs(ms) < 1) return `${formatNumber(ms * 1000)} µs`;
  if (Math.abs(ms) < 10) return `${formatNumber(ms, 1)} ms`;
  if (Math.abs(ms) < 1000) return `${formatNumber(ms)} ms`;
  if (Math.abs(ms) < 60_000) return `${formatNumber(ms / 1000, 2)} s`;
  const isKorean = languageStore.get() === 'ko';
  if (Math.abs(ms) < 3_600_000) return `${formatNumber(ms / 60_000, 1)}${isKorean ? '분' : ' min'}`;
  return `${formatNumber(ms / 3_600_000, 1)}${isKorean ? '시간' : ' h'}`;
}

const STEPS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const;

/** `3 minutes ago`. */
export function formatAgo(time: string | number, nowMs: number): string {
  const difference = new Date(time).getTime() - nowMs;
  const words = new Intl.RelativeTimeFormat(locale(), { numeric: 'auto' });
  for (const [unit, ms] of STEPS) {
    if (Math.abs(difference) >= ms) return words.format(Math.round(difference / ms), unit);
  }
  return words.format(0, 'second');
}
