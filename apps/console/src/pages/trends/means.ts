/** What the lines through an endpoint's days mean, in words. */
import type { TrendEndpoint } from '@sillok/api';
import { languageStore, say } from '../../words/dictionary.js';
import { trendsWords } from '../../words/trends.js';

export function isWorse({ crosses, is_over: isOver, p95, errors }: TrendEndpoint): boolean {
  return isOver || crosses !== null || p95?.getting === 'worse' || errors?.getting === 'worse';
}

/** How it stands with durations, then with errors. */
export function meansOf({ p95, errors }: TrendEndpoint): string[] {
  const words = say(trendsWords);
  if (p95 === null && errors === null) return [words.unknown];
  const times = { worse: words.slower, better: words.faster, steady: words.steady };
  const fails = { worse: words.failsMore, better: words.failsLess, steady: undefined };
  return [
    p95 === null ? words.unknown : times[p95.getting],
    errors === null ? undefined : fails[errors.getting],
  ].filter((text) => text !== undefined);
}

export function crossingText({
  crosses,
}: Pick<TrendEndpoint, 'crosses'>): { expected: string; within: string } | undefined {
  if (crosses === null) return undefined;
  const words = say(trendsWords);
  const { expected, earliest, latest } = crosses;
  const within =
    latest === null ? words.after(dayText(earliest)) : words.between(dayText(earliest), dayText(latest));
  return { expected: words.crosses(dayText(expected)), within };
}

/** Days are those of UTC: that is how they are counted. */
export function dayText(day: string): string {
  const locale = languageStore.get() === 'ko' ? 'ko-KR' : 'en-GB';
  return new Date(day).toLocaleDateString(locale, {
    ...{ year: 'numeric', month: 'short', day: 'numeric' },
    timeZone: 'UTC',
  });
}

/** `+3.1 ms`: a change without its sign says nothing. */
export function signed(value: number, text: (value: number) => string): string {
  return value > 0 ? `+${text(value)}` : text(value);
}
