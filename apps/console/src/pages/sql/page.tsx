/** SQL over the record: an editor that knows the columns, the cost before the run, a cancel that cancels. */
import type { SqlAnswer } from '@sillok/api';
import { useEffect, useMemo, useState, type ReactElement } from 'react';
import { bytes } from '../../text.js';
import { databases } from '../../api/database.js';
import { estimateSql, recordRunner, type SqlQuestion } from '../../api/sql.js';
import { useCall } from '../../api/use-call.js';
import { ESTIMATE_AFTER_MS } from '../../limits.js';
import { go, hrefHere, useAddress } from '../../ui/address.js';
import { Choice } from '../../ui/field.js';
import { formatNumber } from '../../ui/format.js';
import { Icon } from '../../ui/icon.js';
import { Loading, Problem } from '../../ui/states.js';
import { SqlEditor } from '../../ui/sql-editor.js';
import { Trust } from '../../ui/trust.js';
import { say } from '../../words/dictionary.js';
import { sqlWords } from '../../words/sql.js';
import { DatabaseBench } from './database-bench.js';
import { History, rememberStatement } from './history.js';
import { Parameters } from './parameters.js';
import { SqlResult } from './result.js';
import { Saved } from './saved.js';
import { COLUMN_NAMES, SchemaHelp, STARTER } from './schema.js';
import { parametersOf } from './statement.js';
import { useRun } from './use-run.js';

/** Over the record, or in a database of the team that the address names. */
export function Page(): ReactElement {
  const words = say(sqlWords);
  const { parameters: address } = useAddress();
  const { answer, failure } = useCall('databases', (signal) => databases(signal));
  const open = answer?.databases.filter(({ allowed }) => allowed) ?? [];
  const chosen = open.find(({ name }) => name === address.get('db'));
  // Else the other bench would be there for a moment, and take what is typed.
  const isAsking = address.has('db') && answer === undefined && failure === undefined;
  return (
    <main id="content" className="page sql">
      <h1>{words.title}</h1>
      {open.length > 0 && (
        <Choice
          label={words.where}
          value={chosen?.name ?? ''}
          choices={[['', words.theRecord], ...open.map(({ name }) => [name, name] as const)]}
          onChoose={(name) => go(hrefHere({ db: name === '' ? undefined : name }))}
        />
      )}
      {isAsking ? <Loading /> : chosen === undefined ? <RecordBench /> : <DatabaseBench database={chosen} />}
    </main>
  );
}

function RecordBench(): ReactElement {
  const { parameters: address } = useAddress();
  const [query, setQuery] = useState(() => address.get('query') ?? STARTER);
  const [params, setParams] = useState<Readonly<Record<string, string>>>({});
  const words = say(sqlWords);
  const wanted = useMemo(() => parametersOf(query), [query]);
  const question = useMemo((): SqlQuestion => {
    return { query, params: Object.fromEntries(wanted.map(({ name }) => [name, params[name] ?? ''])) };
  }, [query, params, wanted]);
  const { answer, failure, seconds, run, cancel } = useRun(question, recordRunner);
  const start = (): void => {
    rememberStatement(query);
    run();
  };
  return (
    <>
      <p className="muted small">{words.help}</p>
      <SqlEditor
        value={query}
        label={words.editor}
        columns={COLUMN_NAMES}
        onChange={setQuery}
        onRun={start}
      />
      <Parameters wanted={wanted} values={params} onChange={setParams} />
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
        <Saved database="" query={query} onChoose={setQuery} />
        <History onChoose={setQuery} />
        <SchemaHelp />
      </div>
      {failure !== undefined && <Problem failure={failure} q={query} />}
      {answer !== undefined && <Answer answer={answer} />}
    </>
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
