/** Runs the query of the address, and its pages. An older answer never overtakes a newer question. */
import type { HistogramPage, RecordsPage, TablePage } from '@sillok/api';
import type { Envelope } from '@sillok/record';
import {
  useCallback,
  useEffect,
  useRef,
  useState,
  type Dispatch,
  type RefObject,
  type SetStateAction,
} from 'react';
import { failureFrom, type Failure } from '../../api/http.js';
import { find, histogram, type FoundPage, type Range } from '../../api/search.js';
import { HISTOGRAM_BUCKETS, LIST_RECORDS_MAX, PAGE_RECORDS, PAGE_RECORDS_LATER } from '../../limits.js';
import type { Trusted } from '../../ui/trust.js';
import { foundRecords, type FoundRecords } from './found-records.js';
import { cameBackTo, leave } from './left-result.js';

export interface Question extends Range {
  readonly order: 'asc' | 'desc';
}

export interface Found {
  /** Another one for each search, the same for all pages of it. */
  readonly id: number;
  /** The question that these records answer. */
  readonly of: Range;
  readonly records: FoundRecords;
  readonly next: string | null;
  readonly previous: string | null;
  readonly trust: Trusted;
  readonly hints: RecordsPage['hints'];
  /** Where the reader is in it. It is written as they go on and read when they come back, so it may change. */
  readonly place: { scrollTop: number; chosen: Envelope | undefined };
}

/** What is on the page, and the question that it answers. */
export interface Shown {
  readonly key: string;
  readonly found: Found | undefined;
  /** The answer of a query with pipes. */
  readonly table: TablePage | undefined;
  readonly bars: HistogramPage | undefined;
}

export interface Search extends Shown {
  readonly failure: Failure | undefined;
  readonly busy: boolean;
  readonly more: () => void;
  readonly newer: () => void;
  readonly again: () => void;
}

/** The question that is being answered, and whether a page more of it is. */
interface Running {
  readonly signal?: AbortSignal;
  turning: boolean;
}

const NOTHING = { found: undefined, table: undefined, bars: undefined };
let searches = 0;

export function useSearch({ q, from, to, order }: Question): Search {
  const key = JSON.stringify([q, from, to, order]);
  const [shown, setShown] = useState<Shown>({ key, ...NOTHING });
  const [failure, setFailure] = useState<Failure>();
  const [busy, setBusy] = useState(true);
  const [round, setRound] = useState(0);
  const running = useRef<Running>({ turning: false });
  const latest = useRef(shown);
  latest.current = shown;

  const onFailure = useCallback((cause: unknown) => {
    const known = failureFrom(cause);
    if (known === undefined) return;
    running.current.turning = false;
    setFailure(known);
    setBusy(false);
  }, []);

  useEffect(() => {
    const abort = new AbortController();
    running.current = { signal: abort.signal, turning: false };
    setFailure(undefined);
    const known = cameBackTo(key);
    if (latest.current.key !== key) leave(latest.current);
    setBusy(known === undefined);
    if (known !== undefined) setShown(known);
    else
      find({ q, from, to }, { limit: PAGE_RECORDS, order }, abort.signal).then(
        (answer) => {
          const found = 'columns' in answer ? undefined : firstPage(answer, { q, from, to });
          setShown(({ bars }) => ({ key, found, table: 'columns' in answer ? answer : undefined, bars }));
          setBusy(false);
          // The records come first: what is counted around them reads more, and would hold them up.
          // A histogram is of records: the stages after a pipe do not change which.
          void histogram({ q: withoutStages(q), from, to }, HISTOGRAM_BUCKETS, abort.signal).then(
            (bars) => setShown((now) => ({ ...now, bars })),
            () => undefined,
          );
        },
        (cause: unknown) => {
          if (abort.signal.aborted) return;
          setShown({ key, ...NOTHING });
          onFailure(cause);
        },
      );
    return () => abort.abort();
  }, [key, q, from, to, order, round, onFailure]);
  useEffect(() => () => leave(latest.current), []);

  const turn = useTurn({ key, order, latest, running }, { setShown, setBusy, onFailure });
  return {
    ...{ ...shown, failure, busy },
    more: useCallback(() => turn('next'), [turn]),
    newer: useCallback(() => turn('previous'), [turn]),
    again: useCallback(() => setRound((now) => now + 1), []),
  };
}

interface Turning {
  readonly key: string;
  readonly order: Question['order'];
  readonly latest: RefObject<Shown>;
  readonly running: RefObject<Running>;
}

interface Turned {
  readonly setShown: Dispatch<SetStateAction<Shown>>;
  readonly setBusy: (isBusy: boolean) => void;
  readonly onFailure: (cause: unknown) => void;
}

/** Reads the page after the last one or before the first, one at a time. */
function useTurn(of: Turning, { setShown, setBusy, onFailure }: Turned): (way: 'next' | 'previous') => void {
  const { key, order, latest, running } = of;
  return useCallback(
    (way: 'next' | 'previous'): void => {
      const { found } = latest.current;
      const count = found?.records.length ?? 0;
      const cursor = found?.[way];
      if (found === undefined || cursor == null || running.current.turning || count >= LIST_RECORDS_MAX)
        return;
      // The page still shows the answer of the question before: its next pages are not wanted any more.
      if (latest.current.key !== key) return;
      running.current.turning = true;
      setBusy(true);
      // Longer pages the further down: a hundred calls of a thousand reach the end of a long list in seconds.
      const limit = count > PAGE_RECORDS ? PAGE_RECORDS_LATER : PAGE_RECORDS;
      find(found.of, { cursor, limit, order }, running.current.signal).then((page) => {
        if ('columns' in page) return;
        running.current.turning = false;
        setShown((now) =>
          now.found?.id === found.id ? { ...now, found: turned(now.found, way, page) } : now,
        );
        setBusy(false);
      }, onFailure);
    },
    [key, order, latest, running, setShown, setBusy, onFailure],
  );
}

function firstPage(page: FoundPage, of: Range): Found {
  const { next, previous, hints } = page;
  searches += 1;
  const place = { scrollTop: 0, chosen: undefined };
  return { id: searches, of, records: foundRecords(page.records), next, previous, trust: page, hints, place };
}

function turned(now: Found, way: 'next' | 'previous', page: FoundPage): Found {
  const records =
    way === 'next' ? now.records.withNext(page.records) : now.records.withPrevious(page.records);
  return { ...now, records, [way]: page[way], trust: page };
}

/** The search before its first pipe; a pipe inside quotes is text. */
export function withoutStages(q: string): string {
  const end = /^(?:[^"|\\]|\\.|"(?:[^"\\]|\\.)*")*/su.exec(q)?.[0] ?? q;
  return end.trim();
}

export const hasStages = (q: string): boolean => withoutStages(q) !== q.trim();
