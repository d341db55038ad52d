/** Widths in terminal cells: Hangul, Hanja and emoji take two. */
import stringWidth from 'string-width';

const segmenter = new Intl.Segmenter('ko', { granularity: 'grapheme' });

export function widthOf(text: string): number {
  return stringWidth(text);
}

/** At most `width` cells; what is cut off is said by `…`. A wide character is never cut in half. */
export function fit(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let result = '';
  let used = 0;
  for (const { segment } of segmenter.segment(text)) {
    const next = widthOf(segment);
    if (used + next > width - 1) break;
    result += segment;
    used += next;
  }
  return `${result}…`;
}

export function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)));
}

export function padStart(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - widthOf(text))) + text;
}
