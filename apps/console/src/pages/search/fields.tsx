/** The fields of the records found, with counts; a field opens to its most frequent values: one click takes or leaves. */
import type { FieldShape } from '@sillok/api';
import { useState, type ReactElement } from 'react';
import { fields, fieldValues, type Range } from '../../api/search.js';
import { useCall } from '../../api/use-call.js';
import { shown, term } from '../../text.js';
import { formatNumber } from '../../ui/format.js';
import { Icon } from '../../ui/icon.js';
import { Loading } from '../../ui/states.js';
import { say } from '../../words/dictionary.js';
import { searchWords } from '../../words/search.js';

interface FieldsProps {
  readonly range: Range;
  readonly columns: readonly string[];
  readonly narrow: (term: string) => void;
  readonly onColumn: (name: string) => void;
}

/** Present on every record and never what one looks for: they come last. */
const PLUMBING = /^(boot|seq|project|producer|observed_time|time|message|span_id|parent_span_id)$/;

const keyOf = ({ q, from, to }: Range): string => JSON.stringify([q, from, to]);

export function Fields({ range, columns, narrow, onColumn }: FieldsProps): ReactElement | null {
  const [open, setOpen] = useState<string>();
  const words = say(searchWords);
  const { answer } = useCall(keyOf(range), (signal) => fields(range, signal));
  if (answer === undefined || answer.fields.length === 0) return null;
  const sorted = answer.fields.toSorted(
    (a, b) => Number(PLUMBING.test(a.name)) - Number(PLUMBING.test(b.name)),
  );
  return (
    <nav className="fields" aria-label={words.fields}>
      <h2>{words.fields}</h2>
      <ul>
        {sorted.map((field) => (
          <li key={field.name} className="field-line">
            <button
              type="button"
              aria-expanded={open === field.name}
              onClick={() => setOpen(open === field.name ? undefined : field.name)}
            >
              <span>
                {shown(field.name)}
                {mixOf(field) !== undefined && (
                  <em title={words.mixedHelp(mixOf(field) ?? '')}> {words.mixed}</em>
                )}
              </span>
              <span className="count">{formatNumber(field.count)}</span>
            </button>
            <button
              type="button"
              className="leave"
              aria-pressed={columns.includes(field.name)}
              aria-label={`${words.asColumn}: ${shown(field.name)}`}
              title={words.asColumn}
              onClick={() => onColumn(field.name)}
            >
              <Icon name="dashboard" />
            </button>
            {open === field.name && mixOf(field) !== undefined && (
              <p>{words.mixedHelp(mixOf(field) ?? '')}</p>
            )}
            {open === field.name && <Values range={range} name={field.name} narrow={narrow} />}
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** `number 10, text 3` when records do not agree on what the field is; nulls disagree with nobody. */
function mixOf({ types }: FieldShape): string | undefined {
  const counts = Object.entries(types ?? {}).filter(([type]) => type !== 'null');
  if (counts.length < 2) return undefined;
  return counts.map(([type, count]) => `${type} ${formatNumber(count)}`).join(', ');
}

function Values(props: { range: Range; name: string; narrow: (term: string) => void }): ReactElement {
  const { range, name, narrow } = props;
  const words = say(searchWords);
  const { answer } = useCall(`${name} ${keyOf(range)}`, (signal) => fieldValues(range, name, signal));
  if (answer === undefined) return <Loading />;
  const most = Math.max(1, ...answer.values.map(({ count }) => count));
  return (
    <ul className="values" aria-label={words.values(shown(name))}>
      {answer.values.map(({ value, count }) => {
        const text = shown(typeof value === 'string' ? value : JSON.stringify(value));
        const found = value === null ? `has:${name}` : term(name, value);
        return (
          <li key={JSON.stringify(value)}>
            <button
              type="button"
              title={`${words.onlyThis}: ${text}`}
              onClick={() => narrow(value === null ? `-${found}` : found)}
            >
              <span>{text === '' ? '""' : text}</span>
              <span className="count">{formatNumber(count)}</span>
            </button>
            <button
              type="button"
              className="leave"
              aria-label={`${words.notThis}: ${text}`}
              title={words.notThis}
              onClick={() => narrow(value === null ? found : `-${found}`)}
            >
              <Icon name="minus" />
            </button>
            <meter aria-hidden="true" min={0} max={most} value={count} />
          </li>
        );
      })}
    </ul>
  );
}
