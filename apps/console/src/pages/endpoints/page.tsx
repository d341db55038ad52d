/** All endpoints: how often, how many fail, how slow. The ones that cost the most time come first. */
import type { EndpointRow } from '@sillok/api';
import type { ReactElement } from 'react';
import { endpoints } from '../../api/analysis.js';
import { useCall } from '../../api/use-call.js';
import { asText, shown } from '../../text.js';
import { hrefOf, Link } from '../../ui/address.js';
import { formatAgo, formatNumber, formatPercent } from '../../ui/format.js';
import { duration } from '../../ui/numbers.js';
import { rangeParameters, useRange } from '../../ui/range.js';
import { Empty, Loading, Problem } from '../../ui/states.js';
import { Table, type TableColumn } from '../../ui/table.js';
import { TimePicker } from '../../ui/time-picker.js';
import { Trust } from '../../ui/trust.js';
import { say } from '../../words/dictionary.js';
import { servicesWords } from '../../words/services.js';

export function Page(): ReactElement {
  const range = useRange();
  const words = say(servicesWords);
  const { answer, failure, busy, again } = useCall(JSON.stringify(range), (signal) =>
    endpoints(range, signal),
  );
  const inAddress = rangeParameters(range);
  const columns: readonly TableColumn<EndpointRow>[] = [
    {
      name: 'service',
      title: words.service,
      cell: (row) => shown(row.service),
      sortBy: (row) => row.service,
    },
    {
      name: 'endpoint',
      title: words.endpoint,
      cell: ({ service, route, method }) => (
        <Link to={hrefOf('/endpoint', { service, route, method, ...inAddress })}>
          {shown(`${method} ${route}`)}
        </Link>
      ),
      sortBy: (row) => row.route,
    },
    numberColumn('requests', words.requests, (row) => row.requests),
    {
      name: 'errors',
      title: words.errors,
      align: 'end',
      cell: (row) => (
        <span className={row.errors > 0 ? 'bad' : undefined}>{formatPercent(row.error_share)}</span>
      ),
      sortBy: (row) => row.error_share,
    },
    timeColumn('p50', (row) => row.p50_ms),
    timeColumn('p95', (row) => row.p95_ms),
    timeColumn('p99', (row) => row.p99_ms),
    { ...timeColumn('time', (row) => row.time_ms), title: words.time },
    { name: 'versions', title: words.versions, cell: (row) => asText(row.versions.join(', ')) },
    {
      name: 'seen',
      title: words.lastSeen,
      cell: (row) => <span className="nowrap">{formatAgo(row.last_seen, Date.now())}</span>,
    },
  ];
  return (
    <main id="content" className="page">
      <div className="page-head">
        <h1>{words.endpoints}</h1>
        <span className="spring" />
        <TimePicker />
      </div>
      <Trust of={answer} busy={busy} />
      {failure !== undefined && <Problem failure={failure} onRetry={again} />}
      {answer === undefined && busy && <Loading />}
      {answer?.endpoints.length === 0 && <Empty title={words.endpointsNone} help={words.endpointsNoneHelp} />}
      {answer !== undefined && answer.endpoints.length > 0 && (
        <Table
          label={words.endpoints}
          columns={columns}
          rows={answer.endpoints}
          keyOf={(row) => `${row.service} ${row.method} ${row.route}`}
        />
      )}
    </main>
  );
}

type Of = (row: EndpointRow) => number | null;

function numberColumn(
  name: string,
  title: string,
  of: (row: EndpointRow) => number,
): TableColumn<EndpointRow> {
  return { name, title, align: 'end', cell: (row) => formatNumber(of(row)), sortBy: of };
}

function timeColumn(name: string, of: Of): TableColumn<EndpointRow> {
  return {
    name,
    title: name,
    align: 'end',
    cell: (row) => duration(of(row)),
    sortBy: (row) => of(row) ?? -1,
  };
}
