/** Search: the query, what was found over time, the records, their fields, and one of them in full. */
import type { Envelope } from '@sillok/record';
import { useCallback, useEffect, useState, type ReactElement } from 'react';
import { go, hrefHere, useAddress } from '../../ui/address.js';
import { formatNumber } from '../../ui/format.js';
import { Histogram } from '../../ui/histogram.js';
import { useKeys } from '../../ui/keys.js';
import { QueryBar } from '../../ui/query-bar.js';
import { chooseRange, useRange } from '../../ui/range.js';
import { RecordDetail } from '../../ui/record-detail.js';
import { Empty, Loading } from '../../ui/states.js';
import { Trust } from '../../ui/trust.js';
import { say } from '../../words/dictionary.js';
import { searchWords } from '../../words/search.js';
import { Fields } from './fields.js';
import { RecordList } from './record-list.js';
import { useSearch } from './use-search.js';

const ask = (q: string): void => go(hrefHere({ q }));

export function Page(): ReactElement {
  const { parameters } = useAddress();
  const q = parameters.get('q') ?? '';
  const range = useRange();
  const [chosen, setChosen] = useState<Envelope>();
  const { found, bars, failure, busy, more, again } = useSearch({ q, ...range });
  const words = say(searchWords);
  const records = found?.records ?? [];

  useEffect(() => setChosen(undefined), [q, range]);
  const narrow = useCallback((term: string) => ask(q === '' ? term : `${q} ${term}`), [q]);
  const step = (by: number): void => {
    const index = chosen === undefined ? -1 : records.indexOf(chosen);
    const next = records[Math.min(records.length - 1, Math.max(0, index + by))];
    if (next !== undefined) setChosen(next);
  };
  useKeys([
    { keys: 'j', label: words.keyNext, act: () => step(1) },
    { keys: 'k', label: words.keyPrevious, act: () => step(-1) },
    { keys: 'Escape', label: words.keyClose, act: () => setChosen(undefined) },
  ]);

  const nothing = found !== undefined && records.length === 0;
  return (
    <main id="content" className="page search">
      <QueryBar
        q={q}
        failure={failure}
        onRun={(next) => (next === q ? again() : ask(next))}
        onRetry={again}
      />
      {bars !== undefined && !nothing && (
        <Histogram data={bars} label={words.histogram} onRange={(from, to) => chooseRange({ from, to })} />
      )}
      <Trust of={found?.trust} busy={busy}>
        {found !== undefined && <span>{words.records(formatNumber(records.length))}</span>}
      </Trust>
      {found === undefined && busy && <Loading />}
      {nothing && <Empty title={words.none} help={words.noneHelp} />}
      {records.length > 0 && (
        <div className={chosen === undefined ? 'result' : 'result with-detail'}>
          <Fields range={{ q, ...range }} narrow={narrow} />
          <RecordList
            records={records}
            chosen={chosen}
            onChoose={setChosen}
            hasMore={found?.next != null}
            onMore={more}
          />
          {chosen !== undefined && (
            <RecordDetail record={chosen} narrow={narrow} jump={ask} onClose={() => setChosen(undefined)} />
          )}
        </div>
      )}
    </main>
  );
}
