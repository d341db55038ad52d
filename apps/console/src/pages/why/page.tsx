/** Why different? One question: which field values do these records have more often than others like them. */
import type { WhyAnswer, WhyCondition } from '@sillok/api';
import { useEffect, useState, type FormEvent, type ReactElement } from 'react';
import { why } from '../../api/analysis.js';
import { useCall } from '../../api/use-call.js';
import { shown } from '../../text.js';
import { go, hrefHere, hrefOf, Link, useAddress } from '../../ui/address.js';
import { formatNumber, formatPercent } from '../../ui/format.js';
import { QueryBar } from '../../ui/query-bar.js';
import { rangeParameters, useRange } from '../../ui/range.js';
import { Empty, Loading } from '../../ui/states.js';
import { Trust } from '../../ui/trust.js';
import { say } from '../../words/dictionary.js';
import { compareWords } from '../../words/compare.js';

export function Page(): ReactElement {
  const { parameters } = useAddress();
  const q = parameters.get('q') ?? '';
  const base = parameters.get('base') ?? '';
  const except = parameters.get('except') ?? '';
  const unit = unitOf(parameters.get('unit'));
  const range = useRange();
  const words = say(compareWords);
  const question = { q, ...range, base_q: base, except, unit };
  const { answer, failure, busy, again } = useCall(
    q === '' ? undefined : JSON.stringify(question),
    (signal) => why(question, signal),
  );
  return (
    <main id="content" className="page">
      <h1>{words.whyTitle}</h1>
      <p className="muted small">{words.whyHelp}</p>
      <QueryBar q={q} failure={failure} onRun={(next) => go(hrefHere({ q: next }))} onRetry={again} />
      <BaseLine base={base} unit={unit ?? answer?.unit ?? 'record'} />
      {answer !== undefined && answer.slice > 0 && <Against answer={answer} isAsked={base !== ''} />}
      {except !== '' && (
        <p>
          {words.excepted}: <code>{shown(except)}</code>{' '}
          <button type="button" className="link" onClick={() => go(hrefHere({ except: undefined }))}>
            {words.excludeNone}
          </button>
        </p>
      )}
      {q !== '' && (
        <Trust of={answer} busy={busy}>
          {answer !== undefined && (
            <strong>
              {(answer.unit === 'trace' ? words.countsOfTraces : words.counts)(
                formatNumber(answer.slice),
                formatNumber(answer.base),
              )}
            </strong>
          )}
          {answer !== undefined && answer.sample < 1 && (
            <span>{words.sampled(formatPercent(answer.sample))}</span>
          )}
        </Trust>
      )}
      {q !== '' && answer === undefined && busy && <Loading />}
      {answer !== undefined && <Reasons answer={answer} except={except} />}
    </main>
  );
}

/** None: the server chooses what fits the slice. */
function unitOf(text: string | null): 'trace' | 'record' | undefined {
  return text === 'trace' || text === 'record' ? text : undefined;
}

/** What they are compared with, in words, and the ways to another base. */
function Against({ answer, isAsked }: { answer: WhyAnswer; isAsked: boolean }): ReactElement | null {
  const words = say(compareWords);
  const { comparable, base_q: base } = answer;
  if (isAsked)
    return (
      <p className="chips">
        <button type="button" className="chip" onClick={() => go(hrefHere({ base: undefined }))}>
          {words.toComparable}
        </button>
      </p>
    );
  if (comparable === null) return <p>{words.againstAll}</p>;
  const parts = [
    ...comparable.kinds.map(words.kindName),
    ...comparable.shared.map(({ field, value }) => `${field} = ${shown(value)}`),
    ...(comparable.succeeded ? [words.notFailed] : []),
  ];
  return (
    <>
      <p>
        {answer.unit === 'trace' ? words.againstTraces : words.againstRecords}{' '}
        <strong>{parts.join(' · ')}</strong>
      </p>
      <p className="chips">
        <button type="button" className="chip" onClick={() => go(hrefHere({ base }))}>
          {words.editBase}
        </button>
        <button type="button" className="chip" onClick={() => go(hrefHere({ base: '*' }))}>
          {words.toAll}
        </button>
      </p>
    </>
  );
}

function BaseLine({ base, unit }: { base: string; unit: 'trace' | 'record' }): ReactElement {
  const [text, setText] = useState(base);
  const words = say(compareWords);
  useEffect(() => setText(base), [base]);
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    go(hrefHere({ base: text.trim() }));
  };
  return (
    <form className="base-line" onSubmit={onSubmit}>
      <label>
        {words.base}
        <input value={text} placeholder={words.baseHelp} onChange={(event) => setText(event.target.value)} />
      </label>
      <select
        aria-label={words.unit}
        value={unit}
        onChange={(event) => go(hrefHere({ unit: event.target.value }))}
      >
        <option value="record">{words.unitRecord}</option>
        <option value="trace">{words.unitTrace}</option>
      </select>
      <button type="submit">{words.compare}</button>
    </form>
  );
}

function Reasons({ answer, except }: { answer: WhyAnswer; except: string }): ReactElement {
  const words = say(compareWords);
  if (answer.slice === 0) return <Empty title={words.whyEmptySlice} />;
  return (
    <>
      {answer.conditions.length === 0 ? (
        <Empty title={words.whyNone} help={words.whyNoneHelp} />
      ) : (
        <>
          <h2>{words.conditions}</h2>
          <Conditions conditions={answer.conditions} except={except} />
        </>
      )}
      {answer.consequences.length > 0 && (
        <details>
          <summary>{words.consequences}</summary>
          <Conditions conditions={answer.consequences} except={except} />
        </details>
      )}
    </>
  );
}

function Conditions(props: { conditions: readonly WhyCondition[]; except: string }): ReactElement {
  const { conditions, except } = props;
  const words = say(compareWords);
  const q = useAddress().parameters.get('q') ?? '';
  const inAddress = rangeParameters(useRange());
  return (
    <ol className="reasons">
      {conditions.map((each) => (
        <li key={each.search} className="card reason">
          <p>
            <code>{shown(each.field)}</code> = <strong>{shown(each.value)}</strong>
          </p>
          <Share name={words.shareHere(formatPercent(each.slice_share))} share={each.slice_share} isSlice />
          <Share name={words.shareThere(formatPercent(each.base_share))} share={each.base_share} />
          <p className="chips">
            <Link className="chip" to={hrefOf('/search', { q: `${q} ${each.search}`, ...inAddress })}>
              {words.only}
            </Link>
            <button
              type="button"
              className="chip"
              onClick={() =>
                go(hrefHere({ except: except === '' ? each.search : `${except} or ${each.search}` }))
              }
            >
              {words.except}
            </button>
          </p>
        </li>
      ))}
    </ol>
  );
}

function Share(props: { name: string; share: number; isSlice?: boolean }): ReactElement {
  return (
    <p className="share" data-slice={props.isSlice === true}>
      <span className="share-bar" style={{ width: `${Math.max(0.5, props.share * 100)}%` }} />
      <span className="small">{props.name}</span>
    </p>
  );
}
