/** The cards of a report: now, before in the same length, how many times as much, calls and people. */
import type { ReactElement } from 'react';
import type { CardAnswer, ReportAnswer } from '@sillok/api';
import { formatMoment, formatNumber, formatPercent } from '../../ui/format.js';
import { shown } from '../../text.js';
import { say } from '../../words/dictionary.js';
import { reportWords } from '../../words/reports.js';

export function Cards({ answer }: { answer: ReportAnswer }): ReactElement {
  const words = say(reportWords);
  const { now, before, release } = answer;
  return (
    <>
      <p className="muted">
        {words.now}: {formatMoment(now.from)} – {formatMoment(now.to)} · {words.before}:{' '}
        {formatMoment(before.from)} – {formatMoment(before.to)}
        {release !== null && ` · ${words.since(shown(release.service), shown(release.version))}`}
      </p>
      <div className="cards">
        {answer.cards.map((card, index) => (
          <Card key={`${card.title} ${index}`} card={card} />
        ))}
      </div>
    </>
  );
}

function valueText(value: number | null, { measure, unit }: CardAnswer): string {
  if (value === null) return say(reportWords).noData;
  if (measure === 'error_rate') return formatPercent(value);
  return `${formatNumber(value, Math.abs(value) < 100 ? 1 : 0)} ${unit}`.trim();
}

/** Good and bad only where the report says which direction is which. */
function mood({ ratio, better }: CardAnswer): 'good' | 'bad' | undefined {
  if (ratio === null || better === 'none' || Math.abs(ratio - 1) < 0.02) return undefined;
  return ratio > 1 === (better === 'up') ? 'good' : 'bad';
}

function Card({ card }: { card: CardAnswer }): ReactElement {
  const words = say(reportWords);
  const { ratio, before, before_comparable: comparable } = card;
  return (
    <section className="card kpi" aria-label={card.title}>
      <h2>{shown(card.title)}</h2>
      <p className="big-number">
        {valueText(card.now, card)}
        {ratio !== null && (
          <span className={`kpi-ratio ${mood(card) ?? 'muted'}`}>
            {words.times(formatNumber(ratio, ratio < 10 ? 2 : 1))}
          </span>
        )}
      </p>
      <p className="muted small">
        {words.before}: {valueText(comparable, card)}
        {before !== comparable && before !== null && ` ${words.comparable} (${valueText(before, card)})`}
      </p>
      <p className="muted small">
        {words.calls} {formatNumber(card.calls)} · {words.people} {formatNumber(card.people)}
      </p>
    </section>
  );
}
