/** The fields of the records found, with counts; a field opens to its most frequent values. */
import { useEffect, useState, type ReactElement } from 'react';
import { api, type Fields as Data, type FieldValues, type Range } from './api.js';
import { shown, term } from './text.js';
import type { Words } from './words.js';

export function Fields(props: {
  range: Range;
  words: Words;
  narrow: (term: string) => void;
}): ReactElement | null {
  const { range, words, narrow } = props;
  const [data, setData] = useState<Data>();
  const [open, setOpen] = useState<string>();
  const { q, from, to } = range;

  useEffect(() => {
    const abort = new AbortController();
    api.fields({ q, from, to }, abort.signal).then(setData, () => undefined);
    return () => abort.abort();
  }, [q, from, to]);

  if (data === undefined || data.fields.length === 0) return null;
  return (
    <nav className="fields" aria-label={words.fields}>
      <h2>{words.fields}</h2>
      <ul>
        {data.fields.map((field) => (
          <li key={field.name}>
            <button
              type="button"
              aria-expanded={open === field.name}
              onClick={() => setOpen(open === field.name ? undefined : field.name)}
            >
              <span>{shown(field.name)}</span>
              <span className="count">{field.count.toLocaleString()}</span>
            </button>
            {open === field.name && <Values range={range} name={field.name} words={words} narrow={narrow} />}
          </li>
        ))}
      </ul>
    </nav>
  );
}

function Values(props: {
  range: Range;
  name: string;
  words: Words;
  narrow: (term: string) => void;
}): ReactElement {
  const { range, name, words, narrow } = props;
  const [data, setData] = useState<FieldValues>();
  const { q, from, to } = range;

  useEffect(() => {
    const abort = new AbortController();
    api.fieldValues({ q, from, to }, name, abort.signal).then(setData, () => undefined);
    return () => abort.abort();
  }, [q, from, to, name]);

  if (data === undefined) return <p className="muted">{words.loading}</p>;
  return (
    <ul className="values">
      {data.values.map(({ value, count }) => (
        <li key={JSON.stringify(value)}>
          <button type="button" title={words.onlyThis} onClick={() => narrow(term(name, value))}>
            <span>{shown(typeof value === 'string' ? value : JSON.stringify(value))}</span>
            <span className="count">{count.toLocaleString()}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}
