/** Endpoints over weeks and months: which get worse, how fast, and when they reach their limit. */
import type { TrendEndpoint, TrendsAnswer } from '@sillok/api';
import type { ReactElement } from 'react';
import { trends } from '../../api/analysis.js';
import { useCall } from '../../api/use-call.js';
import { shown } from '../../text.js';
import { go, hrefHere, hrefOf, Link, useAddress } from '../../ui/address.js';
import { Choice } from '../../ui/field.js';
import { formatDuration, formatMoment, formatNumber, formatPercent } from '../../ui/format.js';
import { duration } from '../../ui/numbers.js';
import { Empty, Loading, Problem } from '../../ui/states.js';
import { Table, type TableColumn } from '../../ui/table.js';
import { Trust } from '../../ui/trust.js';
import { say } from '../../words/dictionary.js';
import { servicesWords } from '../../words/services.js';
import { trendsWords } from '../../words/trends.js';
import { DayChart } from './day-chart.js';
import { crossingText, isWorse, meansOf, signed } from './means.js';

const DAYS = ['30', '90', '180', '365'] as const;
const LIMITS_MS = ['200', '500', '1000', '2000', '5000'] as const;

export function Page(): ReactElement {
  const words = say(trendsWords);
  const { parameters } = useAddress();
  const days = DAYS.find((each) => each === parameters.get('days')) ?? '90';
  const limit = LIMITS_MS.find((each) => each === parameters.get('limit')) ?? '1000';
  const question = { days: Number(days), limit_ms: Number(limit) };
  const { answer, failure, busy, again } = useCall(JSON.stringify(question), (signal) =>
    trends(question, signal),
  );
  return (
    <main id="content" className="page">
      <div className="page-head">
        <h1>{words.title}</h1>
        <span className="spring" />
        <Choice
          label={words.days}
          value={days}
          choices={DAYS.map((each) => [each, words.daysText(each)])}
          onChoose={(next) => go(hrefHere({ days: next }), { replace: true })}
        />
        <Choice
          label={words.limit}
          value={limit}
          choices={LIMITS_MS.map((each) => [each, formatDuration(Number(each))])}
          onChoose={(next) => go(hrefHere({ limit: next }), { replace: true })}
        />
      </div>
      <p className="muted">{words.help}</p>
      <Trust of={answer} busy={busy}>
        {answer?.rolled_up_to != null && <span>{words.countedUpTo(formatMoment(answer.rolled_up_to))}</span>}
      </Trust>
      {failure !== undefined && <Problem failure={failure} onRetry={again} />}
      {answer === undefined && busy && <Loading />}
      {answer?.endpoints.length === 0 && <Empty title={words.none} help={words.noneHelp} />}
      {answer !== undefined && answer.endpoints.length > 0 && <Endpoints answer={answer} />}
    </main>
  );
}

function Endpoints({ answer }: { answer: TrendsAnswer }): ReactElement {
  const words = say(trendsWords);
  const worse = answer.endpoints.filter(isWorse);
  const others = answer.endpoints.filter((each) => !isWorse(each));
  return (
    <>
      <h2>{words.worse(formatNumber(worse.length))}</h2>
      <ul className="groups trend-cards">
        {worse.map((each) => (
          <li key={keyOf(each)}>
            <Worse endpoint={each} answer={answer} />
          </li>
        ))}
      </ul>
      {others.length > 0 && (
        <>
          <h2>{words.others}</h2>
          <Others endpoints={others} answer={answer} />
        </>
      )}
      {answer.truncated && <p className="muted">{words.truncated}</p>}
    </>
  );
}

const keyOf = ({ service, method, route }: TrendEndpoint): string => `${service} ${method} ${route}`;

function EndpointLink({ endpoint }: { endpoint: TrendEndpoint }): ReactElement {
  const { service, method, route } = endpoint;
  return (
    <Link to={hrefOf('/endpoint', { service, route, method, from: '-7d' })}>
      {shown(`${method} ${route}`)}
    </Link>
  );
}

interface RowProps {
  readonly endpoint: TrendEndpoint;
  readonly answer: TrendsAnswer;
}

