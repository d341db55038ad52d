/** What can be done with a search: star it, take an earlier one, share it, take it away as a file. */
import { useState, type ReactElement } from 'react';
import { go, hrefHere, hrefOf, Link, useAddress } from '../../ui/address.js';
import { copyText } from '../../ui/copy.js';
import { Icon } from '../../ui/icon.js';
import { fixedRange, rangeParameters, useRange } from '../../ui/range.js';
import { say } from '../../words/dictionary.js';
import { searchWords } from '../../words/search.js';
import { ExportDialog } from './export.js';
import { KeptMenu } from './kept-menu.js';
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
      <KeptMenu q={q} columns={columns} />
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
