/** How fresh, how complete and how costly an answer is: under every answer, on every page. */
import type { Cost, Freshness, GapShape } from '@sillok/api';
import type { ReactElement, ReactNode } from 'react';
import { bytes, shortTime, shown } from '../text.js';
import { say } from '../words/dictionary.js';
import { frameWords } from '../words/frame.js';
import { formatNumber } from './format.js';

export interface Trusted {
  readonly freshness: Freshness;
  readonly gaps: readonly GapShape[];
  readonly cost: Cost;
}

export function Trust(props: { of: Trusted | undefined; busy: boolean; children?: ReactNode }): ReactElement {
  const { of, busy, children } = props;
  const words = say(frameWords);
  return (
    <p className="trust" aria-live="polite" data-busy={busy}>
      {children}
      {of === undefined && busy && <span>{words.loading}</span>}
      {of !== undefined && <Parts {...of} />}
    </p>
  );
}

function Parts({ freshness, gaps, cost }: Trusted): ReactElement {
  const words = say(frameWords);
  const missing = gaps.reduce((sum, gap) => sum + gap.to - gap.from + 1, 0);
  const names = gaps.slice(0, 20).map((gap) => shown(`${gap.producer} ${gap.boot} ${gap.from}–${gap.to}`));
  return (
    <>
      <span>
        {words.visible} {shortTime(freshness.visible_through)}
      </span>
      {missing === 0 ? (
        <span>{words.complete}</span>
      ) : (
        <span className="warning" title={[words.gapsHelp, ...names].join('\n')}>
          {words.gaps(formatNumber(missing))}
        </span>
      )}
      <span>
        {words.cost(formatNumber(cost.rows_read), bytes(cost.bytes_read), formatNumber(cost.elapsed_ms))}
      </span>
    </>
  );
}