function Worse({ endpoint, answer }: RowProps): ReactElement {
  const words = say(trendsWords);
  const { service, p95, is_over: isOver } = endpoint;
  const crossing = crossingText(endpoint);
  return (
    <article className="card">
      <div className="group-head">
        <h3>
          <EndpointLink endpoint={endpoint} />
        </h3>
        <span className="muted">{shown(service)}</span>
      </div>
      <p className="chips">
        {isOver && (
          <span className="chip" data-life="back">
            {words.over}
          </span>
        )}
        {meansOf(endpoint).map((text) => (
          <span key={text} className="chip">
            {text}
          </span>
        ))}
      </p>
      {crossing !== undefined && (
        <p>
          <strong>{crossing.expected}</strong> <span className="muted">{crossing.within}</span>
        </p>
      )}
      <DayChart endpoint={endpoint} limitMs={answer.limit_ms} />
      <dl className="trend-facts">
        <Fact name={words.p95Now} text={duration(lastOf(endpoint)?.p95_ms ?? null)} />
        {p95 !== null && (
          <Fact
            name={words.p95Change}
            text={words.perDay(signed(p95.change_per_day, formatDuration))}
            more={words.interval(
              signed(p95.change_min, formatDuration),
              signed(p95.change_max, formatDuration),
            )}
          />
        )}
        <Fact name={words.errorsNow} text={errorShare(endpoint)} />
        <Fact name={words.requests} text={formatNumber(lastOf(endpoint)?.requests ?? 0)} />
      </dl>
    </article>
  );
}

/** A day that is not over has few requests yet; what is told is the last one with a quantile. */
function lastOf({ points }: TrendEndpoint): TrendEndpoint['points'][number] | undefined {
  return points.findLast((point) => point.p95_ms !== null) ?? points.at(-1);
}

function errorShare(endpoint: TrendEndpoint): string {
  const last = lastOf(endpoint);
  return last === undefined || last.requests === 0 ? '–' : formatPercent(last.errors / last.requests);
}

function Fact(props: { name: string; text: string; more?: string }): ReactElement {
  return (
    <div>
      <dt className="muted small">{props.name}</dt>
      <dd>
        <strong>{props.text}</strong>{' '}
        {props.more !== undefined && <span className="muted small">{props.more}</span>}
      </dd>
    </div>
  );
}

function Others(props: { endpoints: readonly TrendEndpoint[]; answer: TrendsAnswer }): ReactElement {
  const [words, names] = [say(trendsWords), say(servicesWords)];
  const columns: readonly TableColumn<TrendEndpoint>[] = [
    {
      name: 'service',
      title: names.service,
      cell: (row) => shown(row.service),
      sortBy: (row) => row.service,
    },
    {
      name: 'endpoint',
      title: names.endpoint,
      cell: (row) => <EndpointLink endpoint={row} />,
      sortBy: (row) => row.route,
    },
    { name: 'means', title: words.title, cell: (row) => meansOf(row).join(', ') },
    {
      name: 'p95',
      title: words.p95Now,
      align: 'end',
      cell: (row) => duration(lastOf(row)?.p95_ms ?? null),
      sortBy: (row) => lastOf(row)?.p95_ms ?? -1,
    },
    {
      name: 'change',
      title: words.p95Change,
      align: 'end',
      cell: ({ p95 }) => (p95 === null ? '–' : words.perDay(signed(p95.change_per_day, formatDuration))),
      sortBy: ({ p95 }) => p95?.change_per_day ?? 0,
    },
    { name: 'errors', title: words.errorsNow, align: 'end', cell: errorShare },
    {
      name: 'requests',
      title: words.requests,
      align: 'end',
      cell: (row) => formatNumber(lastOf(row)?.requests ?? 0),
      sortBy: (row) => lastOf(row)?.requests ?? 0,
    },
    {
      name: 'chart',
      title: '',
      cell: (row) => <DayChart endpoint={row} limitMs={props.answer.limit_ms} isSmall />,
    },
  ];
  return <Table label={words.others} columns={columns} rows={props.endpoints} keyOf={keyOf} />;
}
