/** What can be done with a search: star it, take an earlier one, share it, take it away as a file. */
import { useState, type ReactElement } from 'react';
import { go, hrefHere, hrefOf, Link, useAddress } from '../../ui/address.js';
import { copyText } from '../../ui/copy.js';
import { Icon } from '../../ui/icon.js';
import { Popover } from '../../ui/popover.js';
import { fixedRange, rangeParameters, useRange } from '../../ui/range.js';
import { useStore } from '../../ui/store.js';
import { shown } from '../../text.js';
import { say } from '../../words/dictionary.js';
import { searchWords } from '../../words/search.js';
import { ExportDialog } from './export.js';
import { keptSearches, toggleStar } from './saved.js';
import { withoutStages } from './use-search.js';

interface ToolbarProps {
  readonly q: string;
  readonly columns: readonly string[];
  readonly order: 'asc' | 'desc';
}

export function Toolbar({ q, columns, order }: ToolbarProps): ReactElement {
  const [exporting, setExporting] = useState(false);
  const words = say(searchWords);
  const range = useRange();
  const { path, parameters } = useAddress();
  const inAddress = rangeParameters(range);
  const searched = withoutStages(q);
  const share = (): void => {
    const fixed = rangeParameters(fixedRange(range, Date.now()));
    const all = { ...Object.fromEntries(parameters), ...fixed };
    void copyText(`${location.origin}${hrefOf(path, all)}`);
  };
  return (
    <div className="toolbar">
      <KeptMenu q={q} />
      <Link className="quiet-link" to={hrefOf('/patterns', { q: searched, ...inAddress })}>
        <Icon name="patterns" /> {words.patterns}
      </Link>
      <Link className="quiet-link" to={hrefOf('/why', { q: searched, ...inAddress })}>
        <Icon name="why" /> {words.why}
      </Link>
      <button
        type="button"
        className="quiet"
        title={words.orderHelp}
        onClick={() => go(hrefHere({ order: order === 'desc' ? 'asc' : undefined }))}
      >
        {order === 'desc' ? words.newestFirst : words.oldestFirst}
      </button>
      <button type="button" className="quiet" onClick={share} title={words.shareHelp}>
        <Icon name="share" /> {words.share}
      </button>
      <button type="button" className="quiet" onClick={() => setExporting(true)}>
        <Icon name="download" /> {words.exportAction}
      </button>
      {exporting && <ExportDialog q={q} columns={columns} onClose={() => setExporting(false)} />}
    </div>
  );
}

function KeptMenu({ q }: { q: string }): ReactElement {
  const words = say(searchWords);
  const kept = useStore(keptSearches);
  const isStarred = kept.some((each) => each.q === q && each.starred);
  const sorted = kept.toSorted((a, b) => Number(b.starred) - Number(a.starred));
  return (
    <>
      <button
        type="button"
        className="quiet"
        aria-pressed={isStarred}
        aria-label={words.star}
        title={words.star}
        disabled={q === ''}
        onClick={() => toggleStar(q)}
      >
        <Icon name="star" filled={isStarred} />
      </button>
      <Popover label={words.kept} className="quiet" align="start" button={<>{words.kept}</>}>
        {(close) =>
          sorted.length === 0 ? (
            <p className="muted">{words.keptNone}</p>
          ) : (
            <ul className="kept">
              {sorted.map((each) => (
                <li key={each.q}>
                  <button
                    type="button"
                    className="quiet"
                    aria-label={words.star}
                    aria-pressed={each.starred}
                    onClick={() => toggleStar(each.q)}
                  >
                    <Icon name="star" filled={each.starred} />
                  </button>
                  <button
                    type="button"
                    className="kept-query"
                    onClick={() => {
                      close();
                      go(hrefHere({ q: each.q }));
                    }}
                  >
                    {shown(each.q)}
                  </button>
                </li>
              ))}
            </ul>
          )
        }
      </Popover>
    </>
  );
}
