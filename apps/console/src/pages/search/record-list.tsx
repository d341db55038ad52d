/**
 * The records found: only the visible ones are in the page. The next page is fetched before the list's end is seen;
 * what is newer is put in front on request, and the list keeps its place.
 */
import type { Envelope } from '@sillok/record';
import { useEffect, useLayoutEffect, useRef, type ReactElement, type RefObject } from 'react';
import { LIST_AHEAD_ROWS, LIST_RECORDS_MAX } from '../../limits.js';
import { identityOf, shown } from '../../text.js';
import { formatNumber } from '../../ui/format.js';
import { RecordRow, rowStyle } from '../../ui/record-row.js';
import { ROW_PX, showRow, useListKeys, useRows } from '../../ui/use-rows.js';
import { say } from '../../words/dictionary.js';
import { searchWords } from '../../words/search.js';
import type { Found } from './use-search.js';

interface RecordListProps {
  readonly found: Found;
  readonly columns: readonly string[];
  readonly chosen: Envelope | undefined;
  readonly onChoose: (record: Envelope) => void;
  readonly onMore: () => void;
}

export function RecordList({ found, columns, chosen, onChoose, onMore }: RecordListProps): ReactElement {
  const list = useRef<HTMLDivElement>(null);
  const words = say(searchWords);
  const { records, next } = found;
  const { indexes, heightPx } = useRows(list, records.length);
  useListKeys(list);
  usePlace(list, found, chosen);
  const last = indexes.at(-1) ?? 0;
  useEffect(() => {
    if (next !== null && last > records.length - LIST_AHEAD_ROWS) onMore();
  }, [last, records.length, next, onMore]);

  const chosenName = chosen === undefined ? undefined : identityOf(chosen);
  return (
    <section className="list" ref={list} aria-label={words.list} tabIndex={0}>
      {columns.length > 0 && <ColumnHeads columns={columns} />}
      <div className="list-inner" style={{ height: heightPx }}>
        {indexes.map((index) => {
          const record = records.at(index);
          if (record === undefined) return null;
          const name = identityOf(record);
          return (
            <div key={name} className="list-item" style={{ transform: `translateY(${index * ROW_PX}px)` }}>
              <RecordRow record={record} chosen={name === chosenName} onChoose={onChoose} columns={columns} />
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

/** The list stands where its reader left it, stays there when records are put in front, and shows the record that is chosen. */
function usePlace(list: RefObject<HTMLDivElement | null>, found: Found, chosen: Envelope | undefined): void {
  const { records, place } = found;
  useLayoutEffect(() => {
    const element = list.current;
    if (element === null) return undefined;
    element.scrollTop = place.scrollTop;
    return () => {
      place.scrollTop = element.scrollTop;
    };
  }, [list, place]);

  const beforeSeen = useRef(records.before);
  useLayoutEffect(() => {
    const added = records.before - beforeSeen.current;
    beforeSeen.current = records.before;
    if (added > 0 && list.current !== null) list.current.scrollTop += added * ROW_PX;
  }, [list, records.before]);

  const index = chosen === undefined ? -1 : records.indexOf(chosen);
  const shownChosen = useRef(chosen);
  useEffect(() => {
    // Only another choice moves the list: not its growing, and not coming back to it.
    if (shownChosen.current === chosen) return;
    shownChosen.current = chosen;
    if (index >= 0 && list.current !== null) showRow(list.current, index);
  }, [list, chosen, index]);
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
