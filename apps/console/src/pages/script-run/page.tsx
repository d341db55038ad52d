/** One run of a script: how far it is, what it changes, what failed; and, of a dry run, applying exactly that. */
import { actionText, thingText, type ScriptDescription, type ScriptRun } from '@sillok/api';
import type { FormEvent, ReactElement } from 'react';
import { adminCalls } from '../../api/admin.js';
import { useCall } from '../../api/use-call.js';
import { SCRIPT_REFRESH_MS } from '../../limits.js';
import type { PageProps } from '../../routes.js';
import { shown } from '../../text.js';
import { useAct } from '../../ui/act.js';
import { go, Link } from '../../ui/address.js';
import { PageHead } from '../../ui/field.js';
import { formatMoment, formatNumber } from '../../ui/format.js';
import { Loading, Problem } from '../../ui/states.js';
import { Table } from '../../ui/table.js';
import { useEvery } from '../../ui/use-every.js';
import { languageStore, say } from '../../words/dictionary.js';
import { scriptWords } from '../../words/scripts.js';
import { Diff } from '../admin/diff.js';
import { inputText } from '../admin/titles.js';
import { isGuarded, useMeant } from './meant.js';
import { Orders } from './orders.js';

export function Page({ values }: PageProps): ReactElement {
  const { service = '', run: id = '' } = values;
  const words = say(scriptWords);
  const {
    answer: run,
    failure,
    again,
  } = useCall(`run ${service} ${id}`, (signal) => adminCalls.scriptRun(service, id, signal));
  const { answer: known } = useCall(`scripts ${service}`, (signal) => adminCalls.scripts(service, signal));
  const isMoving = run !== undefined && MOVING.has(run.state);
  useEvery(SCRIPT_REFRESH_MS, () => isMoving && again());
  const script = known?.scripts.find(({ name }) => name === run?.script);
  return (
    <main id="content" className="page">
      <p>
        <Link to="/scripts">{words.back}</Link>
      </p>
      {failure !== undefined && <Problem failure={failure} onRetry={again} />}
      {run === undefined && failure === undefined && <Loading />}
      {run !== undefined && (
        <>
          <Head {...{ service, run, script, again }} />
          {run.mode === 'plan' && run.plan !== null && script !== undefined && (
            <Apply {...{ service, run, script }} />
          )}
          <Changes run={run} />
          <Failures run={run} />
        </>
      )}
    </main>
  );
}

const MOVING: ReadonlySet<ScriptRun['state']> = new Set(['checking', 'running', 'paused']);

interface HeadProps {
  readonly service: string;
  readonly run: ScriptRun;
  readonly script: ScriptDescription | undefined;
  readonly again: () => void;
}

function Head({ service, run, script, again }: HeadProps): ReactElement {
  const words = say(scriptWords);
  const counts = (['done', 'failed', 'skipped', 'known'] as const).filter(
    (name) => (run.counts[name] ?? 0) > 0,
  );
  const others = Object.entries(run.counts).filter(
    ([name]) => !['done', 'failed', 'skipped', 'known'].includes(name),
  );
  return (
    <>
      <PageHead title={shown(run.script)}>
        <Orders {...{ service, run, script, again }} />
      </PageHead>
      <div className="chips" role="status">
        <span className="chip">{words[run.mode]}</span>
        <span className="chip">{words[run.state]}</span>
        {counts.map((name) => (
          <span key={name} className="chip">
            {words[`count_${name}`]} {formatNumber(run.counts[name] ?? 0)}
          </span>
        ))}
        {others.map(([name, count]) => (
          <span key={name} className="chip">
            {shown(name)} {formatNumber(count)}
          </span>
        ))}
      </div>
      <p className="muted">
        {shown(run.started_by)} · {formatMoment(run.started_at)} · {inputText(run.args)}
        {run.approved_by !== null && ` · ${words.approvedBy(shown(run.approved_by))}`}
      </p>
      {run.reason !== null && <p>{shown(run.reason)}</p>}
      {run.problem !== null && (
        <p className="warning" role="alert">
          {shown(run.problem)}
        </p>
      )}
    </>
  );
}

interface ApplyProps {
  readonly service: string;
  readonly run: ScriptRun;
  readonly script: ScriptDescription;
}

function Apply({ service, run, script }: ApplyProps): ReactElement {
  const words = say(scriptWords);
  const { busy, failure, act } = useAct();
  const needsWord = isGuarded(script);
  const [meant, fields] = useMeant(true, needsWord);
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    act(async () => {
      const { args, plan } = run;
      const body = {
        mode: 'apply',
        args,
        ...meant,
        ...(plan === null ? {} : { plan }),
      } as const;
      const started = await adminCalls.startScript(service, script.name, body);
      go(`/scripts/${[service, started.run].map(encodeURIComponent).join('/')}`);
    });
  };
  return (
    <form className="card form" onSubmit={onSubmit}>
      {fields}
      <p className="muted">{script.four_eyes ? words.askHelp : words.applyHelp}</p>
      {failure !== undefined && <Problem failure={failure} />}
      <button type="submit" className="danger" disabled={busy || (needsWord && !meant.production)}>
        {script.four_eyes ? words.askPlan : words.applyPlan}
      </button>
    </form>
  );
}

function Changes({ run }: { run: ScriptRun }): ReactElement | null {
  const words = say(scriptWords);
  if (run.changes_count === 0) return null;
  return (
    <section className="card" aria-labelledby="changes">
      <h2 id="changes">{words.changes(formatNumber(run.changes_count))}</h2>
      {run.changes_count > run.changes.length && (
        <p className="muted">{words.firstChanges(formatNumber(run.changes.length))}</p>
      )}
      {run.changes.map(({ entity, action, diff }, index) => (
        <div key={`${entity}/${index}`}>
          <p>
            <strong title={shown(action)}>{shown(changeText(entity, action))}</strong>
          </p>
          <Diff diff={diff} label={shown(entity)} />
        </div>
      ))}
    </section>
  );
}

/** `order/70001` and `order.discount` → “order 70001 discount”. */
function changeText(entity: string, action: string): string {
  const [type = '', ...id] = entity.split('/');
  const language = languageStore.get();
  return `${thingText(type, language)} ${id.join('/')} ${actionText({ action }, language)}`;
}

function Failures({ run }: { run: ScriptRun }): ReactElement | null {
  const words = say(scriptWords);
  if (run.failures.length === 0) return null;
  return (
    <section className="card" aria-labelledby="failures">
      <h2 id="failures">{words.failures}</h2>
      <Table
        label={words.failures}
        columns={[
          { name: 'item', title: words.item, cell: ({ key }) => shown(key) },
          { name: 'reason', title: words.reason, cell: ({ reason }) => shown(reason) },
        ]}
        rows={run.failures}
        keyOf={({ key }) => key}
      />
    </section>
  );
}
