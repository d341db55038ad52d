/** One database of the team: an editor that knows its tables, a statement that cannot write, values that lead to the record. */
import type { DatabaseAnswer, DatabaseShape, DatabaseTableShape } from '@sillok/api';
import { useMemo, useState, type ReactElement } from 'react';
import { databaseRunner, tablesOf } from '../../api/database.js';
import { useCall } from '../../api/use-call.js';
import { shown } from '../../text.js';
import { formatNumber } from '../../ui/format.js';
import { useAddress } from '../../ui/address.js';
import { Icon } from '../../ui/icon.js';
import { Popover } from '../../ui/popover.js';
import { Loading, Problem } from '../../ui/states.js';
import { SqlEditor } from '../../ui/sql-editor.js';
import { say } from '../../words/dictionary.js';
import { sqlWords } from '../../words/sql.js';
import { Parameters } from './parameters.js';
import { SqlResult } from './result.js';
import { Saved } from './saved.js';
import { databaseParametersOf } from './statement.js';
import { useRun } from './use-run.js';

/** Its tables first: they also prove that it can be reached and that the role only reads. */
export function DatabaseBench({ database }: { database: DatabaseShape }): ReactElement {
  const { name } = database;
  const { answer, failure, again } = useCall(`tables ${name}`, (signal) => tablesOf(name, signal));
  if (failure !== undefined) return <Problem failure={failure} onRetry={again} />;
  if (answer === undefined) return <Loading />;
  return <Bench key={name} database={database} tables={answer.tables} />;
}

interface BenchProps {
  readonly database: DatabaseShape;
  readonly tables: readonly DatabaseTableShape[];
}

function Bench({ database, tables }: BenchProps): ReactElement {
  const words = say(sqlWords);
  const { name, dialect } = database;
  const first = tables[0];
  const { parameters: address } = useAddress();
  const starter = first === undefined ? 'SELECT 1' : `SELECT * FROM ${first.name} LIMIT 100`;
  const [query, setQuery] = useState(() => address.get('query') ?? starter);
  const [params, setParams] = useState<Readonly<Record<string, string>>>({});
  const wanted = useMemo(() => databaseParametersOf(query), [query]);
  const bound = Object.fromEntries(wanted.map((each) => [each.name, params[each.name] ?? '']));
  const runner = useMemo(() => databaseRunner(name), [name]);
  const { answer, failure, seconds, run, cancel } = useRun({ query, params: bound }, runner);
  return (
    <>
      <p className="muted small">{words.databaseHelp(formatNumber(database.timeout_s))}</p>
      <SqlEditor
        value={query}
        label={words.editor}
        columns={[]}
        tables={completions(tables)}
        dialect={dialect}
        onChange={setQuery}
        onRun={run}
      />
      <Parameters wanted={wanted} values={params} onChange={setParams} />
      <div className="toolbar sql-bar">
        {seconds === undefined ? (
          <button type="button" className="primary" onClick={run}>
            <Icon name="play" /> {words.run}
          </button>
        ) : (
          <>
            <button type="button" className="danger" onClick={cancel}>
              <Icon name="close" /> {words.cancel}
            </button>
            <span className="muted">{words.running(formatNumber(seconds))}</span>
          </>
        )}
        <span className="spring" />
        <Saved database={name} query={query} onChoose={setQuery} />
        <Tables tables={tables} />
      </div>
      {failure !== undefined && <Problem failure={failure} />}
      {answer !== undefined && <Answer answer={answer} />}
    </>
  );
}

/** By their short name, and by the schema's where two have the same. */
function completions(tables: readonly DatabaseTableShape[]): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(
    tables.flatMap(({ schema, name, columns }) => {
      const names = columns.map((column) => column.name);
      return [
        [name, names],
        [`${schema}.${name}`, names],
      ];
    }),
  );
}

function Tables({ tables }: { tables: readonly DatabaseTableShape[] }): ReactElement {
  const words = say(sqlWords);
  return (
    <Popover label={words.tables} className="quiet" button={<>{words.tables}</>}>
      {() => (
        <ul className="schema">
          {tables.map(({ schema, name, columns }) => (
            <li key={`${schema}.${name}`}>
              <code>{shown(`${schema}.${name}`)}</code>{' '}
              <span className="muted small">{shown(columns.map((column) => column.name).join(', '))}</span>
            </li>
          ))}
        </ul>
      )}
    </Popover>
  );
}

function Answer({ answer }: { answer: DatabaseAnswer }): ReactElement {
  const words = say(sqlWords);
  const { proof, rows, warnings, cost, truncated, links } = answer;
  const behind = proof.lag_ms === null ? '' : ` · ${words.behind(formatNumber(proof.lag_ms / 1000))}`;
  return (
    <>
      <p className="muted">
        <strong>{words.rows(formatNumber(rows.length))}</strong>
        {truncated && <span className="warning"> {words.truncated}</span>} ·{' '}
        {words.took(formatNumber(cost.elapsed_ms))} ·{' '}
        {words.readOnly(shown(proof.version), shown(proof.user))}
        {proof.is_replica ? ` · ${words.replica}${behind}` : ''}
      </p>
      {warnings.map(({ code, message }) => (
        <p key={code} className="warning" role="status">
          {shown(message)}
        </p>
      ))}
      <SqlResult answer={answer} links={links} />
    </>
  );
}
