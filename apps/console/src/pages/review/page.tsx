/** The monthly review of who looked at personal data: accounts, what is unusual, and the sign-off, which is itself recorded. */
import type { ReviewActor, ReviewAnswer, ReviewSign } from '@sillok/api';
import { useState, type FormEvent, type ReactElement } from 'react';
import { review, signOff } from '../../api/audit.js';
import { useCall } from '../../api/use-call.js';
import { REVIEW_MONTHS } from '../../limits.js';
import { shown } from '../../text.js';
import { useAct } from '../../ui/act.js';
import { go, hrefHere, hrefOf, Link, useAddress } from '../../ui/address.js';
import { formatMoment, formatNumber } from '../../ui/format.js';
import { Icon } from '../../ui/icon.js';
import { Empty, Loading, Problem } from '../../ui/states.js';
import { Table, type TableColumn } from '../../ui/table.js';
import { toast } from '../../ui/toast.js';
import { Trust } from '../../ui/trust.js';
import { say } from '../../words/dictionary.js';
import { historyWords } from '../../words/history.js';
import { actorText } from '../history/names.js';

export function Page(): ReactElement {
  const { parameters } = useAddress();
  const words = say(historyWords);
  const months = lastMonths(new Date());
  const month = parameters.get('month') ?? months[1] ?? '';
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const { answer, failure, busy, again } = useCall(`${month} ${zone}`, (signal) =>
    review(month, zone, signal),
  );
  return (
    <main id="content" className="page history">
      <div className="page-head">
        <h1>{words.review}</h1>
        <span className="spring" />
        <select
          aria-label={words.month}
          value={month}
          onChange={(event) => go(hrefHere({ month: event.target.value }))}
        >
          {(months.includes(month) ? months : [month, ...months]).map((each) => (
            <option key={each}>{each}</option>
          ))}
        </select>
      </div>
      <p className="muted">{words.reviewHelp}</p>
      <Trust of={answer} busy={busy}>
        {answer !== undefined && <strong>{summaryOf(answer)}</strong>}
      </Trust>
      {failure !== undefined && <Problem failure={failure} onRetry={again} />}
      {answer === undefined && busy && <Loading />}
      {answer !== undefined && <Reviewed answer={answer} />}
      {answer !== undefined && <SignOff key={month} answer={answer} onDone={again} />}
    </main>
  );
}

function lastMonths(now: Date): string[] {
  return Array.from({ length: REVIEW_MONTHS }, (_, index) => {
    const month = new Date(now.getFullYear(), now.getMonth() - index, 1);
    return `${month.getFullYear()}-${String(month.getMonth() + 1).padStart(2, '0')}`;
  });
}

function summaryOf({ accesses, people, actors }: ReviewAnswer): string {
  return say(historyWords).summary(formatNumber(accesses), formatNumber(people), formatNumber(actors.length));
}

function Reviewed({ answer }: { answer: ReviewAnswer }): ReactElement {
  const words = say(historyWords);
  const { actors, truncated, from, to } = answer;
  if (actors.length === 0) return <Empty title={words.reviewNone} help={words.reviewNoneHelp} />;
  const columns: readonly TableColumn<ReviewActor>[] = [
    {
      name: 'actor',
      title: words.actor,
      cell: (each) => (
        <Link to={hrefOf('/history', { actor: each.id, reads: 'only', from, to })}>{actorText(each)}</Link>
      ),
    },
    { name: 'signs', title: words.signs, cell: (each) => <Signs signs={each.signs} /> },
    countColumn('accesses', words.accesses),
    countColumn('people', words.people),
    countColumn('downloads', words.downloads),
    countColumn('night', words.sign_night),
    countColumn('weekend', words.sign_weekend),
    {
      name: 'busiest',
      title: words.busiest,
      cell: ({ busiest_hour: hour }) => `${formatNumber(hour.accesses)} · ${formatMoment(hour.time)}`,
      sortBy: (each) => each.busiest_hour.accesses,
    },
    { name: 'addresses', title: words.addresses, cell: (each) => shown(each.addresses.join(', ')) },
  ];
  return (
    <>
      {truncated && <p className="warning">{words.reviewMore}</p>}
      <Table
        cards
        label={words.review}
        columns={columns}
        rows={actors}
        keyOf={(each) => `${each.type} ${each.id}`}
      />
    </>
  );
}

function countColumn(
  name: 'accesses' | 'people' | 'downloads' | 'night' | 'weekend',
  title: string,
): TableColumn<ReviewActor> {
  const cell = (each: ReviewActor): string => formatNumber(each[name]);
  return { name, title, cell, sortBy: (each) => each[name], align: 'end' };
}

function Signs({ signs }: { signs: readonly ReviewSign[] }): ReactElement {
  const words = say(historyWords);
  return (
    <span className="chips">
      {signs.map((sign) => (
        <span key={sign} className="tag bad">
          {words[`sign_${sign}`]}
        </span>
      ))}
    </span>
  );
}

function SignOff({ answer, onDone }: { answer: ReviewAnswer; onDone: () => void }): ReactElement {
  const words = say(historyWords);
  const [note, setNote] = useState('');
  const { failure, act } = useAct(() => {
    setNote('');
    toast(words.signed);
    onDone();
  });
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    act(() => signOff({ month: answer.month, zone: answer.zone, note: note.trim() }));
  };
  return (
    <section className="card">
      {answer.sign_offs.map(({ audit_id, by, time, note: said }) => (
        <p key={audit_id}>
          <Icon name="check" /> <strong>{words.signedBy(shown(by), formatMoment(time))}</strong> {shown(said)}
        </p>
      ))}
      {answer.sign_offs.length === 0 && (
        <p className="muted">{answer.is_over ? words.notSigned : words.notOver}</p>
      )}
      {answer.is_over && (
        <form className="sign-off" onSubmit={onSubmit}>
          <label>
            {words.note}
            <textarea rows={3} value={note} onChange={(event) => setNote(event.target.value)} />
          </label>
          <button type="submit" className="primary" disabled={note.trim() === ''}>
            {words.signOff}
          </button>
        </form>
      )}
      {failure !== undefined && <Problem failure={failure} />}
    </section>
  );
}
