/** The numbers of a service or an endpoint, and how they stand against before. */
import type { Numbers } from '@sillok/api';
import type { ReactElement } from 'react';
import { say } from '../words/dictionary.js';
import { servicesWords } from '../words/services.js';
import { formatDuration, formatNumber, formatPercent } from './format.js';

export function NumberCards({ now }: { now: Numbers }): ReactElement {
  const words = say(servicesWords);
  const cards = [
    {
      name: words.requests,
      text: formatNumber(now.requests),
      more: words.perSecond(formatNumber(now.rate_per_second, 2)),
    },
    {
      name: words.errors,
      text: formatPercent(now.error_share),
      more: formatNumber(now.errors),
      isBad: now.errors > 0,
    },
    { name: 'p50', text: duration(now.p50_ms) },
    { name: 'p95', text: duration(now.p95_ms) },
    { name: 'p99', text: duration(now.p99_ms) },
  ];
  return (
    <div className="numbers">
      {cards.map((card) => (
        <div key={card.name} className="number-card">
          <span className="muted small">{card.name}</span>
          <strong className={card.isBad === true ? 'bad' : undefined}>{card.text}</strong>
          {card.more !== undefined && <span className="muted small">{card.more}</span>}
        </div>
      ))}
    </div>
  );
}

export const duration = (ms: number | null): string => (ms === null ? '–' : formatDuration(ms));
