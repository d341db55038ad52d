/** The query and its time range. An error of the query is shown under the characters it speaks of. */
import { useEffect, useRef, useState, type FormEvent, type ReactElement } from 'react';
import type { Failure } from './api.js';
import type { Place } from './app.js';
import type { Words } from './words.js';

export function QueryLine(props: {
  words: Words;
  place: Place;
  failure: Failure | undefined;
  onRun: (place: Place) => void;
}): ReactElement {
  const { words, place, failure, onRun } = props;
  const [q, setQ] = useState(place.q);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => setQ(place.q), [place.q]);

  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== '/' || event.target instanceof HTMLInputElement) return;
      event.preventDefault();
      input.current?.focus();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);

  const ranges = [
    ['-15m', words.last15m],
    ['-1h', words.last1h],
    ['-24h', words.last24h],
    ['-7d', words.last7d],
    ['all', words.all],
  ] as const;
  const own = place.range.includes('~');
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    onRun({ ...place, q: q.trim() });
  };
  return (
    <form className="query" role="search" onSubmit={onSubmit}>
      <div className="query-box">
        <input
          ref={input}
          type="search"
          spellCheck={false}
          autoCapitalize="off"
          aria-label={words.searchLabel}
          aria-invalid={failure !== undefined}
          aria-describedby="query-error"
          placeholder={words.placeholder}
          value={q}
          onChange={(event) => setQ(event.target.value)}
        />
        <select
          aria-label={words.range}
          value={place.range}
          onChange={(event) => onRun({ ...place, q: q.trim(), range: event.target.value })}
        >
          {own && <option value={place.range}>{rangeText(place.range)}</option>}
          {ranges.map(([value, text]) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </select>
        <button type="submit">{words.run}</button>
      </div>
      {failure !== undefined && <Problem failure={failure} q={place.q} words={words} />}
    </form>
  );
}

function rangeText(range: string): string {
  return range
    .split('~')
    .map((time) => new Date(time).toLocaleString())
    .join(' – ');
}

function Problem({ failure, q, words }: { failure: Failure; q: string; words: Words }): ReactElement {
  const { from, to } = failure;
  return (
    <div id="query-error" role="alert" className="problem">
      {from !== undefined && to !== undefined && (
        <pre>
          {q.slice(0, from)}
          <mark>{q.slice(from, Math.max(to, from + 1)) || ' '}</mark>
          {q.slice(Math.max(to, from + 1))}
        </pre>
      )}
      <p>
        <strong>{failure.status === 0 ? words.lastKnown : failure.message}</strong> {failure.help}
      </p>
    </div>
  );
}
