/** The waterfall: a line per call, drawn only where it is seen, so that 10,000 calls scroll like ten. */
import type { TraceAnswer } from '@sillok/api';
import { useEffect, useMemo, useRef, type ReactElement } from 'react';
import { formatDuration } from '../../ui/format.js';
import { useIsNarrow } from '../../ui/narrow.js';
import { NARROW_ROW_PX, ROW_PX, showRow, useListKeys, useRows } from '../../ui/use-rows.js';
import { say } from '../../words/dictionary.js';
import { traceWords } from '../../words/trace.js';
import type { Row } from './rows.js';
import { WaterfallRow } from './waterfall-row.js';

const TICKS = 5;

/** The stretch of the trace that fills the width, in milliseconds from its start. */
export interface Window {
  readonly from: number;
  readonly to: number;
}

interface WaterfallProps {
  readonly trace: TraceAnswer;
  readonly rows: readonly Row[];
  readonly window: Window;
  readonly withCritical: boolean;
  readonly chosen: number;
  readonly folded: ReadonlySet<string>;
  readonly onChoose: (index: number) => void;
  readonly onFold: (id: string) => void;
}

export function Waterfall(props: WaterfallProps): ReactElement {
  const { trace, rows, window, withCritical, chosen, folded, onChoose, onFold } = props;
  const place = useRef<HTMLDivElement>(null);
  const words = say(traceWords);
  // On a phone the bar is below its call: beside it, neither could be read.
  const rowPx = useIsNarrow() ? NARROW_ROW_PX : ROW_PX;
  const { indexes, heightPx } = useRows(place, rows.length, rowPx);
  useListKeys(place);
  useEffect(() => {
    if (chosen >= 0 && place.current !== null) showRow(place.current, chosen, rowPx);
  }, [chosen, rowPx]);
  const critical = useMemo(() => criticalByNode(trace, withCritical), [trace, withCritical]);
  return (
    <section className="waterfall" ref={place} aria-label={words.waterfall} tabIndex={0}>
      <Scale window={window} />
      <div className="list-inner" style={{ height: heightPx }}>
        {indexes.map((index) => {
          const row = rows[index];
          if (row === undefined) return null;
          return (
            <div key={index} className="list-item" style={{ transform: `translateY(${index * rowPx}px)` }}>
              <WaterfallRow
                row={row}
                window={window}
                critical={row.kind === 'node' ? critical.get(row.node.id) : undefined}
                chosen={index === chosen}
                isFolded={row.kind === 'node' && folded.has(row.node.id)}
                index={index}
                onChoose={onChoose}
                onFold={onFold}
              />
            </div>
          );
        })}
      </div>
    </section>
  );
}

function criticalByNode(trace: TraceAnswer, isWanted: boolean): Map<string, Window[]> {
  const found = new Map<string, Window[]>();
  if (!isWanted) return found;
  for (const { node, from_ms: from, to_ms: to } of trace.critical_path) {
    const list = found.get(node) ?? [];
    list.push({ from, to });
    found.set(node, list);
  }
  return found;
}

function Scale({ window }: { window: Window }): ReactElement {
  const width = window.to - window.from;
  const ticks = Array.from({ length: TICKS }, (_, index) => window.from + (width * index) / TICKS);
  return (
    <div className="waterfall-scale" aria-hidden="true">
      <span />
      <span className="waterfall-ticks">
        {ticks.map((ms) => (
          <span key={ms}>{ms === 0 ? '0' : formatDuration(ms)}</span>
        ))}
      </span>
    </div>
  );
}
