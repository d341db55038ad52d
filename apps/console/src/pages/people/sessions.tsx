/** Who is signed in, from where, and the button that ends it at once. */
import type { ReactElement } from 'react';
import type { OpenSessionShape } from '@sillok/api';
import { peopleCalls } from '../../api/team.js';
import { useCall } from '../../api/use-call.js';
import { useAct } from '../../ui/act.js';
import { formatMoment } from '../../ui/format.js';
import { Loading, Problem } from '../../ui/states.js';
import { Table, type TableColumn } from '../../ui/table.js';
import { shown } from '../../text.js';
import { say } from '../../words/dictionary.js';
import { peopleWords } from '../../words/people.js';

export function Sessions(): ReactElement {
  const words = say(peopleWords);
  const { answer, failure, again } = useCall('sessions', (signal) => peopleCalls.sessions(signal));
  const { failure: refused, act } = useAct(again);
  if (failure !== undefined) return <Problem failure={failure} onRetry={again} />;
  if (answer === undefined) return <Loading />;
  const columns: readonly TableColumn<OpenSessionShape>[] = [
    {
      name: 'who',
      title: words.who,
      cell: (each) => (
        <>
          {shown(each.who)} {each.own && <span className="chip">{words.thisOne}</span>}
        </>
      ),
    },
    { name: 'project', title: words.project, cell: (each) => each.project },
    { name: 'opened', title: words.opened, cell: (each) => formatMoment(each.opened_at) },
    { name: 'seen', title: words.lastSeen, cell: (each) => formatMoment(each.seen_at) },
    {
      name: 'from',
      title: words.from,
      cell: (each) => (
        <>
          {shown(each.address)} <span className="muted small">{shown(each.agent).slice(0, 60)}</span>
        </>
      ),
    },
    {
      name: 'acts',
      title: '',
      cell: (each) => (
        <button type="button" onClick={() => act(() => peopleCalls.endSession(each.id))}>
          {words.endSession}
        </button>
      ),
    },
  ];
  return (
    <>
      {refused !== undefined && <Problem failure={refused} />}
      <Table cards label={words.sessions} columns={columns} rows={answer.sessions} keyOf={({ id }) => id} />
    </>
  );
}
