/** Small drawings of characters: a bar in its place in time, a trend, a share. */

const EIGHTHS = ['▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'];
const HEIGHTS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/** A stretch of time in a row of `width` cells; what is too short for a cell is seen all the same. */
export function timeBar(from: number, to: number, width: number): string {
  const begin = Math.min(width - 1, Math.max(0, Math.floor(from * width)));
  const end = Math.min(width, Math.max(begin + 1, Math.round(to * width)));
  return ' '.repeat(begin) + '█'.repeat(end - begin) + ' '.repeat(width - end);
}

/** Counts as heights. Zero is a blank, so that it differs from little. */
export function trendLine(counts: readonly number[]): string {
  const most = Math.max(1, ...counts);
  return counts
    .map((count) => (count === 0 ? ' ' : (HEIGHTS[Math.min(7, Math.floor((count / most) * 7.999))] ?? '█')))
    .join('');
}

/** 0 to 1 as a bar of `width` cells. */
export function shareBar(share: number, width: number): string {
  const eighths = Math.round(Math.min(1, Math.max(0, share)) * width * 8);
  const full = '█'.repeat(Math.floor(eighths / 8));
  const rest = eighths % 8 === 0 ? '' : (EIGHTHS[(eighths % 8) - 1] ?? '');
  return (full + rest).padEnd(width);
}

export function percent(share: number): string {
  const value = share * 100;
  return `${value > 0 && value < 10 ? value.toFixed(1) : Math.round(value)} %`;
}
