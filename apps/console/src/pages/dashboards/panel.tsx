/** One panel: its chart, what it cost, and for a costly one the estimate first and a cancel that ends it. */
import { useEffect, useRef, useState, type ReactElement } from 'react';
import type { DashboardVariable, DeployShape, EstimateShape, Panel, PanelAnswer } from '@sillok/api';
import { databaseRunner } from '../../api/database.js';
import { failureFrom, type Failure } from '../../api/http.js';
import { cancelForSure } from '../../api/sql.js';
import { dashboardCalls } from '../../api/team.js';
import { COSTLY_MS } from '../../limits.js';
import { hrefOf, Link } from '../../ui/address.js';
import { formatNumber, formatShort } from '../../ui/format.js';
import { Loading, Problem } from '../../ui/states.js';
import { toast } from '../../ui/toast.js';
import { bytes, shown } from '../../text.js';
import { say } from '../../words/dictionary.js';
import { frameWords } from '../../words/frame.js';
import { dashboardWords } from '../../words/dashboards.js';
import { Chart } from './charts.js';

export interface PanelContext {
  readonly from: string;
  readonly to: string;
  readonly variables: readonly DashboardVariable[];
  readonly values: Readonly<Record<string, string>>;
  readonly deploys: readonly DeployShape[];
  /** Asks anew when it changes. */
  readonly round: number;
}

interface PanelState {
  readonly answer?: PanelAnswer;
  readonly failure?: Failure;
  readonly estimate?: EstimateShape;
  readonly queryId?: string;
  readonly stopped?: boolean;
}

export function PanelCard({ panel, context }: { panel: Panel; context: PanelContext }): ReactElement {
  const words = say(dashboardWords);
  const { state, run, stop } = usePanel(panel, context);
  const { answer, failure, estimate, queryId } = state;
  const isAsking =
    answer === undefined && failure === undefined && estimate === undefined && queryId === undefined;
  return (
    <section className="board-panel card" data-width={panel.width} aria-label={panel.title}>
      <header className="board-head">
        <h2>{shown(panel.title)}</h2>
        <span className="spring" />
        {panel.language === 'search' && (
          <Link className="small" to={hrefOf('/search', { q: panel.q, from: panel.range || context.from })}>
            {words.openSearch}
          </Link>
        )}
      </header>
      {isAsking && state.stopped !== true && <Loading />}
      {failure !== undefined && <Problem failure={failure} q={panel.q} onRetry={run} />}
      {queryId !== undefined && (
        <p className="chips">
          <span className="muted">{words.running}</span>
          <button type="button" onClick={stop}>
            {words.stop}
          </button>
        </p>
      )}
      {state.stopped === true && <p role="status">{words.stopped}</p>}
      {estimate !== undefined && queryId === undefined && (
        <div className="chips">
          <span>
            {words.estimate(formatShort(estimate.rows), bytes(estimate.bytes))}{' '}
            {estimate.ms === null ? words.takesLong : words.takes(formatNumber(toSeconds(estimate.ms)))}
          </span>
          <button type="button" onClick={run}>
            {words.run}
          </button>
        </div>
      )}
      {answer !== undefined && <Chart panel={panel} answer={answer} deploys={context.deploys} />}
      {answer !== undefined && (
        <footer className="muted small">
          {say(frameWords).cost(
            formatNumber(answer.cost.rows_read),
            bytes(answer.cost.bytes_read),
            formatNumber(answer.cost.elapsed_ms),
          )}
        </footer>
      )}
    </section>
  );
}

const toSeconds = (ms: number): number => Math.round(ms / 1000);

/** How the engine and a business database say it. */
const CANCELLED: ReadonlySet<string> = new Set(['query_cancelled', 'database_cancelled']);

function usePanel(panel: Panel, { from, to, variables, values, round }: PanelContext) {
  const words = say(dashboardWords);
  const [state, setState] = useState<PanelState>({});
  const asked = useRef(0);
  const body = { panel, from, to, variables: [...variables], values: { ...values } };
  const key = JSON.stringify(body);

  const run = (): void => {
    asked.current += 1;
    const mine = asked.current;
    const queryId = `panel-${crypto.randomUUID()}`;
    const isMine = (): boolean => asked.current === mine;
    setState(({ answer }) => ({ ...(answer !== undefined && { answer }), queryId }));
    dashboardCalls.run({ ...body, query_id: queryId }).then(
      (answer) => isMine() && setState({ answer }),
      (cause: unknown) => {
        const failure = failureFrom(cause);
        if (!isMine() || failure === undefined) return;
        setState(CANCELLED.has(failure.code) ? { stopped: true } : { failure });
      },
    );
  };
  const stop = (): void => {
    if (state.queryId === undefined) return;
    // A business database has its own register of statements.
    const { cancel } = panel.database === '' ? dashboardCalls : databaseRunner(panel.database);
    void cancelForSure(state.queryId, cancel).then((isConfirmed) => {
      if (!isConfirmed) toast(words.notStopped);
    });
  };
  // New at every drawing; the key names everything that the question depends on.
  const latest = useRef({ body, run, isAnswered: false });
  latest.current = { body, run, isAnswered: state.answer !== undefined };
  useEffect(() => {
    const now = latest.current;
    // A panel that was answered once is not asked about its cost again; the first time it may be large.
    if (now.isAnswered) {
      now.run();
      return undefined;
    }
    let isGone = false;
    dashboardCalls.estimate(now.body).then(
      (estimate) => {
        if (isGone) return;
        if (estimate.ms === null || estimate.ms > COSTLY_MS) setState({ estimate });
        else now.run();
      },
      (cause: unknown) => {
        const failure = failureFrom(cause);
        if (!isGone && failure !== undefined) setState({ failure });
      },
    );
    return () => void (isGone = true);
  }, [key, round]);
  return { state, run, stop };
}
