/** Search: the query line, the histogram, the fields, the list, and the record chosen. */
import type { Envelope } from '@sillok/record';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useCallback, useEffect, useRef, useState, type ReactElement } from 'react';
import {
  api,
  ApiFailure,
  type Failure,
  type Histogram as HistogramData,
  type Page,
  type Range,
} from './api.js';
import type { Place } from './app.js';
import { Detail } from './detail.js';
import { Fields } from './fields.js';
import { FirstRecord } from './first-record.js';
import { Histogram } from './histogram.js';
import { QueryLine } from './query-line.js';
import { RecordRow } from './record-row.js';
import { bytes, shortTime } from './text.js';
import type { Language, Words } from './words.js';

interface Props {
  readonly words: Words;
  readonly language: Language;
  readonly place: Place;
  readonly go: (place: Place) => void;
  readonly onSignedOut: () => void;
}

interface Found {
  readonly page: Page;
  readonly records: readonly Envelope[];
}

const ROW_HEIGHT = 28;

/** `-24h` or `FROM~TO`, as it stands in the address. */
function rangeOf(place: Place): Range {
  if (place.range === 'all') return { q: place.q };
  const [from, to] = place.range.split('~');
  return { q: place.q, from, to };
}

interface Search {
  readonly found: Found | undefined;
  readonly histogram: HistogramData | undefined;
  readonly failure: Failure | undefined;
  readonly busy: boolean;
  readonly more: () => void;
  readonly again: () => void;
}

/** Runs the query of the place, and its pages. An older answer never overtakes a newer question. */
function useSearch(place: Place, onSignedOut: () => void): Search {
  const [found, setFound] = useState<Found>();
  const [histogram, setHistogram] = useState<HistogramData>();
  const [failure, setFailure] = useState<Failure>();
  const [busy, setBusy] = useState(true);
  const [round, setRound] = useState(0);

  const onFailure = useCallback(
    (cause: unknown) => {
      if (!(cause instanceof ApiFailure)) return;
      if (cause.failure.status === 401) onSignedOut();
      setFailure(cause.failure);
      setFound(undefined);
      setHistogram(undefined);
      setBusy(false);
    },
    [onSignedOut],
  );

  useEffect(() => {
    const abort = new AbortController();
    const range = rangeOf(place);
    setBusy(true);
    setFailure(undefined);
    const done = (page: Page): void => {
      setFound({ page, records: page.records });
      setBusy(false);
    };
    api.search(range, undefined, abort.signal).then(done, onFailure);
    if (!place.q.includes('|')) api.histogram(range, abort.signal).then(setHistogram, () => undefined);
    return () => abort.abort();
  }, [place, round, onFailure]);

  const more = (): void => {
    if (found?.page.next == null) return;
    setBusy(true);
    api.search(rangeOf(place), found.page.next, new AbortController().signal).then((page) => {
      setFound({ page, records: [...found.records, ...page.records] });
      setBusy(false);
    }, onFailure);
  };

  return { found, histogram, failure, busy, more, again: () => setRound(round + 1) };
}

export function SearchPage({ words, place, go, onSignedOut }: Props): ReactElement {
  const [chosen, setChosen] = useState<Envelope>();
  const { found, histogram, failure, busy, more, again } = useSearch(place, onSignedOut);

  const narrow = (term: string): void => go({ ...place, q: place.q === '' ? term : `${place.q} ${term}` });
  const nothing = found !== undefined && found.records.length === 0 && failure === undefined;
  return (
    <main className="search">
      <QueryLine
        words={words}
        place={place}
        failure={failure}
        onRun={(next) => {
          setChosen(undefined);
          if (next.q === place.q && next.range === place.range) again();
          else go(next);
        }}
      />
      {histogram !== undefined && !nothing && (
        <Histogram
          data={histogram}
          label={words.histogram}
          onRange={(from, to) => go({ ...place, range: `${from}~${to}` })}
        />
      )}
      {found !== undefined && (
        <Trust page={found.page} shownCount={found.records.length} words={words} busy={busy} />
      )}
      {nothing && place.q === '' ? (
        <FirstRecord words={words} onArrived={() => again()} />
      ) : nothing ? (
        <p className="empty">
          {words.none} <span className="muted">{words.noneHelp}</span>
        </p>
      ) : (
        <div className={chosen === undefined ? 'result' : 'result with-detail'}>
          <Fields range={rangeOf(place)} words={words} narrow={narrow} />
          <List
            records={found?.records ?? []}
            chosen={chosen}
            onChoose={setChosen}
            hasMore={found?.page.next != null}
            onMore={more}
            words={words}
          />
          {chosen !== undefined && (
            <Detail
              record={chosen}
              words={words}
              narrow={narrow}
              jump={(q) => go({ ...place, q })}
              onClose={() => setChosen(undefined)}
            />
          )}
        </div>
      )}
    </main>
  );
}

/** How fresh, how complete and how costly the answer is: always in sight. */
function Trust(props: { page: Page; shownCount: number; words: Words; busy: boolean }): ReactElement {
  const { page, shownCount, words, busy } = props;
  const missing = page.gaps.reduce((sum, gap) => sum + gap.to - gap.from + 1, 0);
  const names = page.gaps.map((gap) => `${gap.producer} ${gap.boot} ${gap.from}–${gap.to}`);
  return (
    <p className="trust" aria-live="polite">
      <span>{busy ? words.loading : `${shownCount.toLocaleString()} ${words.records}`}</span>
      <span>
        {words.visible} {shortTime(page.freshness.visible_through)}
      </span>
      <span className={missing > 0 ? 'warning' : undefined} title={names.join('\n')}>
        {missing > 0 ? `${words.gaps}: ${missing.toLocaleString()}` : words.complete}
      </span>
      <span>
        {words.cost} {page.cost.rows_read.toLocaleString()} {words.rows}, {bytes(page.cost.bytes_read)},{' '}
        {Math.round(page.cost.elapsed_ms)} ms
      </span>
    </p>
  );
}

function List(props: {
  records: readonly Envelope[];
  chosen: Envelope | undefined;
  onChoose: (record: Envelope) => void;
  hasMore: boolean;
  onMore: () => void;
  words: Words;
}): ReactElement {
  const { records, chosen, onChoose, hasMore, onMore, words } = props;
  const place = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: records.length,
    getScrollElement: () => place.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 20,
  });
  return (
    <div className="list" ref={place}>
      <div className="list-inner" style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map((item) => {
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
    </div>
  );
}
