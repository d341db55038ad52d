/** The answer of a statement as a table or a chart, and as a file. */
import type { DatabaseLink, SqlAnswer } from '@sillok/api';
import { lazy, Suspense, useMemo, useState, type ReactElement } from 'react';
import { asText } from '../../text.js';
import { Link } from '../../ui/address.js';
import { formatNumber } from '../../ui/format.js';
import { Loading } from '../../ui/states.js';
import { Table as TableView, type TableColumn } from '../../ui/table.js';
import { say } from '../../words/dictionary.js';
import { sqlWords } from '../../words/sql.js';
import { chartOf, csvOf, isNumber as isNumeric, ndjsonOf, type ChartData } from './statement.js';

const Chart = lazy(async () => ({ default: (await import('../../ui/chart.js')).Chart }));

type Row = readonly unknown[];

type Table = Pick<SqlAnswer, 'columns' | 'rows'>;

/** `links`: columns whose values lead to a trace, a story or an entity of the record. */
export function SqlResult(props: { answer: Table; links?: readonly DatabaseLink[] }): ReactElement {
  const { answer, links = [] } = props;
  const [view, setView] = useState<'table' | 'chart'>('table');
  const words = say(sqlWords);
  const chart = useMemo(() => chartOf(answer), [answer]);
  return (
    <>
      <div className="toolbar">
        {(['table', 'chart'] as const).map((each) => (
          <button
            key={each}
            type="button"
            className="quiet"
            aria-pressed={view === each}
            onClick={() => setView(each)}
          >
            {each === 'table' ? words.table : words.chart}
          </button>
        ))}
        <span className="spring" />
        <button type="button" className="quiet" onClick={() => download('csv', csvOf(answer))}>
          {words.exportCsv}
        </button>
        <button type="button" className="quiet" onClick={() => download('ndjson', ndjsonOf(answer))}>
          {words.exportJson}
        </button>
      </div>
      {view === 'table' ? <Rows answer={answer} links={links} /> : <ChartView chart={chart} />}
    </>
  );
}

function Rows({ answer, links }: { answer: Table; links: readonly DatabaseLink[] }): ReactElement {
  const words = say(sqlWords);
  const columns = answer.columns.map(({ name, type }, index): TableColumn<Row> => {
    const isNumber = isNumeric({ type });
    const link = links.find((each) => each.column === index);
    return {
      name: `${index} ${name}`,
      title: asText(name),
      align: isNumber ? 'end' : 'start',
      cell: (row) => <Cell value={row[index]} link={link} />,
      sortBy: (row) => (isNumber ? Number(row[index]) : asText(row[index])),
    };
  });
  return (
    <TableView
      label={words.table}
      columns={columns}
      rows={answer.rows}
      keyOf={(_row, index) => String(index)}
    />
  );
}

function Cell({ value, link }: { value: unknown; link: DatabaseLink | undefined }): ReactElement {
  const text = cellText(value);
  if (link === undefined || value === null) return <>{text}</>;
  return <Link to={hrefOf(link, asText(value))}>{text}</Link>;
}

function hrefOf(link: DatabaseLink, value: string): string {
  const id = encodeURIComponent(value);
  if (link.kind === 'entity') return `/history/${encodeURIComponent(link.type)}/${id}`;
  return link.kind === 'trace' ? `/trace/${id}` : `/scenario/${id}`;
}

function cellText(value: unknown): string {
  return typeof value === 'number' ? formatNumber(value, 6) : asText(value);
}

function ChartView({ chart }: { chart: ChartData | undefined }): ReactElement {
  const words = say(sqlWords);
  if (chart === undefined) return <p className="muted">{words.chartNone}</p>;
  return (
    <Suspense fallback={<Loading />}>
      <Chart
        label={words.chart}
        x={chart.x}
        series={chart.series}
        {...(chart.kind === 'names' ? { names: chart.names } : {})}
      />
    </Suspense>
  );
}

/** A file made here, of what is on the screen. */
function download(kind: 'csv' | 'ndjson', text: string): void {
  const url = URL.createObjectURL(
    new Blob([text], { type: kind === 'csv' ? 'text/csv' : 'application/x-ndjson' }),
  );
  const link = document.createElement('a');
  link.href = url;
  link.download = `sillok.${kind}`;
  link.click();
  URL.revokeObjectURL(url);
}
