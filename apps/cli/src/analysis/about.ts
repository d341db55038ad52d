/** The last line below an answer: how fresh it is, whether records are missing, what it cost. */
import type { Trust } from '@sillok/api';
import type { Output } from '../common.js';
import { bytesText, countText, durationText, plural } from '../terminal/amounts.js';
import { localTime } from '../terminal/record-text.js';

export function noteTrust({ freshness, gaps, cost }: Trust, output: Output): void {
  const through = freshness.lag_ms === 0 ? 'now' : localTime(freshness.visible_through);
  const read = `${countText(cost.rows_read)} rows, ${bytesText(cost.bytes_read)} read in ${durationText(cost.elapsed_ms)}`;
  output.note(output.colours.dim(`up to ${through} · ${read}`));
  if (gaps.length === 0) return;
  const missing = gaps.reduce((sum, { from, to }) => sum + to - from + 1, 0);
  output.note(output.colours.warning(`${plural(missing, 'record')} of this time did not arrive`));
}
