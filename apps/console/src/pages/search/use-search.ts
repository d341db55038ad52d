/** Runs the query of the address, and its pages. An older answer never overtakes a newer question. */
import type { HistogramPage, RecordsPage } from '@sillok/api';
import type { Envelope } from '@sillok/record';
import { useCallback, useEffect, useRef, useState } from 'react';
import { failureFrom, type Failure } from '../../api/http.js';
import { histogram, search, type Range } from '../../api/search.js';
import { HISTOGRAM_BUCKETS, LIST_RECORDS_MAX, PAGE_RECORDS } from '../../limits.js';

export interface Found {
  readonly records: readonly Envelope[];
  readonly next: string | null;
  /** The newest page's word on freshness, gaps and cost. */
  readonly trust: Pick<RecordsPage, 'freshness' | 'gaps' | 'cost'>;
  readonly hints: RecordsPage['hints'];
}

export interface Search {
  readonly found: Found | undefined;
  readonly bars: HistogramPage | undefined;
  readonly failure: Failure | undefined;
  readonly busy: boolean;
  readonly more: () => void;
  readonly again: () => void;
}

export function useSearch({ q, from, to }: Range): Search {
  const [found, setFound] = useState<Found>();
  const [bars, setBars] = useState<HistogramPage>();
  const [failure, setFailure] = useState<Failure>();
  const [busy, setBusy] = useState(true);
  const [round, setRound] = useState(0);
  const turning = useRef(false);
  const current = useRef<AbortController>(undefined);

  const onFailure = useCallback((cause: unknown) => {
    const known = failureFrom(cause);
    turning.current = false;
    if (known === undefined) return;
    setFailure(known);
    setBusy(false);
  }, []);

  useEffect(() => {
    const abort = new AbortController();
    current.current = abort;
    turning.current = false;
    setBusy(true);
    setFailure(undefined);
    search({ q, from, to }, { limit: PAGE_RECORDS }, abort.signal).then(
      (page) => {
        setFound({ records: page.records, next: page.next, trust: page, hints: page.hints });
        setBusy(false);
      },
      (cause: unknown) => {
        if (abort.signal.aborted) return;
        setFound(undefined);
        setBars(undefined);
        onFailure(cause);
      },
    );
    histogram({ q, from, to }, HISTOGRAM_BUCKETS, abort.signal).then(setBars, () => undefined);
    return () => abort.abort();
  }, [q, from, to, round, onFailure]);

  const more = (): void => {
    const signal = current.current?.signal;
    if (found?.next == null || turning.current || found.records.length >= LIST_RECORDS_MAX) return;
    turning.current = true;
    setBusy(true);
    // Longer pages the further down: a hundred calls of a thousand reach the end of a long list in seconds.
    const limit = Math.min(1000, Math.max(PAGE_RECORDS, found.records.length));
    search({ q, from, to }, { cursor: found.next, limit }, signal).then((page) => {
      turning.current = false;
      setFound((now) => ({
        records: [...(now?.records ?? []), ...page.records],
        next: page.next,
        trust: page,
        hints: now?.hints,
      }));
      setBusy(false);
    }, onFailure);
  };
  return { found, bars, failure, busy, more, again: () => setRound((now) => now + 1) };
}
