/** The record in full: every field with "only this" and "not this", the JSON, and ways onward. */
import type { Envelope } from '@sillok/record';
import type { ReactElement } from 'react';
import { leaves, shown, term } from '../text.js';
import { say } from '../words/dictionary.js';
import { frameWords } from '../words/frame.js';
import { searchWords } from '../words/search.js';
import { Icon } from './icon.js';
import { toast } from './toast.js';

interface DetailProps {
  readonly record: Envelope;
  /** Adds a term to the query. */
  readonly narrow: (term: string) => void;
  /** Replaces the query. */
  readonly jump: (query: string) => void;
  readonly onClose: () => void;
}

const ENVELOPE = ['time', 'observed_time', 'kind', 'level', 'producer', 'boot', 'seq'] as const;
const IDS = [
  'trace_id',
  'span_id',
  'parent_span_id',
  'global_trace_id',
  'session_hash',
  'user_hash',
] as const;

export function RecordDetail({ record, narrow, jump, onClose }: DetailProps): ReactElement {
  const words = say(searchWords);
  const common = say(frameWords);
  const json = JSON.stringify(record, null, 2);
  const ids = IDS.flatMap((name) => (record[name] === undefined ? [] : [[name, record[name]] as const]));
  const copy = (): void => {
    navigator.clipboard.writeText(json).then(
      () => toast(common.copied),
      () => toast(common.copyFailed, 'failed'),
    );
  };
  return (
    <aside className="detail" aria-label={words.detail}>
      <div className="detail-head">
        <span className="level" data-level={record.level}>
          {record.level}
        </span>
        <span className="spring" />
        {record.trace_id !== undefined && (
          <button type="button" onClick={() => jump(`trace_id:${record.trace_id}`)}>
            {words.allOfTrace}
          </button>
        )}
        <button type="button" onClick={copy}>
          {common.copy}
        </button>
        <button type="button" onClick={onClose} aria-label={common.close}>
          <Icon name="close" />
        </button>
      </div>
      <p className="detail-message">{shown(record.message)}</p>
      <Table title={words.attributes} rows={leaves(record.attributes)} narrow={narrow} />
      <Table
        title={words.identity}
        rows={[...ENVELOPE.map((n) => [n, record[n]] as const), ...ids]}

        narrow={narrow}
      />
      <Table title={words.resource} rows={Object.entries(record.resource)} narrow={narrow} />
      <details>
        <summary>{words.raw}</summary>
        <pre>{shown(json)}</pre>
      </details>
    </aside>
  );
}

function Table(props: {
  title: string;
  rows: readonly (readonly [string, unknown])[];
  narrow: (term: string) => void;
}): ReactElement | null {
  const { title, rows, narrow } = props;
  const words = say(searchWords);
  if (rows.length === 0) return null;
  return (
    <section>
      <h2>{title}</h2>
      <dl>
        {rows.map(([name, value]) => (
          <div key={name} className="field">
            <dt>{shown(name)}</dt>
            <dd>
              <Value value={value} />
              <span className="acts">
                <button
                  type="button"
                  title={words.onlyThis}
                  aria-label={`${words.onlyThis}: ${name}`}
                  onClick={() => narrow(term(name, value))}
                >
                  +
                </button>
                <button
                  type="button"
                  title={words.notThis}
                  aria-label={`${words.notThis}: ${name}`}
                  onClick={() => narrow(`-${term(name, value)}`)}
                >
                  −
                </button>
              </span>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

const FOLDED_LINES = 5;

function Value({ value }: { value: unknown }): ReactElement {
  if (typeof value !== 'string')
    return <code className={`value ${typeof value}`}>{shown(JSON.stringify(value))}</code>;
  const lines = value.split('\n');
  if (lines.length <= FOLDED_LINES) return <span className="value">{lines.map(shown).join('\n')}</span>;
  return (
    <details className="value">
      <summary>
        {lines.slice(0, FOLDED_LINES).map(shown).join('\n')} … +{lines.length - FOLDED_LINES}
      </summary>
      {lines.slice(FOLDED_LINES).map(shown).join('\n')}
    </details>
  );
}
