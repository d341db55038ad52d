/** JSON that can be opened level by level. Depth and width are what a person opens: nothing is drawn before. */
import { useState, type ReactElement } from 'react';
import { asText, shown } from '../text.js';

const ENTRIES_AT_ONCE = 200;

export function JsonTree({ value, open = true }: { value: unknown; open?: boolean }): ReactElement {
  if (value === null || typeof value !== 'object') {
    return <code className={`value ${typeof value}`}>{leafText(value)}</code>;
  }
  return <Branch value={value} open={open} />;
}

function leafText(value: unknown): string {
  return typeof value === 'string' ? shown(JSON.stringify(value)) : asText(value ?? 'null');
}

function Branch({ value, open }: { value: object; open: boolean }): ReactElement {
  const [isOpen, setOpen] = useState(open);
  const entries = Object.entries(value);
  const [left, right] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
  return (
    <details className="json" open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        {left} <span className="muted">{entries.length}</span> {right}
      </summary>
      {isOpen && (
        <ul>
          {entries.slice(0, ENTRIES_AT_ONCE).map(([key, inner]) => (
            <li key={key}>
              <span className="json-key">{shown(key)}</span> <JsonTree value={inner} open={false} />
            </li>
          ))}
          {entries.length > ENTRIES_AT_ONCE && (
            <li className="muted">… +{entries.length - ENTRIES_AT_ONCE}</li>
          )}
        </ul>
      )}
    </details>
  );
}
