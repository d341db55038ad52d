/** The messages of a search as templates: a thousand lines become ten, and what is new stands out. */
import type { Pattern } from '@sillok/api';
import type { ReactElement } from 'react';
import { patterns } from '../../api/analysis.js';
import { useCall } from '../../api/use-call.js';
import { shown } from '../../text.js';
import { go, hrefHere, hrefOf, Link, useAddress } from '../../ui/address.js';
import { formatMoment, formatNumber, formatPercent } from '../../ui/format.js';
import { QueryBar } from '../../ui/query-bar.js';
import { rangeParameters, useRange } from '../../ui/range.js';
import { Spark } from '../../ui/spark.js';
import { Empty, Loading } from '../../ui/states.js';
import { Table, type TableColumn } from '../../ui/table.js';
import { Trust } from '../../ui/trust.js';
import { say } from '../../words/dictionary.js';
import { compareWords } from '../../words/compare.js';

const LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace'];

export function Page(): ReactElement {
  const q = useAddress().parameters.get('q') ?? '';
  const range = useRange();
  const question = { q, ...range };
  const words = say(compareWords);
  const { answer, failure, busy, again } = useCall(JSON.stringify(question), (signal) =>
    patterns(question, signal),
  );
  const inAddress = rangeParameters(range);
  const columns: readonly TableColumn<Pattern>[] = [
    {
      name: 'template',
      title: words.template,
      cell: (row) => (
        <>
          <Link
            className="template"
            data-level={worstOf(row)}
            to={hrefOf('/search', { q: row.search, ...inAddress })}
          >
            {shown(row.template)}
          </Link>{' '}
          {row.is_new === true && <span className="tag good">{words.isNew}</span>}
          <span className="muted small"> {shown(row.services.join(', '))}</span>
        </>
      ),
      sortBy: (row) => row.template,
    },
    { name: 'trend', title: words.trend, cell: (row) => <Spark values={row.trend} label={words.trend} /> },
    {
      name: 'count',
      title: words.count,
      align: 'end',
      cell: (row) => formatNumber(row.count),
      sortBy: (row) => row.count,
    },
    {
      name: 'share',
      title: words.share,
      align: 'end',
      cell: (row) => formatPercent(row.share),
      sortBy: (row) => row.share,
    },
    {
      name: 'last',
      title: words.last,
      cell: (row) => <span className="nowrap">{formatMoment(row.last)}</span>,
      sortBy: (row) => row.last,
    },
  ];
  return (
    <main id="content" className="page">
      <h1>{words.patterns}</h1>
      <p className="muted small">{words.patternsHelp}</p>
      <QueryBar q={q} failure={failure} onRun={(next) => go(hrefHere({ q: next }))} onRetry={again} />
      <Trust of={answer} busy={busy} />
      {answer === undefined && busy && <Loading />}
      {answer?.patterns.length === 0 && <Empty title={words.patternsNone} />}
      {answer !== undefined && answer.patterns.length > 0 && (
        <Table
          label={words.patterns}
          columns={columns}
          rows={answer.patterns}
          keyOf={(row) => row.template}
        />
      )}
    </main>
  );
}

function worstOf({ levels }: Pattern): string {
  return LEVELS.find((level) => (levels[level] ?? 0) > 0) ?? 'info';
}
