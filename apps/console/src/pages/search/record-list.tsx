/** The records found: only the visible ones are in the page, and the next page is fetched before its end is seen. */
import { useVirtualizer } from '@tanstack/react-virtual';
import type { Envelope } from '@sillok/record';
import { useEffect, useRef, type ReactElement } from 'react';
import { LIST_AHEAD_ROWS } from '../../limits.js';
import { RecordRow } from '../../ui/record-row.js';
import { say } from '../../words/dictionary.js';
import { searchWords } from '../../words/search.js';

const ROW_HEIGHT = 28;

interface RecordListProps {
  readonly records: readonly Envelope[];
  readonly chosen: Envelope | undefined;
  readonly onChoose: (record: Envelope) => void;
  readonly hasMore: boolean;
  readonly onMore: () => void;
}

export function RecordList({ records, chosen, onChoose, hasMore, onMore }: RecordListProps): ReactElement {
  const place = useRef<HTMLDivElement>(null);
  const words = say(searchWords);
  const rows = useVirtualizer({
    count: records.length,
    getScrollElement: () => place.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 12,
  });
  const items = rows.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (hasMore && last > records.length - LIST_AHEAD_ROWS) onMore();
    // `onMore` is new at every drawing; what counts is how far one has come.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [last, records.length, hasMore]);
  const chosenIndex = chosen === undefined ? -1 : records.indexOf(chosen);
  useEffect(() => {
    if (chosenIndex >= 0) rows.scrollToIndex(chosenIndex, { align: 'auto' });
    // Only when another record is chosen.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [chosenIndex]);
  return (
    <section className="list" ref={place} aria-label={words.list} tabIndex={0}>
      <div className="list-inner" style={{ height: rows.getTotalSize() }}>
        {items.map((item) => {
          const record = records[item.index];
          if (record === undefined) return null;
          return (
            <div key={item.key} className="list-item" style={{ transform: `translateY(${item.start}px)` }}>
              <RecordRow record={record} chosen={record === chosen} onChoose={onChoose} />
            </div>
          );
        })}
      </div>
      {hasMore && (
        <button type="button" className="more" onClick={onMore}>
          {words.more}
        </button>
      )}
    </section>
  );
}
