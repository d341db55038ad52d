/** The answer of a statement as a table or a chart, and as a file. */
import type { SqlAnswer } from '@sillok/api';
import { lazy, Suspense, useMemo, useState, type ReactElement } from 'react';
import { asText } from '../../text.js';
import { formatNumber } from '../../ui/format.js';
import { Loading } from '../../ui/states.js';
import { Table, type TableColumn } from '../../ui/table.js';
import { say } from '../../words/dictionary.js';
import { sqlWords } from '../../words/sql.js';
import { chartOf, csvOf, ndjsonOf, type ChartData } from './statement.js';

const Chart = lazy(async () => ({ default: (await import('../../ui/chart.js')).Chart }));

type Row = readonly unknown[];

export function SqlResult({ answer }: { answer: SqlAnswer }): ReactElement {
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
      {view === 'table' ? <Rows answer={answer} /> : <ChartView chart={chart} />}
    </>
  );
}

function Rows({ answer }: { answer: SqlAnswer }): ReactElement {
  const words = say(sqlWords);
  const columns = answer.columns.map(({ name, type }, index): TableColumn<Row> => {
    const isNumber = /Int|Float|Decimal/.test(type);
    return {
      name: `${index} ${name}`,
      title: asText(name),
      align: isNumber ? 'end' : 'start',
      cell: (row) => cellText(row[index]),
      sortBy: (row) => (isNumber ? Number(row[index]) : asText(row[index])),
    };
  });
  return (
    <Table label={words.table} columns={columns} rows={answer.rows} keyOf={(_row, index) => String(index)} />
  );
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
