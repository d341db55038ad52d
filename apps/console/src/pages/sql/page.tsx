/** SQL over the record: an editor that knows the columns, the cost before the run, a cancel that cancels. */
import type { SqlAnswer } from '@sillok/api';
import { useEffect, useMemo, useState, type ReactElement } from 'react';
import { bytes } from '../../text.js';
import { estimateSql, type SqlQuestion } from '../../api/sql.js';
import { ESTIMATE_AFTER_MS } from '../../limits.js';
import { useAddress } from '../../ui/address.js';
import { formatNumber } from '../../ui/format.js';
import { Icon } from '../../ui/icon.js';
import { Problem } from '../../ui/states.js';
import { SqlEditor } from '../../ui/sql-editor.js';
import { Trust } from '../../ui/trust.js';
import { say } from '../../words/dictionary.js';
import { sqlWords } from '../../words/sql.js';
import { History, rememberStatement } from './history.js';
import { SqlResult } from './result.js';
import { COLUMN_NAMES, SchemaHelp, STARTER } from './schema.js';
import { parametersOf } from './statement.js';
import { useRun } from './use-run.js';

export function Page(): ReactElement {
  const { parameters: address } = useAddress();
  const [query, setQuery] = useState(() => address.get('query') ?? STARTER);
  const [params, setParams] = useState<Readonly<Record<string, string>>>({});
  const words = say(sqlWords);
  const wanted = useMemo(() => parametersOf(query), [query]);
  const question = useMemo((): SqlQuestion => {
    return { query, params: Object.fromEntries(wanted.map(({ name }) => [name, params[name] ?? ''])) };
  }, [query, params, wanted]);
  const { answer, failure, seconds, run, cancel } = useRun(question);
  const start = (): void => {
    rememberStatement(query);
    run();
  };
  return (
    <main id="content" className="page sql">
      <h1>{words.title}</h1>
      <p className="muted small">{words.help}</p>
      <SqlEditor
        value={query}
        label={words.editor}
        columns={COLUMN_NAMES}
        onChange={setQuery}
        onRun={start}
      />
      {wanted.length > 0 && (
        <fieldset className="sql-parameters">
          <legend className="section-title">{words.parameters}</legend>
          {wanted.map(({ name, type }) => (
            <label key={name}>
              <code>
                {name}: {type}
              </code>
              <input
                value={params[name] ?? ''}
                onChange={(event) => setParams({ ...params, [name]: event.target.value })}
              />
            </label>
          ))}
        </fieldset>
      )}
      <div className="toolbar sql-bar">
        {seconds === undefined ? (
          <button type="button" className="primary" onClick={start}>
            <Icon name="play" /> {words.run}
          </button>
        ) : (
          <button type="button" className="danger" onClick={cancel}>
            <Icon name="close" /> {words.cancel}
          </button>
        )}
        {seconds === undefined ? (
          <Estimate
            question={question}
            isComplete={wanted.every(({ name }) => (params[name] ?? '') !== '')}
          />
        ) : (
          <span className="muted">{words.running(formatNumber(seconds))}</span>
        )}
        <span className="spring" />
        <History onChoose={setQuery} />
        <SchemaHelp />
      </div>
      {failure !== undefined && <Problem failure={failure} q={query} />}
      {answer !== undefined && <Answer answer={answer} />}
    </main>
  );
}

function Answer({ answer }: { answer: SqlAnswer }): ReactElement {
  const words = say(sqlWords);
  return (
    <>
      <Trust of={answer} busy={false}>
        <strong>{words.rows(formatNumber(answer.rows.length))}</strong>
        {answer.truncated && <span className="warning">{words.truncated}</span>}
      </Trust>
      <SqlResult answer={answer} />
    </>
  );
}

/** What it would read, asked for when the typing rests. A statement that is not whole yet has no estimate, and no error. */
function Estimate({
  question,
  isComplete,
}: {
  question: SqlQuestion;
  isComplete: boolean;
}): ReactElement | null {
  const [text, setText] = useState<string>();
  const words = say(sqlWords);
  useEffect(() => {
    setText(undefined);
    if (!isComplete || question.query.trim() === '') return undefined;
    const abort = new AbortController();
    const timer = setTimeout(() => {
      estimateSql(question, abort.signal).then(
        ({ rows, bytes: size, exact }) =>
          setText((exact ? words.estimateExact : words.estimate)(formatNumber(rows), bytes(size))),
        () => undefined,
      );
    }, ESTIMATE_AFTER_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [question, isComplete, words]);
  return text === undefined ? null : <span className="muted">{text}</span>;
}
