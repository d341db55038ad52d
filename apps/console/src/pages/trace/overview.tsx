/** The whole trace in 48 pixels, on a canvas: where it is dense, where it failed. Dragging chooses what fills the width. */
import type { TraceAnswer } from '@sillok/api';
import { useEffect, useRef, useState, type PointerEvent, type ReactElement } from 'react';
import { say } from '../../words/dictionary.js';
import { traceWords } from '../../words/trace.js';
import { hueOf, msOf } from './rows.js';
import type { Window } from './waterfall.js';

const HEIGHT = 48;
/** A drag shorter than this part of the width is a click. */
const CLICK_SHARE = 0.005;

interface OverviewProps {
  readonly trace: TraceAnswer;
  readonly whole: Window;
  readonly window: Window;
  readonly onWindow: (window: Window) => void;
}

export function Overview({ trace, whole, window, onWindow }: OverviewProps): ReactElement {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [drag, setDrag] = useState<Window>();
  const words = say(traceWords);
  useEffect(() => {
    const place = canvas.current;
    if (place === null) return undefined;
    const watcher = new ResizeObserver(() => draw(place, trace, whole));
    watcher.observe(place);
    return () => watcher.disconnect();
  }, [trace, whole]);

  const at = (event: PointerEvent): number => {
    const box = event.currentTarget.getBoundingClientRect();
    const part = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
    return whole.from + part * (whole.to - whole.from);
  };
  const onUp = (): void => {
    if (drag === undefined) return;
    const [from, to] = [Math.min(drag.from, drag.to), Math.max(drag.from, drag.to)];
    setDrag(undefined);
    if (to - from > (whole.to - whole.from) * CLICK_SHARE) onWindow({ from, to });
  };
  const seen = drag ?? window;
  const percent = (ms: number): number => ((ms - whole.from) / Math.max(1e-6, whole.to - whole.from)) * 100;
  const [left, right] = [percent(Math.min(seen.from, seen.to)), percent(Math.max(seen.from, seen.to))];
  return (
    <div
      className="overview"
      title={words.overview}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        setDrag({ from: at(event), to: at(event) });
      }}
      onPointerMove={(event) => {
        // Read while the event is being told: by the time that the state is changed it belongs to no element any more.
        const to = at(event);
        setDrag((now) => (now === undefined ? now : { from: now.from, to }));
      }}
      onPointerUp={onUp}
      onDoubleClick={() => onWindow(whole)}
    >
      <canvas ref={canvas} height={HEIGHT} role="img" aria-label={words.overview} />
      <span className="overview-off" style={{ left: 0, width: `${left}%` }} />
      <span className="overview-off" style={{ left: `${right}%`, right: 0 }} />
    </div>
  );
}

function draw(canvas: HTMLCanvasElement, trace: TraceAnswer, whole: Window): void {
  const ratio = devicePixelRatio;
  const width = canvas.clientWidth;
  canvas.width = width * ratio;
  canvas.height = HEIGHT * ratio;
  const pen = canvas.getContext('2d');
  if (pen === null) return;
  pen.scale(ratio, ratio);
  const isDark = matchesDark();
  const origin = msOf(trace.start);
  const scale = width / Math.max(1e-6, whole.to - whole.from);
  const step = Math.min(4, (HEIGHT - 4) / Math.max(1, trace.nodes.length));
  for (const [index, node] of trace.nodes.entries()) {
    const x = (msOf(node.start) - origin - whole.from) * scale;
    const hue = hueOf(node.service);
    pen.fillStyle = node.failed ? (isDark ? '#e8685d' : '#d0453b') : `hsl(${hue} 45% ${isDark ? 55 : 55}%)`;
    pen.fillRect(x, 2 + index * step, Math.max(1, node.duration_ms * scale), Math.max(0.6, step * 0.8));
  }
}

function matchesDark(): boolean {
  const theme = document.documentElement.dataset['theme'];
  return theme === 'dark' || (theme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
}
