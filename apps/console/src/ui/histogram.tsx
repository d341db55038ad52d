/** Records over time, stacked by level. Drag over it to choose a range; plain SVG, drawn in one pass. */
import { useRef, useState, type PointerEvent, type ReactElement } from 'react';
import type { HistogramPage as Data } from '@sillok/api';
import { formatMoment, formatNumber } from './format.js';

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;
const HEIGHT = 64;

export function Histogram(props: {
  data: Data;
  label: string;
  onRange: (from: string, to: string) => void;
}): ReactElement | null {
  const { data, label, onRange } = props;
  const place = useRef<SVGSVGElement>(null);
  const [drag, setDrag] = useState<readonly [number, number]>();
  const { buckets } = data;
  if (buckets.length < 2) return null;
  const highest = Math.max(1, ...buckets.map((bucket) => bucket.count));

  const indexAt = (event: PointerEvent): number => {
    const box = place.current?.getBoundingClientRect();
    if (box === undefined) return 0;
    const share = (event.clientX - box.left) / box.width;
    return Math.min(buckets.length - 1, Math.max(0, Math.floor(share * buckets.length)));
  };
  const onUp = (event: PointerEvent): void => {
    if (drag === undefined) return;
    const [first, last] = [drag[0], indexAt(event)].toSorted((a, b) => a - b);
    setDrag(undefined);
    const from = buckets[first ?? 0]?.time;
    const step = Date.parse(buckets[1]?.time ?? '') - Date.parse(buckets[0]?.time ?? '');
    const end = buckets[last ?? 0]?.time;
    if (from !== undefined && end !== undefined)
      onRange(from, new Date(Date.parse(end) + step).toISOString());
  };

  const [low, high] = drag === undefined ? [0, -1] : drag.toSorted((a, b) => a - b);
  return (
    <svg
      ref={place}
      className="histogram"
      role="img"
      aria-label={label}
      viewBox={`0 0 ${buckets.length} ${HEIGHT}`}
      preserveAspectRatio="none"
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        setDrag([indexAt(event), indexAt(event)]);
      }}
      onPointerMove={(event) => setDrag((now) => (now === undefined ? now : [now[0], indexAt(event)]))}
      onPointerUp={onUp}
    >
      {drag !== undefined && (
        <rect className="chosen" x={low} width={(high ?? 0) - (low ?? 0) + 1} y={0} height={HEIGHT} />
      )}
      {buckets.map((bucket, index) => (
        <Bar key={bucket.time} x={index} highest={highest} bucket={bucket} />
      ))}
    </svg>
  );
}

function Bar(props: { x: number; highest: number; bucket: Data['buckets'][number] }): ReactElement {
  const { x, highest, bucket } = props;
  let base = HEIGHT;
  return (
    <g>
      <title>{`${formatMoment(bucket.time)} · ${formatNumber(bucket.count)}`}</title>
      <rect className="hit" x={x} y={0} width={1} height={HEIGHT} />
      {LEVELS.map((level) => {
        const count = bucket.by?.[level] ?? 0;
        if (count === 0) return null;
        // A single error among a million must still be seen.
        const height = Math.max(1.5, (count / highest) * HEIGHT);
        base -= height;
        return <rect key={level} data-level={level} x={x + 0.08} y={base} width={0.84} height={height} />;
      })}
    </g>
  );
}
