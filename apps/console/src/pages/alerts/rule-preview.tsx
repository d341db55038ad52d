/** What a rule would have said: its windows as bars, or the one number that it is now. */
import type { ReactElement } from 'react';
import type { PreviewShape } from '@sillok/api';
import { formatNumber } from '../../ui/format.js';
import { say } from '../../words/dictionary.js';
import { alertWords } from '../../words/alerts.js';

const HEIGHT = 48;

export function RulePreview({ preview }: { preview: PreviewShape }): ReactElement {
  const words = say(alertWords);
  const { points, fired, covers } = preview;
  const [first] = points;
  if (covers === 'now' && first !== undefined && preview.groups.length === 1) {
    const value = formatNumber(first.value, 2);
    return <p role="status">{first.fires ? words.firesNow(value) : words.isNow(value)}</p>;
  }
  const highest = Math.max(1e-9, ...points.map(({ value }) => value));
  const text =
    covers === 'all'
      ? words.wouldFire(formatNumber(fired))
      : words.wouldFireNewest(formatNumber(fired), formatNumber(points.length));
  return (
    <figure className="rule-preview">
      <svg viewBox={`0 0 ${points.length} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={text}>
        {points.map((point, index) => (
          <rect
            key={point.time}
            x={index}
            y={HEIGHT - (point.value / highest) * HEIGHT}
            width={0.9}
            height={(point.value / highest) * HEIGHT}
            data-fires={point.fires}
          />
        ))}
      </svg>
      <figcaption>{text}</figcaption>
    </figure>
  );
}
