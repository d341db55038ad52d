/** All dashboards of the project. */
import type { ReactElement } from 'react';
import type { DashboardShape } from '@sillok/api';
import { dashboardCalls } from '../../api/team.js';
import { useCall } from '../../api/use-call.js';
import { useAct } from '../../ui/act.js';
import { go, Link } from '../../ui/address.js';
import { PageHead } from '../../ui/field.js';
import { formatMoment } from '../../ui/format.js';
import { Empty, Loading, Problem } from '../../ui/states.js';
import { shown } from '../../text.js';
import { say } from '../../words/dictionary.js';
import { dashboardWords } from '../../words/dashboards.js';
import { firstDashboard } from './first.js';

export function Page(): ReactElement {
  const words = say(dashboardWords);
  const { answer, failure, again } = useCall('dashboards', (signal) => dashboardCalls.list(signal));
  const { busy, failure: refused, act } = useAct();
  const create = (): void =>
    act(async () => {
      const made = await dashboardCalls.save(undefined, firstDashboard());
      go(`/dashboards/${made.id}?edit=1`);
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
      {answer?.dashboards.length === 0 && <Empty title={words.none} help={words.noneHelp} />}
      <div className="cards">
        {answer?.dashboards.map((dashboard) => (
          <Card key={dashboard.id} dashboard={dashboard} />
        ))}
      </div>
    </main>
  );
}

function Card({ dashboard }: { dashboard: DashboardShape }): ReactElement {
  const words = say(dashboardWords);
  return (
    <Link className="card dashboard-card" to={`/dashboards/${dashboard.id}`}>
      <strong>{shown(dashboard.name)}</strong>
      <span className="muted small">
        {words.panels} {dashboard.panels.length} · {shown(dashboard.updated_by)} ·{' '}
        {formatMoment(dashboard.updated_at)}
      </span>
    </Link>
  );
}
