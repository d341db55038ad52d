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
          {shown(each.address)}{' '}
          <span className="muted small" title={shown(each.agent)}>
            {agentText(each.agent)}
          </span>
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

/** The more special ones first: all of them also call themselves Chrome or Safari. */
const BROWSERS = [
  ['Edg', 'Edge'],
  ['OPR', 'Opera'],
  ['Whale', 'Whale'],
  ['SamsungBrowser', 'Samsung Internet'],
  ['Firefox', 'Firefox'],
  ['(?:Headless)?Chrome', 'Chrome'],
  ['Version', 'Safari'],
] as const;
const SYSTEMS = ['Windows', 'Android', 'iPhone', 'iPad', 'Mac OS X', 'Linux'];
const AGENT_CHARACTERS_SHOWN = 60;

/** “Chrome 142, Linux”; what is no browser is shown by the beginning of what it calls itself. */
function agentText(agent: string): string {
  for (const [token, name] of BROWSERS) {
    const version = new RegExp(`${token}/(\\d+)`).exec(agent)?.[1];
    if (version === undefined) continue;
    const system = SYSTEMS.find((each) => agent.includes(each));
    return system === undefined ? `${name} ${version}` : `${name} ${version}, ${system}`;
  }
  const text = shown(agent);
  return text.length > AGENT_CHARACTERS_SHOWN ? `${text.slice(0, AGENT_CHARACTERS_SHOWN)}…` : text;
}
