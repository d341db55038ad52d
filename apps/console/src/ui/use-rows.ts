/**
 * Which rows of a list are in sight: all rows are equally high, so that it is two divisions, however long the list is. A general
 * virtualizer keeps a place per row and went through all of them with each page that was added (docs/decisions/0010).
 */
import { useCallback, useRef, useSyncExternalStore, type RefObject } from 'react';
import { useKeys } from './keys.js';
import { say } from '../words/dictionary.js';
import { frameWords } from '../words/frame.js';

export const ROW_PX = 28;
/** Two lines, where the width has no room for one. */
export const NARROW_ROW_PX = 46;
/** Drawn above and below what is seen, so that a turn of the wheel shows no empty stretch. */
const OVERSCAN_ROWS = 12;
/** Until the list has been measured: a usual screen. */
const FIRST_ROWS = { first: 0, end: 40 };

export interface RowsInSight {
  readonly indexes: readonly number[];
  readonly heightPx: number;
}

export function useRows(
  place: RefObject<HTMLElement | null>,
  count: number,
  rowPx: number = ROW_PX,
): RowsInSight {
  const range = useRef(FIRST_ROWS);
  const subscribe = useCallback(
    (listener: () => void) => {
      const list = place.current;
      if (list === null) return () => {};
      // Measured only here: reading it while drawing would make the browser lay out twice.
      const look = (): void => {
        const first = Math.max(0, Math.floor(list.scrollTop / rowPx) - OVERSCAN_ROWS);
        const end = Math.ceil((list.scrollTop + list.clientHeight) / rowPx) + OVERSCAN_ROWS;
        if (first === range.current.first && end === range.current.end) return;
        range.current = { first, end };
        listener();
      };
      const resized = new ResizeObserver(look);
      resized.observe(list);
      list.addEventListener('scroll', look, { passive: true });
      look();
      return () => {
        resized.disconnect();
        list.removeEventListener('scroll', look);
      };
    },
    [place, rowPx],
  );
  const { first, end } = useSyncExternalStore(subscribe, () => range.current);
  const shown = Math.max(0, Math.min(end, count) - first);
  return { indexes: Array.from({ length: shown }, (_, index) => first + index), heightPx: count * rowPx };
}

/** Scrolls no further than needed. What sticks to the top of the list covers as much as it takes. */
export function showRow(list: HTMLElement, index: number, rowPx: number = ROW_PX): void {
  const top = index * rowPx;
  const bottom = top + rowPx + coveredPx(list);
  if (top < list.scrollTop) list.scrollTop = top;
  else if (bottom > list.scrollTop + list.clientHeight) list.scrollTop = bottom - list.clientHeight;
}

function coveredPx(list: HTMLElement): number {
  const inner = list.querySelector('.list-inner');
  if (inner === null) return 0;
  return (
    inner.getBoundingClientRect().top - list.getBoundingClientRect().top - list.clientTop + list.scrollTop
  );
}

/**
 * The keys of a long list, wherever on the page one is: a row that had the focus is taken out of the page once it is scrolled
 * away, and the browser's own keys would then move nothing. What scrolls by itself keeps its keys.
 */
export function useListKeys(place: RefObject<HTMLElement | null>): void {
  const words = say(frameWords);
  const when = (): boolean => document.activeElement?.closest('.detail, .fields, [role="listbox"]') == null;
  const by = (screens: number) => (): void => {
    const list = place.current;
    if (list === null) return;
    const screenPx = Math.max(ROW_PX, list.clientHeight - coveredPx(list) - ROW_PX);
    list.scrollTop += screens * screenPx;
  };
  const to = (end: (list: HTMLElement) => number) => (): void => {
    if (place.current !== null) place.current.scrollTop = end(place.current);
  };
  useKeys([
    { keys: 'PageDown', label: words.keyPageDown, act: by(1), when },
    { keys: 'PageUp', label: words.keyPageUp, act: by(-1), when },
    { keys: 'Home', label: words.keyFirst, act: to(() => 0), when },
    { keys: 'End', label: words.keyLast, act: to((list) => list.scrollHeight), when },
  ]);
}
