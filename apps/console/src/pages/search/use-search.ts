/** Runs the query of the address, and its pages. An older answer never overtakes a newer question. */
import type { HistogramPage, RecordsPage, TablePage } from '@sillok/api';
import type { Envelope } from '@sillok/record';
import { useCallback, useEffect, useRef, useState } from 'react';
import { failureFrom, type Failure } from '../../api/http.js';
import { ask, histogram, search, type Range } from '../../api/search.js';
import { HISTOGRAM_BUCKETS, LIST_RECORDS_MAX, PAGE_RECORDS, PAGE_RECORDS_LATER } from '../../limits.js';
import type { Trusted } from '../../ui/trust.js';

export interface Question extends Range {
  readonly order: 'asc' | 'desc';
}

export interface Found {
  /** The question that these records answer. */
  readonly of: Range;
  readonly records: readonly Envelope[];
  readonly next: string | null;
  readonly previous: string | null;
  readonly trust: Trusted;
  readonly hints: RecordsPage['hints'];
  /** Rows that were put before the first ones since the search: the list keeps its place by it. */
  readonly before: number;
}

export interface Search {
  readonly found: Found | undefined;
  /** The answer of a query with pipes. */
  readonly table: TablePage | undefined;
  readonly bars: HistogramPage | undefined;
  readonly failure: Failure | undefined;
  readonly busy: boolean;
  readonly more: () => void;
  readonly newer: () => void;
  readonly again: () => void;
}

interface State {
  readonly found?: Found;
  readonly table?: TablePage;
}

export function useSearch({ q, from, to, order }: Question): Search {
  const [state, setState] = useState<State>({});
  const [bars, setBars] = useState<HistogramPage>();
  const [failure, setFailure] = useState<Failure>();
  const [busy, setBusy] = useState(true);
  const [round, setRound] = useState(0);
  const turning = useRef(false);
  const current = useRef<AbortController>(undefined);

  const onFailure = useCallback((cause: unknown) => {
    turning.current = false;
    const known = failureFrom(cause);
    if (known === undefined) return;
    setFailure(known);
    setBusy(false);
  }, []);

  useEffect(() => {
    const abort = new AbortController();
    // A histogram is of records: the stages after a pipe do not change which.
    const countBars = (): Promise<void> =>
      histogram({ q: withoutStages(q), from, to }, HISTOGRAM_BUCKETS, abort.signal).then(
        setBars,
        () => undefined,
      );
    current.current = abort;
    turning.current = false;
    setBusy(true);
    setFailure(undefined);
    ask({ q, from, to }, { limit: PAGE_RECORDS, order }, abort.signal).then(
      (answer) => {
        setState('records' in answer ? { found: firstPage(answer, { q, from, to }) } : { table: answer });
        setBusy(false);
        // The records come first: what is counted around them reads more, and would hold them up.
        void countBars();
      },
      (cause: unknown) => {
        if (abort.signal.aborted) return;
        setState({});
        setBars(undefined);
        onFailure(cause);
      },
    );
    return () => abort.abort();
  }, [q, from, to, order, round, onFailure]);

  const turn = (cursor: string | null | undefined, put: (now: Found, page: RecordsPage) => Found): void => {
    const count = state.found?.records.length ?? 0;
    if (cursor == null || turning.current || count >= LIST_RECORDS_MAX) return;
    turning.current = true;
    setBusy(true);
    // Longer pages the further down: a hundred calls of a thousand reach the end of a long list in seconds.
    const limit = count > PAGE_RECORDS ? PAGE_RECORDS_LATER : PAGE_RECORDS;
    search({ q, from, to }, { cursor, limit, order }, current.current?.signal).then((page) => {
      turning.current = false;
      setState((now) => (now.found === undefined ? now : { found: put(now.found, page) }));
      setBusy(false);
    }, onFailure);
  };
  return {
    ...{ found: state.found, table: state.table, bars, failure, busy },
    more: () => turn(state.found?.next, nextPage),
    newer: () => turn(state.found?.previous, previousPage),
    again: () => setRound((now) => now + 1),
  };
}

function firstPage(page: RecordsPage, of: Range): Found {
  const { records, next, previous, hints } = page;
  return { of, records, next, previous, trust: page, hints, before: 0 };
}

function nextPage(now: Found, page: RecordsPage): Found {
  return { ...now, records: [...now.records, ...page.records], next: page.next, trust: page };
}

function previousPage(now: Found, page: RecordsPage): Found {
  const before = now.before + page.records.length;
  return { ...now, records: [...page.records, ...now.records], previous: page.previous, trust: page, before };
}

/** The search before its first pipe; a pipe inside quotes is text. */
export function withoutStages(q: string): string {
  const end = /^(?:[^"|\\]|\\.|"(?:[^"\\]|\\.)*")*/su.exec(q)?.[0] ?? q;
  return end.trim();
}

export const hasStages = (q: string): boolean => withoutStages(q) !== q.trim();
