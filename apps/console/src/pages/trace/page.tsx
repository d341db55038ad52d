/** One trace: who called whom, when, how long, where it broke; logs and statements in their place. */
import type { TraceAnswer } from '@sillok/api';
import { useCallback, useEffect, useMemo, useState, type ReactElement } from 'react';
import { trace as askTrace } from '../../api/analysis.js';
import { useCall } from '../../api/use-call.js';
import type { PageProps } from '../../routes.js';
import { go, hrefHere, useAddress } from '../../ui/address.js';
import { useKeys } from '../../ui/keys.js';
import { RecordPeek } from '../../ui/record-peek.js';
import { Empty, Loading, Problem } from '../../ui/states.js';
import { Trust } from '../../ui/trust.js';
import { say } from '../../words/dictionary.js';
import { traceWords } from '../../words/trace.js';
import { Overview } from './overview.js';
import { msOf, rowsOf, type Row } from './rows.js';
import { TraceHead } from './trace-head.js';
import { TraceServices } from './trace-services.js';
import { Waterfall, type Window } from './waterfall.js';

export function Page({ values }: PageProps): ReactElement {
  const id = values['traceId'] ?? '';
  const { parameters } = useAddress();
  const skew = parameters.get('skew') === 'off' ? 'off' : 'on';
  const { answer, failure, busy, again } = useCall(`${id} ${skew}`, (signal) =>
    askTrace(id, { skew }, signal),
  );
  const words = say(traceWords);
  const isEmpty = failure?.status === 404 || (answer?.nodes.length === 0 && answer.entries.length === 0);
  return (
    <main id="content" className="page search">
      {answer === undefined && busy && <Loading />}
      {isEmpty && <Empty title={words.none} help={words.noneHelp} />}
      {failure !== undefined && !isEmpty && <Problem failure={failure} onRetry={again} />}
      {answer !== undefined && !isEmpty && <Trace key={answer.trace_id} trace={answer} />}
      {answer !== undefined && <Trust of={answer} busy={busy} />}
    </main>
  );
}

/** What is shown and how, each in the address. */
function useView(): { withEntries: boolean; withCritical: boolean; onlyFailed: boolean } {
  const { parameters } = useAddress();
  return {
    withEntries: parameters.get('logs') !== 'off',
    withCritical: parameters.get('critical') !== 'off',
    onlyFailed: parameters.get('only') === 'failed',
  };
}

function Trace({ trace }: { trace: TraceAnswer }): ReactElement {
  const { withEntries, withCritical, onlyFailed } = useView();
  const { parameters } = useAddress();
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const whole = useMemo((): Window => ({ from: 0, to: wholeMs(trace) }), [trace]);
  const [window, setWindow] = useState(whole);
  // A link that names a call marks it; its record opens once it is chosen here. On a phone it would cover the trace.
  const [isOpen, setOpen] = useState(false);
  useEffect(() => setWindow(whole), [whole]);
  const rows = useMemo(
    () => rowsOf(trace, { folded, withEntries, onlyFailed }),
    [trace, folded, withEntries, onlyFailed],
  );
  const span = parameters.get('span');
  const chosen = rows.findIndex((row) => nameOf(row) === span);
  const choose = useCallback(
    (index: number): void => {
      const row = rows[index];
      setOpen(row !== undefined);
      go(hrefHere({ span: row === undefined ? undefined : nameOf(row) }), { replace: true });
    },
    [rows],
  );
  const fold = useCallback(
    (id: string): void => setFolded((now) => new Set(now.has(id) ? without(now, id) : [...now, id])),
    [],
  );
  useTraceKeys({ rows, chosen, choose, fold, back: () => (isOpen ? choose(-1) : setWindow(whole)) });

  const record = isOpen ? recordOf(rows[chosen]) : undefined;
  return (
    <>
      <TraceHead trace={trace} view={{ withEntries, withCritical, onlyFailed }} />
      <Overview trace={trace} whole={whole} window={window} onWindow={setWindow} />
      <div className={record === undefined ? 'result plain' : 'result plain with-detail'}>
        <div className="trace-main">
          <Waterfall
            {...{ trace, rows, window, withCritical, chosen, folded }}
            onChoose={choose}
            onFold={fold}
          />
          <TraceServices trace={trace} />
        </div>
        {record !== undefined && <RecordPeek of={record} onClose={() => choose(-1)} />}
      </div>
    </>
  );
}

function useTraceKeys(props: {
  rows: readonly Row[];
  chosen: number;
  choose: (index: number) => void;
  fold: (id: string) => void;
  back: () => void;
}): void {
  const { rows, chosen, choose, fold, back } = props;
  const words = say(traceWords);
  const isFailure = (row: Row): boolean => row.kind === 'node' && row.node.failed;
  useKeys([
    { keys: 'j', label: words.keyNext, act: () => choose(Math.min(rows.length - 1, chosen + 1)) },
    { keys: 'k', label: words.keyPrevious, act: () => choose(Math.max(0, chosen - 1)) },
    {
      keys: 'e',
      label: words.keyFailure,
      act: () => {
        const next = rows.findIndex((row, index) => index > chosen && isFailure(row));
        const failure = next >= 0 ? next : rows.findIndex(isFailure);
        if (failure >= 0) choose(failure);
      },
    },
    {
      keys: 'o',
      label: words.keyFold,
      act: () => {
        const row = rows[chosen];
        if (row?.kind === 'node') fold(row.node.id);
      },
    },
    { keys: 'Escape', label: words.keyBack, act: back },
  ]);
}

function without(set: ReadonlySet<string>, id: string): string[] {
  return [...set].filter((each) => each !== id);
}

function nameOf(row: Row): string {
  if (row.kind === 'node') return row.node.span_id || row.node.id;
  const { producer, boot, seq } = row.entry.record;
  return `${producer}/${boot}/${seq}`;
}

function recordOf(row: Row | undefined): NonNullable<TraceAnswer['nodes'][number]['record']> | undefined {
  if (row === undefined) return undefined;
  return row.kind === 'node' ? (row.node.record ?? undefined) : row.entry.record;
}

/** From the start of the trace to the end of whatever ends last. */
function wholeMs(trace: TraceAnswer): number {
  const origin = msOf(trace.start);
  let end = Math.max(trace.duration_ms, 0.001);
  for (const node of trace.nodes) end = Math.max(end, msOf(node.start) - origin + node.duration_ms);
  for (const entry of trace.entries) end = Math.max(end, msOf(entry.time) - origin);
  return end * 1.02;
}
