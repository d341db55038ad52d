/** Search: the query, what was found over time, the records, their fields, and one of them in full. */
import type { Hint } from '@sillok/api';
import type { Envelope } from '@sillok/record';
import { memo, useCallback, useEffect, useMemo, useReducer, useRef, type ReactElement } from 'react';
import { shown } from '../../text.js';
import { go, hrefHere, useAddress } from '../../ui/address.js';
import { formatNumber } from '../../ui/format.js';
import { Histogram } from '../../ui/histogram.js';
import { useKeys } from '../../ui/keys.js';
import { QueryBar } from '../../ui/query-bar.js';
import { toldInLanguage } from '../../ui/query-explanations.js';
import { chooseRange, useRange } from '../../ui/range.js';
import { RecordDetail } from '../../ui/record-detail.js';
import { Empty, Loading } from '../../ui/states.js';
import { Trust } from '../../ui/trust.js';
import { say } from '../../words/dictionary.js';
import { searchWords } from '../../words/search.js';
import { columnsIn, toggleColumn } from './columns.js';
import { Fields } from './fields.js';
import { RecordList } from './record-list.js';
import { remember } from './recent.js';
import { TableResult } from './table-result.js';
import { Toolbar } from './toolbar.js';
import { hasStages, useSearch, type Found, type Search } from './use-search.js';

const ask = (q: string): void => go(hrefHere({ q }));
const askBetween = (from: string, to: string): void => chooseRange({ from, to });

// Pages are added to a long list many times a second: what they do not change is not drawn with each.
const StillHistogram = memo(Histogram);
const StillFields = memo(Fields);

/** The query with a term more; what stands after a pipe stays there. */
function narrowed(q: string, term: string): string {
  if (q === '') return term;
  if (!hasStages(q)) return `${q} ${term}`;
  const at = q.indexOf('|');
  return `${q.slice(0, at).trim()} ${term} ${q.slice(at)}`.trim();
}

export function Page(): ReactElement {
  const { parameters } = useAddress();
  const q = parameters.get('q') ?? '';
  const order = parameters.get('order') === 'asc' ? 'asc' : 'desc';
  const columns = useMemo(() => columnsIn(parameters), [parameters]);
  const range = useRange();
  const results = useSearch({ q, ...range, order });
  const { found, table, bars, failure, busy, again } = results;
  const words = say(searchWords);
  useEffect(() => {
    if (found !== undefined || table !== undefined) remember(q);
  }, [q, found, table]);

  const nothing = found?.records.length === 0;
  const trust = found?.trust ?? table;
  return (
    <main id="content" className="page search">
      <QueryBar
        q={q}
        failure={failure}
        onRun={(next) => (next === q ? again() : ask(next))}
        onRetry={again}
      />
      {bars !== undefined && !nothing && (
        <StillHistogram data={bars} label={words.histogram} onRange={askBetween} />
      )}
      <div className="result-head">
        <Trust of={trust} busy={busy}>
          {found !== undefined && <strong>{words.records(formatNumber(found.records.length))}</strong>}
          {table !== undefined && <strong>{words.rows(formatNumber(table.rows.length))}</strong>}
        </Trust>
        <Toolbar q={q} columns={columns} order={order} />
      </div>
      <Hints hints={found?.hints} q={q} />
      {trust === undefined && busy && <Loading />}
      {nothing && <Empty title={words.none} help={words.noneHelp} />}
      {table !== undefined && <TableResult table={table} />}
      {found !== undefined && !nothing && <Records q={q} columns={columns} results={results} />}
    </main>
  );
}

function Records(props: { q: string; columns: readonly string[]; results: Search }): ReactElement | null {
  const { q, columns, results } = props;
  const { found, more, newer } = results;
  const { chosen, choose, step } = useChoice(found);
  const words = say(searchWords);
  const narrow = useCallback((term: string) => ask(narrowed(q, term)), [q]);
  useKeys([
    { keys: 'j', label: words.keyNext, act: () => step(1) },
    { keys: 'k', label: words.keyPrevious, act: () => step(-1) },
    { keys: 'n', label: words.keyNewer, act: newer },
    { keys: 'Escape', label: words.keyClose, act: () => choose(undefined) },
  ]);
  const onColumn = useCallback((name: string): void => toggleColumn(columns, name), [columns]);
  if (found === undefined) return null;
  return (
    <div className={chosen === undefined ? 'result' : 'result with-detail'}>
      <StillFields range={found.of} columns={columns} narrow={narrow} onColumn={onColumn} />
      <div className="list-place">
        {found.previous !== null && (
          <button type="button" className="newer quiet" onClick={newer}>
            ↑ {words.newer}
          </button>
        )}
        <RecordList key={found.id} {...{ found, columns, chosen }} onChoose={choose} onMore={more} />
      </div>
      {chosen !== undefined && (
        <RecordDetail
          record={chosen}
          narrow={narrow}
          onColumn={onColumn}
          onChoose={choose}
          onClose={() => choose(undefined)}
        />
      )}
    </div>
  );
}

/** The record that is open beside the list. It belongs to the result: another search has none, coming back finds it. */
function useChoice(found: Found | undefined): {
  chosen: Envelope | undefined;
  choose: (record: Envelope | undefined) => void;
  step: (by: number) => void;
} {
  const [, draw] = useReducer((count: number) => count + 1, 0);
  const place = found?.place;
  const choose = useCallback(
    (record: Envelope | undefined) => {
      if (place !== undefined) place.chosen = record;
      draw();
    },
    [place],
  );
  const chosen = place?.chosen;
  const index = chosen === undefined ? -1 : (found?.records.indexOf(chosen) ?? -1);
  // A neighbour that was opened out of the context is in no place of the list: the next step goes on from the last one that was.
  const from = useRef(index);
  if (chosen === undefined || index >= 0) from.current = index;
  const step = (by: number): void => {
    if (found === undefined) return;
    const to = Math.min(found.records.length - 1, Math.max(0, from.current + by));
    const next = found.records.at(to);
    if (next === undefined) return;
    // Not only when it is drawn: the next key may come before.
    from.current = to;
    choose(next);
  };
  return { chosen, choose, step };
}

function Hints({ hints, q }: { hints: readonly Hint[] | undefined; q: string }): ReactElement | null {
  if (hints === undefined || hints.length === 0) return null;
  return (
    <ul className="hints">
      {hints.map(({ from, to, suggestion, ...hint }) => {
        const { message, help } = toldInLanguage(hint);
        return (
          <li key={`${from} ${message}`}>
            {shown(message)} {shown(help)}{' '}
            {suggestion !== undefined && (
              <button
                type="button"
                className="link"
                onClick={() => ask(`${q.slice(0, from)}${suggestion}${q.slice(to)}`)}
              >
                {shown(suggestion)}
              </button>
            )}
          </li>
        );
      })}
    </ul>
  );
}
