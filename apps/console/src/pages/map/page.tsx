/** Who calls whom: drawn from the traces, thickness by calls, red by failures, beside what it was before. */
import type { MapAnswer } from '@sillok/api';
import { useState, type ReactElement } from 'react';
import { serviceMap } from '../../api/analysis.js';
import { useCall } from '../../api/use-call.js';
import { shown } from '../../text.js';
import { hrefOf, Link } from '../../ui/address.js';
import { formatNumber, formatPercent } from '../../ui/format.js';
import { duration, NumberCards } from '../../ui/numbers.js';
import { rangeParameters, useRange } from '../../ui/range.js';
import { Empty, Loading, Problem } from '../../ui/states.js';
import { Table, type TableColumn } from '../../ui/table.js';
import { TimePicker } from '../../ui/time-picker.js';
import { Trust } from '../../ui/trust.js';
import { say } from '../../words/dictionary.js';
import { servicesWords } from '../../words/services.js';
import { Graph } from './graph.js';

export function Page(): ReactElement {
  const range = useRange();
  const [chosen, setChosen] = useState<string>();
  const words = say(servicesWords);
  const { answer, failure, busy, again } = useCall(JSON.stringify(range), (signal) =>
    serviceMap(range, signal),
  );
  const isEmpty = answer !== undefined && answer.services.length === 0;
  return (
    <main id="content" className="page">
      <div className="page-head">
        <h1>{words.map}</h1>
        <span className="spring" />
        <TimePicker />
      </div>
      <p className="muted small">{words.mapHelp}</p>
      <Trust of={answer} busy={busy}>
        {answer !== undefined && answer.sample < 1 && (
          <span>{words.sample(formatPercent(answer.sample))}</span>
        )}
      </Trust>
      {failure !== undefined && <Problem failure={failure} onRetry={again} />}
      {answer === undefined && busy && <Loading />}
      {isEmpty && <Empty title={words.mapNone} />}
      {answer !== undefined && !isEmpty && (
        <>
          <Graph answer={answer} chosen={chosen} onChoose={setChosen} />
          <Chosen answer={answer} name={chosen} />
          <details>
            <summary>{words.asTable}</summary>
            <Calls answer={answer} />
          </details>
        </>
      )}
    </main>
  );
}

function Chosen({ answer, name }: { answer: MapAnswer; name: string | undefined }): ReactElement | null {
  const words = say(servicesWords);
  const inAddress = rangeParameters(useRange());
  const service = answer.services.find((each) => each.name === name);
  if (service === undefined) return null;
  const { before } = service;
  return (
    <section className="card" aria-live="polite">
      <div className="page-head">
        <h2>{shown(service.name)}</h2>
        <span className="muted small">{shown(service.versions.join(', '))}</span>
        <Link className="chip" to={hrefOf('/search', { q: `service.name:"${service.name}"`, ...inAddress })}>
          {words.openSearch}
        </Link>
      </div>
      <NumberCards now={service.now} />
      {before !== null && (
        <p className="muted small">
          {words.change(
            [
              `${formatNumber(before.requests)} ${words.requests}`,
              `${formatPercent(before.error_share)} ${words.errors}`,
              `p95 ${duration(before.p95_ms)}`,
            ].join(' · '),
          )}
        </p>
      )}
    </section>
  );
}

type Edge = MapAnswer['edges'][number];

function Calls({ answer }: { answer: MapAnswer }): ReactElement {
  const words = say(servicesWords);
  const columns: readonly TableColumn<Edge>[] = [
    { name: 'from', title: words.from, cell: (row) => shown(row.from), sortBy: (row) => row.from },
    { name: 'to', title: words.to, cell: (row) => shown(row.to), sortBy: (row) => row.to },
    count(words.requests, (row) => row.now.requests),
    {
      name: 'errors',
      title: words.errors,
      align: 'end',
      cell: (row) => formatPercent(row.now.error_share),
      sortBy: (row) => row.now.error_share,
    },
    {
      name: 'p95',
      title: 'p95',
      align: 'end',
      cell: (row) => duration(row.now.p95_ms),
      sortBy: (row) => row.now.p95_ms ?? -1,
    },
    count(words.before, (row) => row.before?.requests ?? 0),
  ];
  return (
    <Table label={words.map} columns={columns} rows={answer.edges} keyOf={(row) => `${row.from} ${row.to}`} />
  );
}

function count(title: string, of: (row: Edge) => number): TableColumn<Edge> {
  return { name: title, title, align: 'end', cell: (row) => formatNumber(of(row)), sortBy: of };
}
