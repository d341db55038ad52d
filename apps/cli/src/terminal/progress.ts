/**
 * How far a long command has come, on standard error: a bar on a terminal, a line now and then elsewhere, nothing with
 * `--json`. It repaints by its own clock, so that it costs nothing per record.
 */
import type { TextStream } from '../io.js';
import { PROGRESS_FRAME_MS, PROGRESS_LINE_MS } from '../limits.js';
import { bytesText } from './amounts.js';
import { safeLine } from './safe-text.js';
import { fit } from './width.js';

export interface Progress {
  /** `total` 0: not known. */
  update(state: {
    readonly label: string;
    readonly done: number;
    readonly total: number;
    readonly note: string;
  }): void;
  /** Removes the bar. */
  end(): void;
}

export interface ProgressOptions {
  readonly stream: TextStream;
  readonly quiet: boolean;
  readonly nowMs?: () => number;
}

const BAR_CELLS = 24;

export function createProgress(options: ProgressOptions): Progress {
  const { stream, quiet, nowMs = Date.now } = options;
  const isTerminal = stream.isTTY === true;
  const intervalMs = isTerminal ? PROGRESS_FRAME_MS : PROGRESS_LINE_MS;
  let lastMs = isTerminal ? 0 : nowMs();
  let painted = false;

  return {
    update(state) {
      if (quiet || nowMs() - lastMs < intervalMs) return;
      lastMs = nowMs();
      const line = fit(lineOf(state, isTerminal), (stream.columns ?? 100) - 1);
      stream.write(isTerminal ? `\r\u001b[2K${line}` : `${line}\n`);
      painted = true;
    },
    end() {
      if (painted && isTerminal) stream.write('\r\u001b[2K');
      painted = false;
    },
  };
}

function lineOf(state: Parameters<Progress['update']>[0], withBar: boolean): string {
  const { label, done, total, note } = state;
  const share = total > 0 ? Math.min(1, done / total) : 0;
  const filled = Math.round(share * BAR_CELLS);
  const percent = String(Math.round(share * 100)).padStart(3);
  const bar = `${'█'.repeat(filled)}${'░'.repeat(BAR_CELLS - filled)} ${percent} %`;
  const known = total > 0 ? `${bytesText(done)} of ${bytesText(total)}` : bytesText(done);
  return [...(withBar && total > 0 ? [bar] : []), safeLine(label), known, note].join('  ');
}
