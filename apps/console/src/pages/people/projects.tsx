/** The projects of the server, for its owners: made, renamed, put away and opened again. */
import { useState, type FormEvent, type ReactElement } from 'react';
import type { ProjectShape } from '@sillok/api';
import { ownerCalls } from '../../api/team.js';
import { useCall } from '../../api/use-call.js';
import { useAct } from '../../ui/act.js';
import { confirm, Dialog } from '../../ui/dialog.js';
import { Field } from '../../ui/field.js';
import { formatNumber } from '../../ui/format.js';
import { Loading, Problem } from '../../ui/states.js';
import { Table, type TableColumn } from '../../ui/table.js';
import { shown } from '../../text.js';
import { say } from '../../words/dictionary.js';
import { peopleWords } from '../../words/people.js';

/** `now`: the project that one works in, which cannot be put away from inside. */
export function Projects({ now }: { now: string }): ReactElement {
  const words = say(peopleWords);
  const { answer, failure, again } = useCall('projects', (signal) => ownerCalls.projects(signal));
  const { failure: refused, act } = useAct(again);
  const [renamed, setRenamed] = useState<ProjectShape>();
  if (failure !== undefined) return <Problem failure={failure} onRetry={again} />;
  if (answer === undefined) return <Loading />;
  const onArchive = async ({ id, archived }: ProjectShape): Promise<void> => {
    const question = { title: words.archive, text: words.archiveAsk(id), action: words.archive };
    if (!archived && !(await confirm({ ...question, dangerous: true }))) return;
    act(() => ownerCalls.changeProject(id, { archived: !archived }));
  };
  const columns: readonly TableColumn<ProjectShape>[] = [
    { name: 'id', title: words.project, cell: ({ id }) => <code>{id}</code>, sortBy: ({ id }) => id },
    { name: 'name', title: words.name, cell: ({ name }) => shown(name), sortBy: ({ name }) => name },
    {
      name: 'state',
      title: words.state,
      cell: ({ archived }) => (archived ? <strong>{words.archived}</strong> : words.open),
    },
    {
      name: 'members',
      title: words.projectMembers,
      align: 'end',
      cell: ({ members }) => formatNumber(members ?? 0),
    },
    { name: 'keys', title: words.projectKeys, align: 'end', cell: ({ keys }) => formatNumber(keys ?? 0) },
    {
      name: 'acts',
      title: '',
      cell: (project) => (
        <span className="row-acts" role="group" aria-label={project.id}>
          <button type="button" onClick={() => setRenamed(project)}>
            {words.rename}
          </button>
          {project.id === now ? (
            <span className="muted">{words.inUse}</span>
          ) : (
            project.id !== 'default' && (
              <button type="button" onClick={() => void onArchive(project)}>
                {project.archived ? words.unarchive : words.archive}
              </button>
            )
          )}
        </span>
      ),
    },
  ];
  return (
    <>
      <NewProject onDone={again} />
      {refused !== undefined && <Problem failure={refused} />}
      <Table cards label={words.projects} columns={columns} rows={answer.projects} keyOf={({ id }) => id} />
      {renamed !== undefined && (
        <Rename
          project={renamed}
          onClose={(isDone) => {
            setRenamed(undefined);
            if (isDone) again();
          }}
        />
      )}
    </>
  );
}

function NewProject({ onDone }: { onDone: () => void }): ReactElement {
  const words = say(peopleWords);
  const [id, setId] = useState('');
  const [name, setName] = useState('');
  const { busy, failure, act } = useAct(() => {
    setId('');
    setName('');
    onDone();
  });
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    act(() => ownerCalls.addProject(id.trim(), name.trim()));
  };
  return (
    <form className="card form" onSubmit={onSubmit}>
      <h2>{words.newProject}</h2>
      <div className="form inline">
        <Field label={words.projectId} required value={id} onText={setId} />
        <Field label={words.name} value={name} onText={setName} />
        <button type="submit" className="primary" disabled={busy}>
          {words.create}
        </button>
      </div>
      {failure !== undefined && <Problem failure={failure} />}
    </form>
  );
}

function Rename(props: { project: ProjectShape; onClose: (isDone: boolean) => void }): ReactElement {
  const { project, onClose } = props;
  const words = say(peopleWords);
  const [name, setName] = useState(project.name);
  const { busy, failure, act } = useAct(() => onClose(true));
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    act(() => ownerCalls.changeProject(project.id, { name: name.trim() }));
  };
  return (
    <Dialog title={`${words.rename}: ${project.id}`} onClose={() => onClose(false)}>
      <form className="form" onSubmit={onSubmit}>
        <Field label={words.newName} required value={name} onText={setName} />
        {failure !== undefined && <Problem failure={failure} />}
        <div className="dialog-foot">
          <button type="submit" className="primary" disabled={busy}>
            {words.save}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
