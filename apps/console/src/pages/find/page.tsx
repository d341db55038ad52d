/** Find a customer: one box for whatever a customer can say. What is written goes into no address and no storage. */
import type { FoundBy, PersonCandidate, PersonLookupAnswer } from '@sillok/api';
import { useEffect, useRef, useState, type FormEvent, type ReactElement } from 'react';
import { failureFrom, type Failure } from '../../api/http.js';
import { lookUp } from '../../api/person.js';
import { shown } from '../../text.js';
import { go, hrefOf, Link } from '../../ui/address.js';
import { formatNumber } from '../../ui/format.js';
import { Icon } from '../../ui/icon.js';
import { useKeys } from '../../ui/keys.js';
import { Empty, Loading, Problem } from '../../ui/states.js';
import { Trust } from '../../ui/trust.js';
import { say } from '../../words/dictionary.js';
import { findWords } from '../../words/find.js';

export function Page(): ReactElement {
  const [text, setText] = useState('');
  const [answer, setAnswer] = useState<PersonLookupAnswer>();
  const [failure, setFailure] = useState<Failure>();
  const [busy, setBusy] = useState(false);
  const box = useRef<HTMLInputElement>(null);
  const words = say(findWords);
  useEffect(() => box.current?.focus(), []);
  useKeys([{ keys: '/', label: words.label, act: () => box.current?.focus() }]);

  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    const query = text.trim();
    if (query === '') return;
    setBusy(true);
    setFailure(undefined);
    setAnswer(undefined);
    lookUp(query).then(
      (found) => {
        setBusy(false);
        setAnswer(found);
      },
      (cause: unknown) => {
        setBusy(false);
        setFailure(failureFrom(cause));
      },
    );
  };
  return (
    <main id="content" className="page find">
      <h1>{words.title}</h1>
      <form className="find-box" onSubmit={onSubmit} role="search">
        <input
          ref={box}
          type="search"
          autoComplete="off"
          spellCheck={false}
          aria-label={words.label}
          placeholder={words.placeholder}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <button type="submit" className="primary" disabled={text.trim() === ''}>
          {words.find}
        </button>
      </form>
      <p className="muted small">{words.help}</p>
      {busy && <Loading />}
      {failure !== undefined && <Problem failure={failure} />}
      {answer !== undefined && <Found answer={answer} />}
    </main>
  );
}

function Found({ answer }: { answer: PersonLookupAnswer }): ReactElement {
  const words = say(findWords);
  const isEmpty = answer.candidates.length === 0 && answer.trace_ids.length === 0;
  return (
    <>
      {isEmpty && <Empty title={words.none} help={words.noneHelp} />}
      {answer.candidates.length > 0 && <h2>{words.candidates(formatNumber(answer.candidates.length))}</h2>}
      <ul className="candidates">
        {answer.candidates.map((candidate) => (
          <li key={candidate.person}>
            <Candidate candidate={candidate} />
          </li>
        ))}
      </ul>
      {answer.truncated && <p className="warning">{words.more}</p>}
      {answer.trace_ids.length > 0 && (
        <p className="chips">
          {words.traces}:
          {answer.trace_ids.slice(0, 10).map((id) => (
            <Link key={id} className="chip" to={`/trace/${encodeURIComponent(id)}`}>
              {shown(id.slice(0, 12))}
            </Link>
          ))}
        </p>
      )}
      {answer.searched === 'indexes' && <p className="warning">{words.indexesOnly}</p>}
      <Trust of={answer} busy={false}>
        <span>{words.audited}</span>
      </Trust>
    </>
  );
}

function Candidate({ candidate }: { candidate: PersonCandidate }): ReactElement {
  const words = say(findWords);
  const names = candidate.found_by.map(nameOf);
  const open = (): void => go(storyOf(candidate));
  return (
    <button type="button" className="candidate" onClick={open}>
      <Icon name="people" />
      <span>
        <strong>{words.person(shown(candidate.label))}</strong>
        <br />
        <span className="muted small">
          {words.foundBy(names.join(', '))}
          {candidate.shared && ` · ${words.shared}`}
        </span>
      </span>
      <span className="spring" />
      <span className="muted">{words.open}</span>
      <Icon name="chevron" />
    </button>
  );
}

function nameOf(by: FoundBy): string {
  return say(findWords)[`by_${by}`];
}

/** Over seven days: a customer calls about this week. */
function storyOf({ user_hashes: users, session_hashes: sessions }: PersonCandidate): string {
  const user = users[0];
  if (user !== undefined) return hrefOf(`/person/${encodeURIComponent(user)}`, { from: '-7d' });
  return hrefOf('/scenario', { session_hash: sessions[0], from: '-7d' });
}
