/** All reports of the project, when each comes next, and how the last sending went. */
import type { ReactElement } from 'react';
import type { ReportBody, ReportShape } from '@sillok/api';
import { reportCalls } from '../../api/team.js';
import { useCall } from '../../api/use-call.js';
import { useAct } from '../../ui/act.js';
import { go, Link } from '../../ui/address.js';
import { PageHead } from '../../ui/field.js';
import { formatMoment } from '../../ui/format.js';
import { Empty, Loading, Problem } from '../../ui/states.js';
import { shown } from '../../text.js';
import { languageStore, say } from '../../words/dictionary.js';
import { reportWords } from '../../words/reports.js';

function firstReport(): ReportBody {
  const words = say(reportWords);
  return {
    name: words.weekly,
    language: languageStore.get(),
    timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    cards: [
      { title: words.requests, q: 'kind:access', measure: 'calls', better: 'up' },
      { title: words.people, q: 'kind:access', measure: 'people', better: 'up' },
      { title: words.errors, q: 'kind:access', measure: 'error_rate', better: 'down' },
    ],
  };
}

export function Page(): ReactElement {
  const words = say(reportWords);
  const { answer, failure, again } = useCall('reports', (signal) => reportCalls.list(signal));
  const { busy, failure: refused, act } = useAct();
  const create = (): void =>
    act(async () => {
      const made = await reportCalls.save(undefined, firstReport());
      go(`/reports/${made.id}?edit=1`);
    });
  return (
    <main id="content" className="page">
      <PageHead title={words.title}>
        <button type="button" className="primary" disabled={busy} onClick={create}>
          {words.newOne}
        </button>
      </PageHead>
      {failure !== undefined && <Problem failure={failure} onRetry={again} />}
      {refused !== undefined && <Problem failure={refused} />}
      {answer === undefined && failure === undefined && <Loading />}
      {answer?.reports.length === 0 && <Empty title={words.none} help={words.noneHelp} />}
      <div className="cards">
        {answer?.reports.map((report) => (
          <Card key={report.id} report={report} />
        ))}
      </div>
    </main>
  );
}

function Card({ report }: { report: ReportShape }): ReactElement {
  const words = say(reportWords);
  const { next_at: next, last } = report;
  return (
    <Link className="card dashboard-card" to={`/reports/${report.id}`}>
      <strong>{shown(report.name)}</strong>
      <span className="muted small">
        {next === null ? words.noSchedule : words.next(formatMoment(next))}
        {last !== null && ` · ${words.lastSent(formatMoment(last.at), last.state)}`}
      </span>
    </Link>
  );
}
