/** The query again, with a mark under the part that is wrong. Columns are terminal cells: Hangul takes two. */
import { safeLine } from './safe-text.js';
import { widthOf } from './width.js';

export function pointerLines(text: string, range: { readonly from: number; readonly to: number }): string[] {
  const from = Math.min(Math.max(0, range.from), text.length);
  const to = Math.min(Math.max(from, range.to), text.length);
  const before = widthOf(safeLine(text.slice(0, from)));
  const marked = Math.max(1, widthOf(safeLine(text.slice(from, to))));
  return [`  ${safeLine(text)}`, `  ${' '.repeat(before)}${'^'.repeat(marked)}`];
}
