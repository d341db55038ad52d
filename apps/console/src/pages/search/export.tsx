/** Records as a file. The number is counted first: a large file asks, one beyond the server's limit is not begun. */
import { useState, type ReactElement } from 'react';
import { ask } from '../../api/search.js';
import { useCall } from '../../api/use-call.js';
import { withQuery } from '../../api/http.js';
import { EXPORT_ASKS_MAX } from '../../limits.js';
import { Dialog } from '../../ui/dialog.js';
import { formatNumber } from '../../ui/format.js';
import { fixedRange, useRange } from '../../ui/range.js';
import { Loading, Problem } from '../../ui/states.js';
import { say } from '../../words/dictionary.js';
import { searchWords } from '../../words/search.js';
import { withoutStages } from './use-search.js';

const FORMATS = ['csv', 'ndjson', 'parquet'] as const;
type Format = (typeof FORMATS)[number];
const NAMES: Readonly<Record<Format, string>> = { csv: 'CSV', ndjson: 'NDJSON', parquet: 'Parquet' };
const USUAL = ['time', 'level', 'service.name', 'message'];

export function ExportDialog(props: {
  q: string;
  columns: readonly string[];
  onClose: () => void;
}): ReactElement {
  const { columns, onClose } = props;
  const q = withoutStages(props.q);
  const [format, setFormat] = useState<Format>('csv');
  const [isSure, setSure] = useState(false);
  const words = say(searchWords);
  const range = useRange();
  // One moment for counting and for reading, so that both speak of the same records.
  const [fixed] = useState(() => fixedRange(range, Date.now()));
  const { answer, failure, again } = useCall('count', (signal) =>
    ask({ q: `${q} | stats count()`, ...fixed }, {}, signal),
  );
  const count = answer !== undefined && 'rows' in answer ? Number(answer.rows[0]?.[0] ?? 0) : undefined;
  const isLarge = count !== undefined && count > EXPORT_ASKS_MAX;
  const fields = columns.length > 0 && format === 'csv' ? [...USUAL, ...columns].join(',') : undefined;
  const href = withQuery('/api/export', { q, ...fixed, format, fields });
  return (
    <Dialog title={words.exportTitle} onClose={onClose}>
      {failure !== undefined && <Problem failure={failure} q={q} onRetry={again} />}
      {count === undefined && failure === undefined && <Loading />}
      {count !== undefined && (
        <>
          <p>{words.exportCount(formatNumber(count))}</p>
          <FormatChoice format={format} onChoose={setFormat} />
          {isLarge && (
            <label className="warning">
              <input type="checkbox" checked={isSure} onChange={(event) => setSure(event.target.checked)} />
              {words.exportLarge}
            </label>
          )}
          <div className="dialog-foot">
            {count === 0 || (isLarge && !isSure) ? (
              <button type="button" disabled>
                {words.exportAction}
              </button>
            ) : (
              <a className="button primary" href={href} download onClick={onClose}>
                {words.exportAction}
              </a>
            )}
          </div>
        </>
      )}
    </Dialog>
  );
}

function FormatChoice(props: { format: Format; onChoose: (format: Format) => void }): ReactElement {
  const words = say(searchWords);
  return (
    <fieldset className="choices">
      <legend className="section-title">{words.exportFormat}</legend>
      {FORMATS.map((each) => (
        <label key={each}>
          <input
            type="radio"
            name="format"
            checked={props.format === each}
            onChange={() => props.onChoose(each)}
          />
          <span>
            <strong>{NAMES[each]}</strong> <span className="muted">{words[`export_${each}`]}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
