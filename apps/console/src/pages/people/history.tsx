/** Who changed what in the settings of the project. */
import type { ReactElement } from 'react';
import type { HistoryShape } from '@sillok/api';
import { peopleCalls } from '../../api/team.js';
import { useCall } from '../../api/use-call.js';
import { formatMoment } from '../../ui/format.js';
import { Loading, Problem } from '../../ui/states.js';
import { Table, type TableColumn } from '../../ui/table.js';
import { shown } from '../../text.js';
import { say } from '../../words/dictionary.js';
import { peopleWords } from '../../words/people.js';
import { settingSentence } from './setting-sentence.js';

/** For an owner of the whole server, else of the project. */
export function History({ isOwner }: { isOwner: boolean }): ReactElement {
  const words = say(peopleWords);
  const { answer, failure, again } = useCall('history', (signal) => peopleCalls.history(isOwner, signal));
  if (failure !== undefined) return <Problem failure={failure} onRetry={again} />;
  if (answer === undefined) return <Loading />;
  const columns: readonly TableColumn<HistoryShape>[] = [
    { name: 'when', title: words.when, cell: (each) => formatMoment(each.time) },
    { name: 'who', title: words.who, cell: (each) => shown(each.actor_name) },
    ...(isOwner
      ? [{ name: 'project', title: words.project, cell: (each: HistoryShape) => each.project }]
      : []),
    {
      name: 'what',
      title: words.what,
      cell: (each) => (
        <details>
          <summary>{shown(settingSentence(each.message))}</summary>
          <pre className="small">
            {shown(JSON.stringify({ before: each.before, after: each.after }, null, 1))}
          </pre>
        </details>
      ),
    },
  ];
  return (
    <Table
      cards
      label={words.history}
      columns={columns}
      rows={answer.changes}
      keyOf={(each, index) => `${each.time}/${index}`}
    />
  );
}
