/** Scripts of the services: started as a dry run from here, and their runs. */
import type { AdminServiceShape, ScriptDescription, ScriptRun } from '@sillok/api';
import { useState, type ReactElement } from 'react';
import { adminCalls } from '../../api/admin.js';
import { failureFrom, type Failure } from '../../api/http.js';
import { useCall } from '../../api/use-call.js';
import { shown } from '../../text.js';
import { go, Link } from '../../ui/address.js';
import { Dialog } from '../../ui/dialog.js';
import { PageHead } from '../../ui/field.js';
import { formatMoment } from '../../ui/format.js';
import { Empty, Loading, Problem } from '../../ui/states.js';
import { Table, type TableColumn } from '../../ui/table.js';
import { say } from '../../words/dictionary.js';
import { scriptWords } from '../../words/scripts.js';
import { SchemaForm } from '../admin/schema-form.js';
import { Replays } from './replays.js';

const runPath = (service: string, run: string): string =>
  `/scripts/${[service, run].map(encodeURIComponent).join('/')}`;

export function Page(): ReactElement {
  const words = say(scriptWords);
  const { answer, failure, again } = useCall('admin', (signal) => adminCalls.services(signal));
  const services = answer?.services.filter(({ description }) => description !== null) ?? [];
  return (
    <main id="content" className="page">
      <PageHead title={words.title} />
      <p className="muted">{words.help}</p>
      <Replays />
      {failure !== undefined && <Problem failure={failure} onRetry={again} />}
      {answer === undefined && failure === undefined && <Loading />}
      {answer !== undefined && services.length === 0 && <Empty title={words.none} help={words.noneHelp} />}
      {services.map((service) => (
        <Scripts key={service.name} service={service} />
      ))}
    </main>
  );
}

function Scripts({ service }: { service: AdminServiceShape }): ReactElement {
  const words = say(scriptWords);
  const { name, title } = service;
  const { answer, failure, again } = useCall(`scripts ${name}`, (signal) => adminCalls.scripts(name, signal));
  const [chosen, setChosen] = useState<ScriptDescription>();
  const columns: readonly TableColumn<ScriptRun>[] = [
    { name: 'script', title: words.script, cell: ({ script }) => shown(script) },
    { name: 'kind', title: words.kind, cell: ({ mode }) => words[mode] },
    { name: 'state', title: words.state, cell: ({ state }) => words[state] },
    { name: 'by', title: words.by, cell: (run) => shown(run.started_by) },
    { name: 'at', title: words.at, cell: (run) => formatMoment(run.started_at) },
    { name: 'open', title: '', cell: ({ run }) => <Link to={runPath(name, run)}>{words.open}</Link> },
  ];
  const heading = `scripts-${name}`;
  const waiting = answer?.runs.filter(({ state }) => state === 'requested') ?? [];
  const runs = answer?.runs.filter(({ state }) => state !== 'requested') ?? [];
  return (
    <section className="card" aria-labelledby={heading}>
      <h2 id={heading}>{shown(title)}</h2>
      {failure !== undefined && <Problem failure={failure} onRetry={again} />}
      {answer?.scripts.length === 0 && <Empty title={words.none} help={words.noneHelp} />}
      <ul className="script-list">
        {answer?.scripts.map((script) => (
          <li key={script.name}>
            <span className="row-acts">
              <strong>{shown(script.name)}</strong>
              {script.destructive && <span className="chip">{words.changesData}</span>}
              {script.four_eyes && <span className="chip">{words.fourEyes}</span>}
              {script.owner !== null && (
                <span className="muted small">{words.owner(shown(script.owner))}</span>
              )}
            </span>
            <p>{shown(script.description)}</p>
            <button type="button" onClick={() => setChosen(script)}>
              {words.dryRun}
            </button>
          </li>
        ))}
      </ul>
      {waiting.length > 0 && (
        <>
          <h3>{words.waiting}</h3>
          <Table cards label={words.waiting} columns={columns} rows={waiting} keyOf={({ run }) => run} />
        </>
      )}
      {answer !== undefined && answer.scripts.length > 0 && (
        <>
          <h3>{words.runs}</h3>
          {runs.length === 0 && <p className="muted">{words.noRuns}</p>}
          {runs.length > 0 && (
            <Table cards label={words.runs} columns={columns} rows={runs} keyOf={({ run }) => run} />
          )}
        </>
      )}
      {chosen !== undefined && <Start service={name} script={chosen} onClose={() => setChosen(undefined)} />}
    </section>
  );
}

interface StartProps {
  readonly service: string;
  readonly script: ScriptDescription;
  readonly onClose: () => void;
}

function Start({ service, script, onClose }: StartProps): ReactElement {
  const words = say(scriptWords);
  const [failure, setFailure] = useState<Failure>();
  const [busy, setBusy] = useState(false);
  const start = (args: unknown): void => {
    setBusy(true);
    setFailure(undefined);
    adminCalls
      .startScript(service, script.name, { mode: 'plan', args })
      .then(
        ({ run }) => go(runPath(service, run)),
        (cause: unknown) => setFailure(failureFrom(cause)),
      )
      .finally(() => setBusy(false));
  };
  return (
    <Dialog title={shown(script.name)} onClose={onClose}>
      <p className="muted">{shown(script.description)}</p>
      <SchemaForm schema={script.args} submit={words.start} busy={busy} failure={failure} onInput={start} />
    </Dialog>
  );
}
