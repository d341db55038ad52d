/** One value of a field: numbers look like numbers, and what is long (a stack trace) is folded after five lines. */
import type { ReactElement } from 'react';
import { shown } from '../text.js';
import { JsonTree } from './json-tree.js';

const FOLDED_LINES = 5;
/** Below this, JSON is easier to read in one line than as a tree. */
const INLINE_CHARS = 60;

export function Value({ value }: { value: unknown }): ReactElement {
  if (typeof value === 'string') return <FoldedText text={value} />;
  const json = JSON.stringify(value) ?? '';
  if (value !== null && typeof value === 'object' && json.length > INLINE_CHARS)
    return <JsonTree value={value} open={false} />;
  return <code className={`value ${typeof value}`}>{shown(json)}</code>;
}

export function FoldedText({ text }: { text: string }): ReactElement {
  const lines = text.split('\n');
  const clean = (some: readonly string[]): string => some.map((line) => shown(line)).join('\n');
  if (lines.length <= FOLDED_LINES) return <span className="value">{clean(lines)}</span>;
  return (
    <details className="value folded">
      <summary>
        {clean(lines.slice(0, FOLDED_LINES))}
        <span className="more-lines"> … +{lines.length - FOLDED_LINES}</span>
      </summary>
      <div>{clean(lines.slice(FOLDED_LINES))}</div>
    </details>
  );
}
