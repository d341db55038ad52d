/**
 * The records found: only the visible ones are in the page. The next page is fetched before the list's end is seen;
 * what is newer is put in front on request, and the list keeps its place.
 */
import { useVirtualizer } from '@tanstack/react-virtual';
import type { Envelope } from '@sillok/record';
import { useEffect, useLayoutEffect, useRef, type ReactElement } from 'react';
import { LIST_AHEAD_ROWS, LIST_RECORDS_MAX } from '../../limits.js';
import { identityOf, shown } from '../../text.js';
import { formatNumber } from '../../ui/format.js';
import { RecordRow, rowStyle } from '../../ui/record-row.js';
import { say } from '../../words/dictionary.js';
import { searchWords } from '../../words/search.js';
import type { Found } from './use-search.js';

const ROW_HEIGHT = 28;

interface RecordListProps {
  readonly found: Found;
  readonly columns: readonly string[];
  readonly chosen: Envelope | undefined;
  readonly onChoose: (record: Envelope) => void;
  readonly onMore: () => void;
}

export function RecordList({ found, columns, chosen, onChoose, onMore }: RecordListProps): ReactElement {
  const place = useRef<HTMLDivElement>(null);
  const words = say(searchWords);
  const { records, next, before } = found;
  const rows = useVirtualizer({
    count: records.length,
    getScrollElement: () => place.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 12,
  });
  const items = rows.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (next !== null && last > records.length - LIST_AHEAD_ROWS) onMore();
    // `onMore` is new at every drawing; what counts is how far one has come.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [last, records.length, next]);

  const beforeSeen = useRef(before);
  useLayoutEffect(() => {
    const added = before - beforeSeen.current;
    beforeSeen.current = before;
    if (added > 0 && place.current !== null) place.current.scrollTop += added * ROW_HEIGHT;
  }, [before]);

  const chosenIndex = chosen === undefined ? -1 : records.indexOf(chosen);
  useEffect(() => {
    if (chosenIndex >= 0) rows.scrollToIndex(chosenIndex, { align: 'auto' });
    // Only when another record is chosen.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [chosenIndex]);

  return (
    <section className="list" ref={place} aria-label={words.list} tabIndex={0}>
      {columns.length > 0 && <ColumnHeads columns={columns} />}
      <div className="list-inner" style={{ height: rows.getTotalSize() }}>
        {items.map((item) => {
          const record = records[item.index];
          if (record === undefined) return null;
          return (
            <div
              key={identityOf(record)}
              className="list-item"
              style={{ transform: `translateY(${item.start}px)` }}
            >
              <RecordRow record={record} chosen={record === chosen} onChoose={onChoose} columns={columns} />
            </div>
          );
        })}
      </div>
      {next !== null && records.length >= LIST_RECORDS_MAX && (
        <p className="muted list-end">{words.listFull(formatNumber(LIST_RECORDS_MAX))}</p>
      )}
    </section>
  );
}

function ColumnHeads({ columns }: { columns: readonly string[] }): ReactElement {
  const words = say(searchWords);
  return (
    <div className="row heads" style={rowStyle(columns)} aria-hidden="true">
      <span>{words.time}</span>
      <span>{words.level}</span>
      <span>{words.service}</span>
      {columns.map((name) => (
        <span key={name} className="cell">
          {shown(name)}
        </span>
      ))}
      <span>{words.message}</span>
    </div>
  );
}
