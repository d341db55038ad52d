/** The start: one box, and the newest records; in a fresh installation the three lines that make the first one. */
import { useState, type ReactElement } from 'react';
import { search } from '../../api/search.js';
import { useCall } from '../../api/use-call.js';
import { go, hrefOf, Link } from '../../ui/address.js';
import { Icon } from '../../ui/icon.js';
import { QueryBar } from '../../ui/query-bar.js';
import { RecordRow } from '../../ui/record-row.js';
import { Loading, Problem } from '../../ui/states.js';
import { Trust } from '../../ui/trust.js';
import { say } from '../../words/dictionary.js';
import { findWords } from '../../words/find.js';
import { homeWords } from '../../words/home.js';
import { DemoBanner } from './demo.js';
import { FirstRecord } from './first-record.js';
import { NOT_OURS } from './not-ours.js';
import { Questions } from './questions.js';

const NEWEST = 12;

export function Page(): ReactElement {
  const [hasArrived, setArrived] = useState(false);
  const { answer, failure, busy, again } = useCall('newest', (signal) =>
    search({ q: NOT_OURS }, { limit: NEWEST }, signal),
  );
  const words = say(homeWords);
  const open = (q: string): void => go(hrefOf('/search', { q }));
  if (answer?.records.length === 0) {
    return (
      <FirstRecord
        onArrived={() => {
          setArrived(true);
          again();
        }}
      />
    );
  }
  return (
    <main id="content" className="page home">
      <DemoBanner />
      <h1>{words.title}</h1>
      <p className="muted">{words.searchHelp}</p>
      <Link className="home-find" to="/find">
        <Icon name="find" />
        <span>
          <strong>{say(findWords).title}</strong>
          <br />
          <span className="muted small">{words.findHelp}</span>
        </span>
        <span className="spring" />
        <Icon name="chevron" />
      </Link>
      <QueryBar q="" onRun={open} />
      <Questions />
      {failure !== undefined && <Problem failure={failure} onRetry={again} />}
      {answer === undefined && busy && <Loading />}
      {answer !== undefined && (
        <section className="card" aria-labelledby="newest">
          <h2 id="newest">
            {words.newest} {hasArrived && <span className="good">{words.received}</span>}
          </h2>
          <div className="rows">
            {answer.records.map((record) => (
              <RecordRow
                key={`${record.producer}/${record.boot}/${record.seq}`}
                record={record}
                chosen={false}
                onChoose={() => open(record.trace_id === undefined ? '' : `trace_id:${record.trace_id}`)}
              />
            ))}
          </div>
          <Trust of={answer} busy={busy}>
            <Link to="/search">{words.all}</Link>
          </Trust>
        </section>
      )}
    </main>
  );
}
