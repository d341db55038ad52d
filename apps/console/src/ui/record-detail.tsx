/** The record in full: its fields by kind, each with "only this", "not this" and "as a column", and the ways onward. */
import type { Envelope } from '@sillok/record';
import { useState, type ReactElement } from 'react';
import { leaves, serviceOf, shown, term, valueIn } from '../text.js';
import { say } from '../words/dictionary.js';
import { frameWords } from '../words/frame.js';
import { searchWords } from '../words/search.js';
import { hrefOf, Link } from './address.js';
import { copyText } from './copy.js';
import { Icon } from './icon.js';
import { JsonTree } from './json-tree.js';
import { RecordContext } from './record-context.js';
import { FoldedText, Value } from './value.js';

interface DetailProps {
  readonly record: Envelope;
  /** Adds a term to the query. */
  readonly narrow: (term: string) => void;
  readonly onChoose: (record: Envelope) => void;
  readonly onClose: () => void;
  /** Shows a field as a column of the list, where there is one. */
  readonly onColumn?: (name: string) => void;
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
const TABS = ['fields', 'context', 'raw'] as const;

export function RecordDetail(props: DetailProps): ReactElement {
  const { record, onClose } = props;
  const [tab, setTab] = useState<(typeof TABS)[number]>('fields');
  const words = say(searchWords);
  const common = say(frameWords);
  const names = { fields: words.fields, context: words.context, raw: words.raw };
  return (
    <aside className="detail" aria-label={words.detail}>
      <div className="detail-head">
        <span className="level" data-level={record.level}>
          {record.level}
        </span>
        <span className="muted">{shown(serviceOf(record))}</span>
        <span className="spring" />
        <button
          type="button"
          className="quiet"
          onClick={() => void copyText(JSON.stringify(record, null, 2))}
        >
          <Icon name="copy" /> {common.copy}
        </button>
        <button type="button" className="quiet" onClick={onClose} aria-label={common.close}>
          <Icon name="close" />
        </button>
      </div>
      <div className="detail-message">
        <FoldedText text={record.message} />
      </div>
      <Jumps record={record} />
      <div className="tabs" role="tablist" aria-label={words.detail}>
        {TABS.map((name) => (
          <button
            key={name}
            type="button"
            role="tab"
            aria-selected={tab === name}
            onClick={() => setTab(name)}
          >
            {names[name]}
          </button>
        ))}
      </div>
      {tab === 'fields' && <FieldTables {...props} />}
      {tab === 'context' && <RecordContext record={record} onChoose={props.onChoose} />}
      {tab === 'raw' && <Raw record={record} />}
    </aside>
  );
}

/** From one record to the whole of which it is a part. */
function Jumps({ record }: { record: Envelope }): ReactElement {
  const words = say(searchWords);
  const { trace_id, global_trace_id, user_hash, session_hash, span_id } = record;
  const route = valueIn(record, 'http.route');
  const around = { from: aroundTime(record.time, -1), to: aroundTime(record.time, 1) };
  return (
    <p className="chips">
      {trace_id !== undefined && (
        <Link
          className="chip strong"
          to={hrefOf(`/trace/${encodeURIComponent(trace_id)}`, { span: span_id })}
        >
          <Icon name="trace" /> {words.trace}
        </Link>
      )}
      {global_trace_id !== undefined && (
        <Link className="chip" to={hrefOf(`/scenario/${encodeURIComponent(global_trace_id)}`, around)}>
          <Icon name="reports" /> {words.scenario}
        </Link>
      )}
      {user_hash !== undefined && (
        <Link className="chip" to={hrefOf(`/person/${encodeURIComponent(user_hash)}`, around)}>
          <Icon name="people" /> {words.person}
        </Link>
      )}
      {session_hash !== undefined && (
        <Link className="chip" to={hrefOf('/scenario', { session_hash, ...around })}>
          <Icon name="clock" /> {words.session}
        </Link>
      )}
      {typeof route === 'string' && (
        <Link className="chip" to={hrefOf('/endpoint', { service: serviceOf(record), route })}>
          <Icon name="endpoint" /> {shown(route)}
        </Link>
      )}
    </p>
  );
}

const dayMs = 86_400_000;

function aroundTime(time: string, days: number): string {
  return new Date(Date.parse(time) + days * dayMs).toISOString();
}

function FieldTables({ record, narrow, onColumn }: DetailProps): ReactElement {
  const words = say(searchWords);
  const ids = IDS.flatMap((name) => (record[name] === undefined ? [] : [[name, record[name]] as const]));
  const envelope = [...ENVELOPE.map((name) => [name, record[name]] as const), ...ids];
  const act = { narrow, onColumn };
  return (
    <>
      <FieldTable title={words.attributes} rows={leaves(record.attributes)} {...act} />
      <FieldTable title={words.identity} rows={envelope} {...act} />
      <FieldTable title={words.resource} rows={Object.entries(record.resource)} {...act} />
    </>
  );
}

function FieldTable(props: {
  readonly title: string;
  readonly rows: readonly (readonly [string, unknown])[];
  readonly narrow: (term: string) => void;
  readonly onColumn: ((name: string) => void) | undefined;
}): ReactElement | null {
  const { title, rows, narrow, onColumn } = props;
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
              <FieldActs name={name} value={value} narrow={narrow} onColumn={onColumn} />
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function FieldActs(props: {
  readonly name: string;
  readonly value: unknown;
  readonly narrow: (term: string) => void;
  readonly onColumn: ((name: string) => void) | undefined;
}): ReactElement {
  const { name, value, narrow, onColumn } = props;
  const words = say(searchWords);
  const acts = [
    { icon: 'plus', label: words.onlyThis, act: () => narrow(term(name, value)) },
    { icon: 'minus', label: words.notThis, act: () => narrow(`-${term(name, value)}`) },
    ...(onColumn === undefined
      ? []
      : [{ icon: 'dashboard', label: words.asColumn, act: () => onColumn(name) } as const]),
    { icon: 'copy', label: say(frameWords).copy, act: () => void copyText(plainText(value)) },
  ] as const;
  return (
    <span className="acts">
      {acts.map(({ icon, label, act }) => (
        <button key={icon} type="button" title={label} aria-label={`${label}: ${shown(name)}`} onClick={act}>
          <Icon name={icon} />
        </button>
      ))}
    </span>
  );
}

function plainText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function Raw({ record }: { record: Envelope }): ReactElement {
  return (
    <>
      <JsonTree value={record} />
      <pre className="raw">{shown(JSON.stringify(record))}</pre>
    </>
  );
}
