/**
 * Who changed what: one box for any number a colleague was told, the changes as cards, and from each the way to the entity's
 * whole history, to everything of one actor, one company, one customer. `/history/<type>/<id>` is the history of one entity.
 */
import { actionText, thingText, type AuditGroup } from '@sillok/api';
import { useState, type FormEvent, type ReactElement } from 'react';
import { exportLink, groups } from '../../api/audit.js';
import { useCall } from '../../api/use-call.js';
import type { PageProps } from '../../routes.js';
import { shown } from '../../text.js';
import { go, hrefHere, hrefOf, Link, useAddress } from '../../ui/address.js';
import { formatMoment, formatNumber } from '../../ui/format.js';
import { Icon } from '../../ui/icon.js';
import { useFrom } from '../../ui/range.js';
import { Empty, Loading, Problem } from '../../ui/states.js';
import { Table, type TableColumn } from '../../ui/table.js';
import { TimePicker } from '../../ui/time-picker.js';
import { languageStore, say } from '../../words/dictionary.js';
import { historyWords } from '../../words/history.js';
import { ChangeList } from './change-list.js';
import { actorText } from './names.js';
import { useChanges, type Found, type Question } from './use-changes.js';

const READS = ['with', 'without', 'only'] as const;
const EVERYTHING = '0';

export function Page({ values }: PageProps): ReactElement {
  const words = say(historyWords);
  const { parameters } = useAddress();
  const { type, id } = values;
  const isEntity = type !== undefined && id !== undefined;
  // Yesterday must be in sight.
  const from = useFrom(isEntity ? EVERYTHING : '-7d');
  const given = (name: string): string | undefined => parameters.get(name) ?? undefined;
  const question: Question = {
    ...(isEntity ? { entity: `${type}/${id}` } : { q: given('q') }),
    actor: given('actor'),
    customer: given('customer'),
    person: given('person'),
    reads: READS.find((each) => each === given('reads')) ?? (isEntity ? 'with' : 'without'),
    from: from === EVERYTHING ? undefined : from,
    to: given('to'),
  };
  const found = useChanges(question);
  return (
    <main id="content" className="page history">
      <Head entity={isEntity ? { type, id } : undefined} question={question} />
      {!isEntity && <Box key={question.q ?? ''} q={question.q ?? ''} />}
      <Filters question={question} actor={nameOf(question.actor, found)} />
      {question.customer !== undefined && <People question={question} />}
      <ChangeList found={found} none={<Empty title={words.none} help={words.noneHelp} />} />
    </main>
  );
}

interface HeadProps {
  readonly entity: { readonly type: string; readonly id: string } | undefined;
  readonly question: Question;
}

function Head({ entity, question }: HeadProps): ReactElement {
  const words = say(historyWords);
  const name = entity === undefined ? '' : `${thingText(entity.type, languageStore.get())} ${entity.id}`;
  return (
    <div className="page-head">
      <h1>{entity === undefined ? words.title : `${words.ofEntity} ${shown(name)}`}</h1>
      <span className="spring" />
      <select
        aria-label={words.reads}
        value={question.reads}
        onChange={(event) => go(hrefHere({ reads: event.target.value }), { replace: true })}
      >
        {READS.map((each) => (
          <option key={each} value={each}>
            {words[`reads_${each}`]}
          </option>
        ))}
      </select>
      <TimePicker />
      <a className="button" href={exportLink({ ...question, format: 'csv' })} download>
        <Icon name="download" /> {words.exportCsv}
      </a>
      <a className="button" href={exportLink({ ...question, format: 'cloudevents' })} download>
        <Icon name="download" /> {words.exportCloudEvents}
      </a>
    </div>
  );
}

function Box({ q }: { q: string }): ReactElement {
  const [text, setText] = useState(q);
  const words = say(historyWords);
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    go(hrefHere({ q: text.trim() }));
  };
  return (
    <>
      <form className="find-box" onSubmit={onSubmit} role="search">
        <input
          type="search"
          autoComplete="off"
          spellCheck={false}
          aria-label={words.help}
          placeholder={words.placeholder}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <button type="submit" className="primary">
          {words.find}
        </button>
      </form>
      <p className="muted small">{words.help}</p>
    </>
  );
}

/** What their records call somebody whose id stands in the address. */
function nameOf(actor: string | undefined, { shownChanges }: Found): string | undefined {
  return shownChanges.find((change) => change.actor.id === actor)?.actor.name ?? actor;
}

interface FiltersProps {
  readonly question: Question;
  readonly actor: string | undefined;
}

function Filters({ question, actor }: FiltersProps): ReactElement | null {
  const words = say(historyWords);
  const { customer, person } = question;
  const chips = [
    ...(actor === undefined ? [] : [words.ofActor(shown(actor))]),
    ...(customer === undefined ? [] : [words.ofCustomer(shown(customer))]),
    ...(person === undefined ? [] : [words.ofPerson(shown(person.slice(-4)))]),
  ];
  if (chips.length === 0) return null;
  return (
    <p className="chips">
      {chips.map((text) => (
        <strong key={text} className="chip">
          {text}
        </strong>
      ))}
      <Link className="chip" to={hrefOf('/history')}>
        <Icon name="close" /> {words.all}
      </Link>
    </p>
  );
}

/** A company's changes, split by who made them: a hundred deletions of one person stand out. */
function People({ question }: { question: Question }): ReactElement {
  const words = say(historyWords);
  const { answer, failure, again } = useCall(JSON.stringify(question), (signal) => groups(question, signal));
  if (failure !== undefined) return <Problem failure={failure} onRetry={again} />;
  if (answer === undefined) return <Loading />;
  const language = languageStore.get();
  const whatOf = (group: AuditGroup): string =>
    group.actions
      .slice(0, 3)
      .map(({ action, count }) => `${actionText({ action }, language)} ${formatNumber(count)}`)
      .join(', ');
  const columns: readonly TableColumn<AuditGroup>[] = [
    {
      name: 'actor',
      title: words.actor,
      cell: (each) => <Link to={hrefHere({ actor: each.id })}>{actorText(each)}</Link>,
    },
    countColumn('changes', words.countChanges),
    countColumn('deletes', words.countDeletes),
    countColumn('reads', words.countReads),
    countColumn('refused', words.countRefused),
    { name: 'what', title: words.what, cell: (each) => shown(whatOf(each)) },
    { name: 'last', title: words.last, cell: (each) => formatMoment(each.last), sortBy: (each) => each.last },
  ];
  return (
    <Table
      cards
      label={words.splitByPerson}
      columns={columns}
      rows={answer.groups}
      keyOf={(each) => `${each.type} ${each.id}`}
    />
  );
}

function countColumn(
  name: 'changes' | 'deletes' | 'reads' | 'refused',
  title: string,
): TableColumn<AuditGroup> {
  return {
    name,
    title,
    cell: (each) => formatNumber(each[name]),
    sortBy: (each) => each[name],
    align: 'end',
  };
}
