/** One endpoint: its numbers, durations over time, its versions, who calls it and what it calls. */
import type { EndpointAnswer } from '@sillok/api';
import { writeValue } from '@sillok/query';
import type { ReactElement } from 'react';
import { endpoint, type EndpointName } from '../../api/analysis.js';
import { useCall } from '../../api/use-call.js';
import { shown } from '../../text.js';
import { go, hrefOf, Link, useAddress } from '../../ui/address.js';
import { formatMoment, formatNumber, formatPercent } from '../../ui/format.js';
import { Heatmap, type HeatBox } from '../../ui/heatmap.js';
import { duration, NumberCards } from '../../ui/numbers.js';
import { rangeParameters, useRange } from '../../ui/range.js';
import { Loading, Problem } from '../../ui/states.js';
import { Table, type TableColumn } from '../../ui/table.js';
import { TimePicker } from '../../ui/time-picker.js';
import { Trust } from '../../ui/trust.js';
import { say } from '../../words/dictionary.js';
import { servicesWords } from '../../words/services.js';
import { Impact } from './impact.js';

/** The search text that finds the requests of an endpoint. */
function searchOf({ service, route, method }: EndpointName): string {
  const words = [`kind:(access or span) service.name:${writeValue(service)} http.route:${writeValue(route)}`];
  if (method !== undefined && method !== '') words.push(`http.request.method:${writeValue(method)}`);
  return words.join(' ');
}

export function Page(): ReactElement {
  const { parameters } = useAddress();
  const range = useRange();
  const name = {
    service: parameters.get('service') ?? '',
    route: parameters.get('route') ?? '',
    method: parameters.get('method') ?? undefined,
  };
  const question = { ...name, ...range };
  const words = say(servicesWords);
  const { answer, failure, busy, again } = useCall(JSON.stringify(question), (signal) =>
    endpoint(question, signal),
  );
  const q = searchOf(name);
  const inAddress = rangeParameters(range);
  const askWhy = (box: HeatBox): void => {
    // The lowest step holds what took no time at all, too.
    const lower = box.minMs === 0 ? '' : ` duration_ms:>${box.minMs}`;
    const upper = box.maxMs === undefined ? '' : ` duration_ms:<=${box.maxMs}`;
    const slice = `${q}${lower}${upper}`;
    go(hrefOf('/why', { q: slice, base: q, ...rangeParameters({ from: box.from, to: box.to }) }));
  };
  return (
    <main id="content" className="page">
      <div className="page-head">
        <h1>{shown(`${name.service}: ${name.method ?? ''} ${name.route}`)}</h1>
        <span className="spring" />
        <Link className="chip" to={hrefOf('/search', { q, ...inAddress })}>
          {words.openSearch}
        </Link>
        <Link className="chip" to={hrefOf('/why', { q: `${q} level:>=error`, base: q, ...inAddress })}>
          {words.whyFailed}
        </Link>
        <TimePicker />
      </div>
      <Trust of={answer} busy={busy} />
      {failure !== undefined && <Problem failure={failure} onRetry={again} />}
      {answer === undefined && busy && <Loading />}
      {answer !== undefined && (
        <>
          <NumberCards now={answer.total} />
          <section className="card" aria-label={words.heatmap}>
            <h2>{words.heatmap}</h2>
            <Heatmap data={answer.heatmap} onBox={askWhy} />
            <p className="muted small">{words.heatmapHelp}</p>
          </section>
          <Versions answer={answer} />
        </>
      )}
      {name.service !== '' && <Impact name={name} />}
    </main>
  );
}

type Version = EndpointAnswer['versions'][number];

function Versions({ answer }: { answer: EndpointAnswer }): ReactElement | null {
  const words = say(servicesWords);
  if (answer.versions.length === 0) return null;
  const columns: readonly TableColumn<Version>[] = [
    { name: 'version', title: words.versions, cell: (row) => shown(row.version) },
    {
      name: 'requests',
      title: words.requests,
      align: 'end',
      cell: (row) => formatNumber(row.requests),
      sortBy: (row) => row.requests,
    },
    {
      name: 'errors',
      title: words.errors,
      align: 'end',
      cell: (row) => formatPercent(row.error_share),
      sortBy: (row) => row.error_share,
    },
    {
      name: 'p95',
      title: 'p95',
      align: 'end',
      cell: (row) => duration(row.p95_ms),
      sortBy: (row) => row.p95_ms ?? -1,
    },
    { name: 'first', title: words.firstSeen, cell: (row) => formatMoment(row.first_seen) },
  ];
  return (
    <Table label={words.versions} columns={columns} rows={answer.versions} keyOf={(row) => row.version} />
  );
}
