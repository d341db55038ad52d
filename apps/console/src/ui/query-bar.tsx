/** The query line of a page with its time range and its button. The query stands in the address as `q`. */
import { useEffect, useRef, useState, type ReactElement } from 'react';
import type { Failure } from '../api/http.js';
import { say } from '../words/dictionary.js';
import { searchWords } from '../words/search.js';
import { useKeys } from './keys.js';
import { QueryEditor, type Mark } from './query-editor.js';
import { useRange } from './range.js';
import { Problem } from './states.js';
import { TimePicker } from './time-picker.js';

interface QueryBarProps {
  readonly q: string;
  readonly failure?: Failure | undefined;
  readonly onRun: (q: string) => void;
  readonly onRetry?: () => void;
  /** Live has no time range. */
  readonly withRange?: boolean;
}

export function QueryBar({ q, failure, onRun, onRetry, withRange = true }: QueryBarProps): ReactElement {
  const [text, setText] = useState(q);
  const place = useRef<HTMLDivElement>(null);
  const range = useRange();
  const words = say(searchWords);
  useEffect(() => setText(q), [q]);
  useKeys([{ keys: '/', label: words.keyQuery, act: () => focusEditor(place.current) }]);
  return (
    // No form: the time picker has one, and Chromium loads the page anew for a form within a form. Enter is the editor's.
    <div className="query" role="search" ref={place}>
      <div className="query-box">
        <QueryEditor
          value={text}
          label={words.searchLabel}
          hint={words.placeholder}
          mark={markOf(failure)}
          scope={range}
          onChange={setText}
          onRun={(next) => onRun(next.trim())}
        />
        {withRange && <TimePicker />}
        <button type="button" className="primary" onClick={() => onRun(text.trim())}>
          {words.run}
        </button>
      </div>
      {failure !== undefined && (
        <Problem failure={failure} q={q} {...(onRetry === undefined ? {} : { onRetry })} />
      )}
    </div>
  );
}

function markOf(failure: Failure | undefined): Mark | undefined {
  const { from, to } = failure ?? {};
  return from === undefined || to === undefined ? undefined : { from, to };
}

function focusEditor(bar: HTMLElement | null): void {
  const host = bar?.querySelector('.query-editor');
  host?.shadowRoot?.querySelector<HTMLElement>('.cm-content')?.focus();
}
