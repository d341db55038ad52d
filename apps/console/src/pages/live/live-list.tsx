/** The newest records on top, only the visible ones in the page. Scrolling away from the top is reading: it holds. */
import type { Envelope } from '@sillok/record';
import { useEffect, useRef, type ReactElement } from 'react';
import { identityOf } from '../../text.js';
import { RecordRow } from '../../ui/record-row.js';
import { ROW_PX, useListKeys, useRows } from '../../ui/use-rows.js';
import { say } from '../../words/dictionary.js';
import { searchWords } from '../../words/search.js';

const STILL_PX = 8;

interface LiveListProps {
  readonly records: readonly Envelope[];
  readonly chosen: Envelope | undefined;
  readonly isHeld: boolean;
  readonly onChoose: (record: Envelope) => void;
  readonly onHold: () => void;
}

export function LiveList({ records, chosen, isHeld, onChoose, onHold }: LiveListProps): ReactElement {
  const place = useRef<HTMLDivElement>(null);
  const { indexes, heightPx } = useRows(place, records.length);
  useListKeys(place);
  useEffect(() => {
    // Following means the top: what came while it was held is there.
    if (!isHeld) place.current?.scrollTo(0, 0);
  }, [isHeld]);
  return (
    <section
      className="list live"
      ref={place}
      tabIndex={0}
      aria-label={say(searchWords).list}
      onScroll={(event) => {
        if (event.currentTarget.scrollTop > STILL_PX && !isHeld) onHold();
      }}
    >
      <div className="list-inner" style={{ height: heightPx }}>
        {indexes.map((index) => {
          const record = records[index];
          if (record === undefined) return null;
          return (
            <div
              key={identityOf(record)}
              className="list-item"
              style={{ transform: `translateY(${index * ROW_PX}px)` }}
            >
              <RecordRow record={record} chosen={record === chosen} onChoose={onChoose} />
            </div>
          );
        })}
      </div>
    </section>
  );
}
