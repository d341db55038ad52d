/** Which services took part, in which version, and where the time went. Folded: the waterfall comes first. */
import type { ServiceShare, TraceAnswer } from '@sillok/api';
import type { ReactElement } from 'react';
import { shown } from '../../text.js';
import { formatDuration, formatNumber } from '../../ui/format.js';
import { Table, type TableColumn } from '../../ui/table.js';
import { say } from '../../words/dictionary.js';
import { traceWords } from '../../words/trace.js';

export function TraceServices({ trace }: { trace: TraceAnswer }): ReactElement {
  const words = say(traceWords);
  const columns: readonly TableColumn<ServiceShare>[] = [
    {
      name: 'service',
      title: words.service,
      cell: (row) => shown(row.service),
      sortBy: (row) => row.service,
    },
    { name: 'version', title: words.version, cell: (row) => shown(row.versions.join(', ')) },
    count('calls', words.calls, (row) => row.nodes),
    count('failed', words.failed, (row) => row.failed),
    time('self', words.self, (row) => row.self_ms),
    time('critical', words.critical, (row) => row.critical_ms),
  ];
  return (
    <details className="trace-services">
      <summary>{words.versions}</summary>
      <Table label={words.versions} columns={columns} rows={trace.services} keyOf={(row) => row.service} />
    </details>
  );
}

type Of = (row: ServiceShare) => number;

function count(name: string, title: string, of: Of): TableColumn<ServiceShare> {
  return { name, title, align: 'end', cell: (row) => formatNumber(of(row)), sortBy: of };
}

function time(name: string, title: string, of: Of): TableColumn<ServiceShare> {
  return { name, title, align: 'end', cell: (row) => formatDuration(of(row)), sortBy: of };
}
