/** p95 of an endpoint day by day, with the limit as a line. A day without enough requests is a gap, not a zero. */
import type { TrendEndpoint } from '@sillok/api';
import type { ReactElement } from 'react';
import { shown } from '../../text.js';
import { formatNumber } from '../../ui/format.js';
import { duration } from '../../ui/numbers.js';
import { say } from '../../words/dictionary.js';
import { trendsWords } from '../../words/trends.js';
import { dayText } from './means.js';

const WIDTH = 600;
const HEIGHT = 90;

interface DayChartProps {
  readonly endpoint: TrendEndpoint;
  readonly limitMs: number;
  readonly isSmall?: boolean;
}

export function DayChart({ endpoint, limitMs, isSmall = false }: DayChartProps): ReactElement | null {
  const words = say(trendsWords);
  const { points, method, route } = endpoint;
  const days = points.map(({ day, p95_ms: value, requests }) => ({
    ms: Date.parse(day),
    day,
    value,
    requests,
  }));
  const [first, last] = [days[0], days.at(-1)];
  if (first === undefined || last === undefined) return null;
  const most = Math.max(...days.map(({ value }) => value ?? 0));
  // The limit is drawn where it is near: one far above would press the days flat.
  const isLimitNear = limitMs <= most * 3;
  const top = Math.max(most, isLimitNear ? limitMs : 0, 1e-9) * 1.08;
  const x = (ms: number): number => ((ms - first.ms) / Math.max(1, last.ms - first.ms)) * WIDTH;
  const y = (value: number): number => HEIGHT - (value / top) * HEIGHT;
  const label = words.chart(shown(`${method} ${route}`), dayText(first.day), dayText(last.day));
  return (
    <svg
      className={isSmall ? 'day-chart small' : 'day-chart'}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      {isLimitNear && <line className="day-limit" x1={0} x2={WIDTH} y1={y(limitMs)} y2={y(limitMs)} />}
      {stretchesOf(days).map((stretch) => (
        <polyline
          key={stretch[0]?.day}
          points={stretch.map(({ ms, value }) => `${x(ms).toFixed(1)},${y(value).toFixed(1)}`).join(' ')}
        />
      ))}
      {!isSmall &&
        days.map(({ day, ms, value, requests }) => (
          <rect key={day} className="day-hit" x={x(ms) - 3} y={0} width={6} height={HEIGHT}>
            <title>{`${dayText(day)} · p95 ${duration(value)} · ${formatNumber(requests)}`}</title>
          </rect>
        ))}
    </svg>
  );
}

interface Day {
  readonly day: string;
  readonly ms: number;
  readonly value: number;
}

/** Days with a value that follow each other. */
function stretchesOf(days: readonly (Omit<Day, 'value'> & { readonly value: number | null })[]): Day[][] {
  const stretches: Day[][] = [[]];
  for (const { day, ms, value } of days) {
    if (value === null) stretches.push([]);
    else stretches.at(-1)?.push({ day, ms, value });
  }
  return stretches.filter(({ length }) => length > 0);
}
