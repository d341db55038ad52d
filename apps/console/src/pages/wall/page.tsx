/** A dashboard on a wall: no navigation, no sign-in, asks again by itself. The secret stands in the fragment. */
import { useEffect, useState, type ReactElement } from 'react';
import type { DashboardShape, Panel, PanelAnswer } from '@sillok/api';
import { wallCalls } from '../../api/team.js';
import { failureFrom, type Failure } from '../../api/http.js';
import { useCall } from '../../api/use-call.js';
import { WALL_REFRESH_S_MIN } from '../../limits.js';
import { formatMoment } from '../../ui/format.js';
import { Empty, Loading, Problem } from '../../ui/states.js';
import { useEvery } from '../../ui/use-every.js';
import { shown } from '../../text.js';
import { say } from '../../words/dictionary.js';
import { dashboardWords } from '../../words/dashboards.js';
import { Chart } from '../dashboards/charts.js';

export function Page(): ReactElement {
  const words = say(dashboardWords);
  const [secret] = useState(() => location.hash.slice(1));
  const calls = wallCalls(secret);
  const { answer, failure } = useCall('wall', (signal) => calls.open(signal));
  if (failure !== undefined && failure.status === 404) return <Empty title={words.wallGone} />;
  if (failure !== undefined) return <Problem failure={failure} />;
  if (answer === undefined) return <Loading />;
  return <Wall dashboard={answer.dashboard} secret={secret} />;
}

function Wall({ dashboard, secret }: { dashboard: DashboardShape; secret: string }): ReactElement {
  const words = say(dashboardWords);
  const [state, setState] = useState({ round: 0, ms: Date.now() });
  useEvery(Math.max(dashboard.refresh_s, WALL_REFRESH_S_MIN) * 1000, () =>
    setState((now) => ({ round: now.round + 1, ms: Date.now() })),
  );
  return (
    <main id="content" className="page wall">
      <div className="page-head">
        <h1>{shown(dashboard.name)}</h1>
        <span className="spring" />
        <span className="muted">{words.updated(formatMoment(state.ms))}</span>
      </div>
      <div className="board">
        {dashboard.panels.map((panel) => (
          <WallPanel key={panel.id} panel={panel} secret={secret} round={state.round} />
        ))}
      </div>
    </main>
  );
}

function WallPanel(props: { panel: Panel; secret: string; round: number }): ReactElement {
  const { panel, secret, round } = props;
  const [answer, setAnswer] = useState<PanelAnswer>();
  const [failure, setFailure] = useState<Failure>();
  useEffect(() => {
    let isGone = false;
    wallCalls(secret)
      .run(panel.id)
      .then(
        (next) => {
          if (isGone) return;
          setAnswer(next);
          setFailure(undefined);
        },
        (cause: unknown) => {
          if (!isGone) setFailure(failureFrom(cause));
        },
      );
    return () => void (isGone = true);
  }, [panel.id, secret, round]);
  return (
    <section className="board-panel card" data-width={panel.width} aria-label={panel.title}>
      <h2>{shown(panel.title)}</h2>
      {failure !== undefined && <Problem failure={failure} />}
      {answer !== undefined && <Chart panel={panel} answer={answer} deploys={[]} />}
    </section>
  );
}
