/** What is wrong now, what was, the rules behind it and who is told. */
import { useState, type ReactElement } from 'react';
import type { AlertShape } from '@sillok/api';
import { alertCalls } from '../../api/team.js';
import { useCall } from '../../api/use-call.js';
import { ALERTS_REFRESH_MS } from '../../limits.js';
import { Link } from '../../ui/address.js';
import { PageHead } from '../../ui/field.js';
import { formatAgo, formatNumber } from '../../ui/format.js';
import { Empty, Loading, Problem } from '../../ui/states.js';
import { Tabs, useTab } from '../../ui/tabs.js';
import { useEvery } from '../../ui/use-every.js';
import { shown } from '../../text.js';
import { languageStore, say } from '../../words/dictionary.js';
import { alertWords } from '../../words/alerts.js';
import { Rules } from './rules.js';
import { Targets } from './targets.js';
import { ruleName, stateName } from './names.js';

export function Page(): ReactElement {
  const words = say(alertWords);
  const tab = useTab('open');
  const tabs = (['open', 'resolved', 'rules', 'targets'] as const).map((name) => ({
    name,
    title: words[name],
  }));
  return (
    <main id="content" className="page">
      <PageHead title={words.title} />
      <Tabs tabs={tabs} label={words.title} />
      {tab === 'rules' && <Rules />}
      {tab === 'targets' && <Targets />}
      {tab !== 'rules' && tab !== 'targets' && <List key={tab} state={tab} />}
    </main>
  );
}

function List({ state }: { state: string }): ReactElement {
  const words = say(alertWords);
  const [nowMs] = useState(Date.now);
  const { answer, failure, busy, again } = useCall(`alerts ${state}`, (signal) =>
    alertCalls.list(state, signal),
  );
  useEvery(ALERTS_REFRESH_MS, again);
  if (failure !== undefined) return <Problem failure={failure} onRetry={again} />;
  if (answer === undefined) return busy ? <Loading /> : <></>;
  if (answer.alerts.length === 0) return <Empty title={words.none} help={words.noneHelp} />;
  return (
    <ul className="alert-list">
      {answer.alerts.map((alert) => (
        <li key={alert.id}>
          <Row alert={alert} nowMs={Math.max(nowMs, Date.parse(alert.last_time))} />
        </li>
      ))}
    </ul>
  );
}

function Row({ alert, nowMs }: { alert: AlertShape; nowMs: number }): ReactElement {
  const words = say(alertWords);
  return (
    <Link
      to={`/alerts/${alert.id}`}
      className="alert-row"
      data-severity={alert.severity}
      data-state={alert.state}
    >
      <span className="alert-line">{shown(alert.titles[languageStore.get()])}</span>
      <span className="alert-facts">
        <strong>{ruleName(alert)}</strong>
        <span>{stateName(alert)}</span>
        {alert.part_of !== null && <span>{words.partOf}</span>}
        {measureOf(alert).map((text) => (
          <span key={text}>{text}</span>
        ))}
        {alert.services.length > 0 && <span>{shown(alert.services.join(', '))}</span>}
        {alert.releases.length > 0 && <span>{shown(alert.releases.join(', '))}</span>}
        <span>{formatAgo(alert.last_time, nowMs)}</span>
      </span>
    </Link>
  );
}

/** How often and for whom; of a number its database; of a request that waits there is nothing to count. */
export function measureOf(alert: AlertShape): readonly string[] {
  if (alert.kind === 'approval') return [];
  if (alert.database !== '') return [shown(alert.database)];
  return [say(alertWords).times(formatNumber(alert.count)), peopleText(alert)];
}

function peopleText({ people, people_at_least: isAtLeast }: AlertShape): string {
  const words = say(alertWords);
  if (people === null) return words.nobodyNamed;
  return isAtLeast ? words.atLeastPeople(formatNumber(people)) : words.people(formatNumber(people));
}
