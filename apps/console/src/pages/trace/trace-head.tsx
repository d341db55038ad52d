/** The trace in a sentence: what it was, how long, where it broke, and what the waterfall shows. */
import type { TraceAnswer } from '@sillok/api';
import type { ReactElement } from 'react';
import { shown } from '../../text.js';
import { go, hrefHere, hrefOf, Link } from '../../ui/address.js';
import { EvidenceList } from '../../ui/evidence.js';
import { formatDuration, formatMoment, formatNumber } from '../../ui/format.js';
import { Icon } from '../../ui/icon.js';
import { languageStore, say } from '../../words/dictionary.js';
import { searchWords } from '../../words/search.js';
import { traceWords } from '../../words/trace.js';

interface View {
  readonly withEntries: boolean;
  readonly withCritical: boolean;
  readonly onlyFailed: boolean;
}

export function TraceHead({ trace, view }: { trace: TraceAnswer; view: View }): ReactElement {
  const words = say(traceWords);
  // The first may be a call that others named as their parent and no record describes: it has no name.
  const root = trace.nodes.find(({ service, name }) => service !== '' || name !== '');
  const hasFailed = trace.broke.place !== 'nowhere';
  const statement = trace.nodes.find(({ id }) => id === trace.broke.node)?.db?.statement;
  return (
    <>
      <div className="page-head">
        <h1>{root === undefined ? trace.trace_id : `${shown(root.service)}: ${shown(root.name)}`}</h1>
        {hasFailed && <span className="tag bad">{words.failed}</span>}
        <span className="muted">
          {formatMoment(trace.start)} · {formatDuration(trace.duration_ms)} ·{' '}
          {words.spans(formatNumber(trace.nodes.length))} ·{' '}
          {words.services(formatNumber(trace.services.length))}
        </span>
      </div>
      {hasFailed && (
        <p className="broke">
          <Icon name="errors" /> <strong>{words.broke}:</strong>{' '}
          {shown(trace.broke.sentence[languageStore.get()])} <EvidenceList evidence={trace.broke.evidence} />
          {statement !== undefined && <code>{shown(statement)}</code>}
        </p>
      )}
      <Notices trace={trace} />
      <div className="toolbar">
        <Switches trace={trace} view={view} />
        <span className="spring" />
        <Ways trace={trace} />
      </div>
    </>
  );
}

function Notices({ trace }: { trace: TraceAnswer }): ReactElement {
  const words = say(traceWords);
  const isCut = trace.truncated.nodes || trace.truncated.entries;
  return (
    <>
      {trace.missing.length > 0 && (
        <p className="warning small">{words.missing(formatNumber(trace.missing.length))}</p>
      )}
      {isCut && <p className="warning small">{words.truncated}</p>}
      {trace.other_traces.length > 0 && (
        <p className="small muted">
          {words.otherTraces}{' '}
          {trace.other_traces.slice(0, 5).map((id) => (
            <Link key={id} to={`/trace/${id}`}>
              {id.slice(0, 8)}{' '}
            </Link>
          ))}
        </p>
      )}
    </>
  );
}

function Switches({ trace, view }: { trace: TraceAnswer; view: View }): ReactElement {
  const words = say(traceWords);
  const moved = trace.skew.clocks.filter((clock) => clock.offset_ms !== 0).length;
  const set = (name: string, value: string | undefined): void =>
    go(hrefHere({ [name]: value }), { replace: true });
  return (
    <>
      <button
        type="button"
        className="quiet"
        aria-pressed={view.withEntries}
        onClick={() => set('logs', view.withEntries ? 'off' : undefined)}
      >
        {words.withEntries}
      </button>
      <button
        type="button"
        className="quiet"
        aria-pressed={view.withCritical}
        onClick={() => set('critical', view.withCritical ? 'off' : undefined)}
      >
        {words.withCritical}
      </button>
      <button
        type="button"
        className="quiet"
        aria-pressed={view.onlyFailed}
        onClick={() => set('only', view.onlyFailed ? undefined : 'failed')}
      >
        {words.onlyFailed}
      </button>
      <button
        type="button"
        className="quiet"
        title={words.skewHelp(formatNumber(moved))}
        aria-pressed={trace.skew.applied}
        onClick={() => set('skew', trace.skew.applied ? 'off' : undefined)}
      >
        {trace.skew.applied ? words.skewOn : words.skewOff}
      </button>
    </>
  );
}

function Ways({ trace }: { trace: TraceAnswer }): ReactElement {
  const words = say(traceWords);
  const { trace_id: id } = trace;
  return (
    <span className="chips">
      <Link className="chip" to={hrefOf('/scenario', { trace_id: id })}>
        <Icon name="reports" /> {words.story}
      </Link>
      <Link className="chip" to={hrefOf('/retries', { id })}>
        <Icon name="retries" /> {words.retries}
      </Link>
      {trace.user_hash !== null && (
        <Link className="chip" to={`/person/${encodeURIComponent(trace.user_hash)}`}>
          <Icon name="people" /> {say(searchWords).person}
        </Link>
      )}
      <Link className="chip" to={hrefOf('/search', { q: `trace_id:${id}`, from: '0' })}>
        <Icon name="search" /> {words.allRecords}
      </Link>
    </span>
  );
}
